#include "platform/http_post.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <exception>
#include <string>
#include <utility>

#include "platform/http_get.h"
#include "platform/http_watchdog.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 24U;
constexpr int kConnect_ms = 20'000;
constexpr int kHttps = 443;

bool has_blank_or_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
}

std::string server_of(const HttpUrl& url) {
    const bool is_v6 = url.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", url.is_https ? "https" : "http", is_v6 ? "[" : "", url.host, is_v6 ? "]" : "",
                       url.port);
}

void set_up(httplib::Client& client, int timeout_ms) {
    client.set_connection_timeout(std::chrono::milliseconds(std::min(timeout_ms, kConnect_ms)));
    client.set_read_timeout(std::chrono::milliseconds(timeout_ms));
    client.set_write_timeout(std::chrono::milliseconds(timeout_ms));
    client.set_follow_location(false);
    client.set_keep_alive(false);
}

httplib::Request request_of(const HttpPostSettings& settings, const std::string& body) {
    httplib::Request request;
    request.method = "POST";
    request.path = settings.url.path.empty() ? "/" : settings.url.path;
    request.body = body;
    request.set_header("Content-Type", "application/json");
    request.set_header("Accept", "application/json");
    if (!settings.key.empty()) {
        request.set_header("Authorization", "Bearer " + settings.key);
    }
    return request;
}

bool is_about_trust(httplib::Error error) {
    return error == httplib::Error::SSLServerVerification || error == httplib::Error::SSLLoadingCerts;
}

HttpAnswer post(const HttpPostSettings& settings, const std::string& body, const std::function<bool()>& abort) {
    HttpAnswer out;
    httplib::Client client(server_of(settings.url));
    if (!client.is_valid()) {
        out.end = HttpEnd::not_spoken;
        return out;
    }
    set_up(client, settings.timeout_ms);
    httplib::Request request = request_of(settings, body);
    bool too_long = false;
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
        too_long = size > kMostBytes - out.body.size();
        out.body.append(data, too_long ? 0 : size);
        return !too_long;
    };
    const auto started = std::chrono::steady_clock::now();
    const auto answer = [&] {
        const HttpWatchdog watchdog(client, settings.timeout_ms, abort);
        return client.send(request);
    }();
    if (answer) {
        out.end = HttpEnd::answered;
        out.status = answer->status;
        out.retry_after_s = retry_after_s(answer->get_header_value("Retry-After"), std::time(nullptr));
        return out;
    }
    out.body.clear();
    if (abort && abort()) {
        out.end = HttpEnd::interrupted;
        return out;
    }
    const bool late = std::chrono::steady_clock::now() - started >= std::chrono::milliseconds(settings.timeout_ms);
    out.end = is_about_trust(answer.error()) ? HttpEnd::not_trusted : HttpEnd::no_answer;
    out.why = too_long ? "more than 16 MiB" : late ? "no whole answer in time" : httplib::to_string(answer.error());
    return out;
}

}  // namespace

std::string HttpUrl::host_words() const {
    const bool is_usual = port == (is_https ? kHttps : 80);
    return is_usual ? host : fmt::format("{}:{}", host, port);
}

bool HttpUrl::is_this_machine() const { return host == "localhost" || host == "::1" || host.starts_with("127."); }

Result<HttpUrl> http_url_from(std::string_view text) {
    constexpr std::string_view kHttpsScheme = "https://";
    constexpr std::string_view kHttpScheme = "http://";
    std::string_view rest = trim(text);
    HttpUrl url;
    url.is_https = rest.starts_with(kHttpsScheme);
    rest.remove_prefix(url.is_https ? kHttpsScheme.size() : rest.starts_with(kHttpScheme) ? kHttpScheme.size() : 0);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    url.path = rest.substr(slash);
    while (url.path.ends_with('/')) {
        url.path.pop_back();
    }
    const std::string_view place = rest.substr(0, slash);
    auto peer = http_peer_from(place);
    // What stands before an @ may be a password: it is not repeated here.
    if (!peer || rest.find('@') != std::string_view::npos || has_blank_or_control(rest) ||
        rest.find_first_of("?#") != std::string_view::npos) {
        return fail(ErrorKind::Invalid, "The endpoint's address is none that can be asked.",
                    "Write it like http://127.0.0.1:8080 or https://api.example.org/v1, without user, password or "
                    "query; a key comes from the environment.");
    }
    url.host = std::move(peer->host);
    // Where no port stands behind the host, the peer's is that of http.
    const bool is_bracketed = place.starts_with('[');
    const bool has_port =
        is_bracketed ? place.find("]:") != std::string_view::npos : std::count(place.begin(), place.end(), ':') == 1;
    url.port = has_port ? peer->port : url.is_https ? kHttps : 80;
    return url;
}

std::optional<double> retry_after_s(std::string_view text, std::int64_t now_utc_s) {
    if (const auto seconds = parse_real(text); seconds) {
        return *seconds >= 0.0 ? seconds : std::nullopt;
    }
    std::tm date{};
    const std::string whole(trim(text));
    const char* const end = ::strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    return std::max(0.0, static_cast<double>(::timegm(&date) - now_utc_s));
}

HttpAnswer http_post_json(const HttpPostSettings& settings, const std::string& body,
                          const std::function<bool()>& abort) noexcept {
    try {
        return post(settings, body, abort);
    } catch (const std::invalid_argument&) {
        HttpAnswer answer;
        answer.end = HttpEnd::not_spoken;
        return answer;
    } catch (const std::exception&) {
        return {};  // out of memory or threads: no answer either
    }
}

}  // namespace landauer
