// A serial line with somebody at its other end who may lie, stall, or leave.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace landauer::testing {

class PtyPeer {
   public:
    using Packet = std::vector<std::uint8_t>;
    // What the peer does with each thing it is told; it writes by say() and leaves by returning false.
    using Answer = std::function<bool(PtyPeer& peer, const Packet& said)>;

    explicit PtyPeer(Answer answer) : answer_(std::move(answer)) {
        int slave = -1;
        char name[128] = {};
        EXPECT_EQ(::openpty(&master_, &slave, name, nullptr, nullptr), 0);
        ::close(slave);
        name_ = name;
        thread_ = std::thread([this] { listen(); });
    }
    PtyPeer(const PtyPeer&) = delete;
    PtyPeer& operator=(const PtyPeer&) = delete;
    PtyPeer(PtyPeer&&) = delete;
    PtyPeer& operator=(PtyPeer&&) = delete;
    ~PtyPeer() {
        stop_ = true;
        thread_.join();
        leave();
    }

    [[nodiscard]] const std::string& name() const { return name_; }
    void say(const Packet& packet, std::size_t begin = 0, std::size_t end = static_cast<std::size_t>(-1)) const {
        end = std::min(end, packet.size());
        EXPECT_EQ(::write(master_, packet.data() + begin, end - begin), static_cast<ssize_t>(end - begin));
    }

   private:
    void listen() {
        while (!stop_) {
            pollfd waiting{master_, POLLIN, 0};
            // While nobody has the line open it is hung up; somebody may come.
            if (::poll(&waiting, 1, 10) <= 0 || (waiting.revents & POLLIN) == 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                continue;
            }
            Packet said(256);
            const ssize_t got = ::read(master_, said.data(), said.size());
            said.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
            if (!said.empty() && !answer_(*this, said)) {
                leave();
                return;
            }
        }
    }
    void leave() {
        if (master_ >= 0) {
            ::close(master_);
            master_ = -1;
        }
    }

    Answer answer_;
    int master_ = -1;
    std::string name_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

}  // namespace landauer::testing
