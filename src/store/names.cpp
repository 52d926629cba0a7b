#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>

#include "store/impl.h"

namespace landauer {

std::string to_json_text(const std::map<std::string, std::string>& facts) {
    return nlohmann::json(facts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::map<std::string, std::string> facts_from_json(const std::string& text) {
    return nlohmann::json::parse(text).get<std::map<std::string, std::string>>();
}

std::string random_uuid() {
    std::random_device device;
    std::array<std::uint32_t, 4> words{};
    for (std::uint32_t& word : words) {
        word = device();
    }
    words[1] = (words[1] & 0xFFFF0FFFU) | 0x00004000U;  // version 4: random
    words[2] = (words[2] & 0x3FFFFFFFU) | 0x80000000U;  // variant of RFC 4122
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16U, words[1] & 0xFFFFU,
                       words[2] >> 16U, words[2] & 0xFFFFU, words[3]);
}

std::string_view name(Severity severity) {
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::warning:
            return "warning";
        case Severity::spoiled:
            return "spoiled";
    }
    return "warning";
}

Severity severity_from_name(std::string_view text) {
    if (text == "note") {
        return Severity::note;
    }
    return text == "spoiled" ? Severity::spoiled : Severity::warning;
}

std::string_view name(ChannelKind kind) { return kind == ChannelKind::counter ? "counter" : "gauge"; }

ChannelKind channel_kind_from_name(std::string_view text) {
    return text == "counter" ? ChannelKind::counter : ChannelKind::gauge;
}

}  // namespace landauer
