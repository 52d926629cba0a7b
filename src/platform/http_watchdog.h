// Ends a request that takes too long as a whole, or that nobody waits for any more.
#pragma once

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace landauer {

// The library's own time-outs are for each packet, and a peer that drips never meets them. `abort` is polled on
// this object's own thread; empty: only the time counts.
class HttpWatchdog {
   public:
    HttpWatchdog(httplib::Client& client, int timeout_ms, std::function<bool()> abort = {})
        : abort_(std::move(abort)),
          thread_([this, &client, timeout_ms] { watch(client, std::chrono::milliseconds(timeout_ms)); }) {}
    HttpWatchdog(const HttpWatchdog&) = delete;
    HttpWatchdog& operator=(const HttpWatchdog&) = delete;
    HttpWatchdog(HttpWatchdog&&) = delete;
    HttpWatchdog& operator=(HttpWatchdog&&) = delete;
    ~HttpWatchdog() {
        {
            const std::lock_guard lock(guard_);
            done_ = true;
        }
        signal_.notify_one();
        thread_.join();
    }

   private:
    void watch(httplib::Client& client, std::chrono::milliseconds timeout) {
        constexpr auto kStep = std::chrono::milliseconds(50);
        const auto end = std::chrono::steady_clock::now() + timeout;
        std::unique_lock lock(guard_);
        const auto patience = [&] {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            return abort_ ? kStep : std::max(left, kStep);
        };
        while (!signal_.wait_for(lock, patience(), [this] { return done_; })) {
            // Again and again: there may have been no connection yet to stop.
            if (std::chrono::steady_clock::now() >= end || (abort_ && abort_())) {
                client.stop();
            }
        }
    }

    std::function<bool()> abort_;
    std::mutex guard_;
    std::condition_variable signal_;
    bool done_ = false;
    std::thread thread_;
};

}  // namespace landauer
