// One HTTP request after another to one peer, each within a time.
#pragma once

#include <landauer/error.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace landauer {

struct HttpPeer {
    std::string host;
    int port = 80;
};
// "HOST", "HOST:PORT", "[V6]:PORT", also with http:// before it. Invalid for anything else, https too.
[[nodiscard]] Result<HttpPeer> http_peer_from(std::string_view text);

class HttpGet {
   public:
    // Looks the name up now, since that may take long and cannot be hurried. Absent when nobody has that name.
    [[nodiscard]] static Result<std::unique_ptr<HttpGet>> open(const HttpPeer& peer);
    HttpGet(const HttpGet&) = delete;
    HttpGet& operator=(const HttpGet&) = delete;
    HttpGet(HttpGet&&) = delete;
    HttpGet& operator=(HttpGet&&) = delete;
    ~HttpGet();

    // The body of an answer of status 200; empty for anything else, for one above 64 KiB, and after `timeout_ms`
    // however slowly the peer drips.
    [[nodiscard]] std::optional<std::string> get(const std::string& path, int timeout_ms) noexcept;
    // What went wrong last, for people: "no answer in time", "status 401".
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

   private:
    HttpGet(std::string address, int port);
    std::optional<std::string> try_get(const std::string& path, int timeout_ms);

    std::string address_;
    int port_;
    std::string why_;
};

}  // namespace landauer
