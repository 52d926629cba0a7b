#include "platform/http_get.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <httplib.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include "platform/http_watchdog.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 16U;

std::optional<int> parse_port(std::string_view text) noexcept {
    const auto port = parse_integer(text);
    return port && *port > 0 && *port <= 65535 ? std::optional(static_cast<int>(*port)) : std::nullopt;
}

bool is_host(std::string_view host) noexcept {
    return !host.empty() && host.size() < 256 &&
           host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%") ==
               std::string_view::npos;
}

}  // namespace

Result<HttpPeer> http_peer_from(std::string_view text) {
    std::string_view rest = trim(text);
    constexpr std::string_view kScheme = "http://";
    rest.remove_prefix(rest.starts_with(kScheme) ? kScheme.size() : 0);
    rest.remove_suffix(rest.ends_with('/') ? 1 : 0);
    std::string_view host = rest;
    std::string_view port;
    if (const std::size_t bracket = rest.find(']'); rest.starts_with('[') && bracket != std::string_view::npos) {
        host = rest.substr(1, bracket - 1);
        port = rest.substr(bracket + 1);
    } else if (std::count(rest.begin(), rest.end(), ':') == 1) {
        host = rest.substr(0, rest.find(':'));
        port = rest.substr(rest.find(':'));
    }
    const auto number = port.empty() ? std::optional(80) : parse_port(port.substr(1));
    if (!is_host(host) || !number || (!port.empty() && port.front() != ':')) {
        return fail(ErrorKind::Invalid, fmt::format("'{}' is no host, nor a host and a port.", text),
                    "Write it like 192.168.1.20, plug.local or plug.local:8080; https is not spoken.");
    }
    return HttpPeer{std::string(host), *number};
}

Result<std::unique_ptr<HttpGet>> HttpGet::open(const HttpPeer& peer) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int status = ::getaddrinfo(peer.host.c_str(), nullptr, &wanted, &found);
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    std::array<char, NI_MAXHOST> address{};
    if (status != 0 || ::getnameinfo(found->ai_addr, found->ai_addrlen, address.data(), address.size(), nullptr, 0,
                                     NI_NUMERICHOST) != 0) {
        return fail(ErrorKind::Absent, fmt::format("There is no host called {}.", peer.host),
                    "Check the name, or give the address that your router shows for the plug.");
    }
    return std::unique_ptr<HttpGet>(new HttpGet(address.data(), peer.port));
}

HttpGet::HttpGet(std::string address, int port) : address_(std::move(address)), port_(port) {}
HttpGet::~HttpGet() = default;

std::optional<std::string> HttpGet::try_get(const std::string& path, int timeout_ms) {
    httplib::Client client(address_, port_);
    const auto timeout = std::chrono::milliseconds(timeout_ms);
    client.set_connection_timeout(timeout);
    client.set_read_timeout(timeout);
    client.set_write_timeout(timeout);
    client.set_decompress(false);
    client.set_keep_alive(false);
    const HttpWatchdog watchdog(client, timeout_ms);
    std::string body;
    const auto add = [&](const char* data, std::size_t size) {
        const bool fits = size <= kMostBytes - body.size();
        body.append(data, fits ? size : 0);
        return fits;
    };
    const auto answer = client.Get(path, add);
    if (!answer) {
        why_ = httplib::to_string(answer.error());
        return std::nullopt;
    }
    if (answer->status != 200) {
        why_ = fmt::format("status {}", answer->status);
        return std::nullopt;
    }
    why_.clear();
    return body;
}

std::optional<std::string> HttpGet::get(const std::string& path, int timeout_ms) noexcept {
    try {
        return try_get(path, timeout_ms);
    } catch (const std::exception&) {
        return std::nullopt;  // out of memory or threads: no answer either
    }
}

}  // namespace landauer
