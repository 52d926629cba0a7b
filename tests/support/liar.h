// A server on this machine that answers as a test tells it to: rightly, slowly, in pieces, with
// garbage, half, or not at all.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace landauer::testing {

// One caller of the server, already connected; its request has been read.
class Caller {
   public:
    Caller(int descriptor, const std::atomic<bool>& stopping) : descriptor_(descriptor), stopping_(stopping) {}

    [[nodiscard]] const std::string& request() const { return request_; }
    // With its body: a caller would lose the answer of a server that hangs up on unread bytes.
    void read_request() {
        char buffer[1024];
        while (!is_whole() && wait_for_input()) {
            const ssize_t got = ::recv(descriptor_, buffer, sizeof buffer, 0);
            if (got <= 0) {
                return;
            }
            request_.append(buffer, static_cast<std::size_t>(got));
        }
    }
    // False once the caller has hung up or the server stops.
    bool send(const std::string& text) const {
        return !stopping_ && ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) >= 0;
    }
    void answer(const std::string& body, int status = 200) const {
        send("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    // Until the caller hangs up or the server stops.
    void say_nothing() const {
        char one = 0;
        while (wait_for_input() && ::recv(descriptor_, &one, 1, 0) > 0) {
        }
    }
    // The same byte again and again, slowly, until the caller hangs up or the server stops.
    void drip(char byte) const {
        while (send(std::string(1, byte))) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

   private:
    [[nodiscard]] bool is_whole() const {
        const std::size_t end = request_.find("\r\n\r\n");
        const std::size_t length = request_.find("Content-Length: ");
        return end != std::string::npos &&
               (length > end || request_.size() >= end + 4 + std::stoul(request_.substr(length + 16)));
    }
    [[nodiscard]] bool wait_for_input() const {
        while (!stopping_) {
            pollfd waiting{descriptor_, POLLIN, 0};
            if (::poll(&waiting, 1, 20) > 0) {
                return true;
            }
        }
        return false;
    }

    int descriptor_;
    const std::atomic<bool>& stopping_;
    std::string request_;
};

class Liar {
   public:
    using Script = std::function<void(Caller&)>;

    explicit Liar(Script script) : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        void* const any = &address;
        EXPECT_EQ(::bind(listener_, static_cast<sockaddr*>(any), size), 0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        EXPECT_EQ(::getsockname(listener_, static_cast<sockaddr*>(any), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    Liar(const Liar&) = delete;
    Liar& operator=(const Liar&) = delete;
    Liar(Liar&&) = delete;
    Liar& operator=(Liar&&) = delete;
    ~Liar() {
        stopping_ = true;
        thread_.join();
        ::close(listener_);
    }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    // From the next caller on.
    void now_do(Script script) {
        const std::scoped_lock lock(guard_);
        script_ = std::move(script);
    }

   private:
    void serve() {
        while (!stopping_) {
            pollfd waiting{listener_, POLLIN, 0};
            if (::poll(&waiting, 1, 20) <= 0) {
                continue;
            }
            const int descriptor = ::accept(listener_, nullptr, nullptr);
            Script script;
            {
                const std::scoped_lock lock(guard_);
                script = script_;
            }
            Caller caller(descriptor, stopping_);
            caller.read_request();
            script(caller);
            ::close(descriptor);
        }
    }

    std::mutex guard_;
    Script script_;
    int listener_;
    int port_ = 0;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace landauer::testing
