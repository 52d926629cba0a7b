// One JSON request and its answer, over http or https, within a time.
#pragma once

#include <landauer/error.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace landauer {

struct HttpUrl {
    bool is_https = false;
    std::string host;
    int port = 80;
    std::string path;  // "" or from its first slash on, no slash at the end
    // "api.example.org", "127.0.0.1:8080": what may be shown and kept.
    [[nodiscard]] std::string host_words() const;
    [[nodiscard]] bool is_this_machine() const;
};
// "http://HOST[:PORT][/PATH]", https likewise; without a scheme http. Invalid for anything else, also for a user or
// password in it, which would be shown wherever the address is.
[[nodiscard]] Result<HttpUrl> http_url_from(std::string_view text);

enum class HttpEnd : unsigned char {
    answered,     // whole, whatever its status
    no_answer,    // nobody there, silence, half an answer, no HTTP
    not_trusted,  // its certificate is none that this machine trusts
    not_spoken,   // https, by a build without it
    interrupted,
};

struct HttpAnswer {
    HttpEnd end = HttpEnd::no_answer;
    int status = 0;
    std::string body;
    std::optional<double> retry_after_s;  // as the peer asks, from seconds or a date
    std::string why;                      // of no answer, for people
};

// What a caller posts with; the key goes into the Authorization header and nowhere else.
struct HttpPostSettings {
    HttpUrl url;
    std::string key;
    int timeout_ms = 300'000;
};

// Never follows redirections, which would carry the key elsewhere. `abort` is polled every 50 ms.
[[nodiscard]] HttpAnswer http_post_json(const HttpPostSettings& settings, const std::string& body,
                                        const std::function<bool()>& abort) noexcept;

// Seconds from `now_utc_s` (since 1970) of "120" or "Wed, 21 Oct 2026 07:28:00 GMT"; nothing for other text.
[[nodiscard]] std::optional<double> retry_after_s(std::string_view text, std::int64_t now_utc_s);

}  // namespace landauer
