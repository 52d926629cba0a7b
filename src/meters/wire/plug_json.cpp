#include "meters/wire/plug_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace landauer {
namespace {

using Json = nlohmann::json;

constexpr double kMost_w = 100'000.0;      // no socket gives more
constexpr double kMost_wh = 1e12;          // nor has counted more
constexpr std::size_t kMostBytes = 65536;  // a plug's answer has a few hundred

// The member, or null where there is none: nothing here throws.
const Json& member(const Json& object, const char* key) {
    static const Json nothing;
    if (!object.is_object()) {
        return nothing;
    }
    const auto at = object.find(key);
    return at == object.end() ? nothing : *at;
}

// `number` x 1000 as an integer; empty for what is no number, negative or absurd.
std::optional<std::int64_t> thousandths(const Json& number, double most) {
    if (!number.is_number()) {
        return std::nullopt;
    }
    const auto value = number.get<double>();
    if (!(value >= 0.0 && value <= most)) {
        return std::nullopt;
    }
    return std::llround(value * 1000.0);
}

// Tasmota gives a list where it meters several sockets.
std::optional<std::int64_t> sum_of_thousandths(const Json& numbers, double most) {
    if (!numbers.is_array() || numbers.empty()) {
        return thousandths(numbers, most);
    }
    std::int64_t sum = 0;
    for (const Json& number : numbers) {
        const auto value = thousandths(number, most);
        if (!value || sum > std::llround(most * 1000.0)) {
            return std::nullopt;
        }
        sum += *value;
    }
    return sum;
}

Json parse(std::string_view text) { return text.size() > kMostBytes ? Json() : Json::parse(text, nullptr, false); }

std::optional<PlugReading> reading(std::optional<std::int64_t> milliwatts, std::optional<std::int64_t> energy_mwh) {
    return milliwatts ? std::optional(PlugReading{*milliwatts, energy_mwh}) : std::nullopt;
}

}  // namespace

std::optional<PlugReading> parse_shelly_rpc(std::string_view json) {
    const Json answer = parse(json);
    return reading(thousandths(member(answer, "apower"), kMost_w),
                   thousandths(member(member(answer, "aenergy"), "total"), kMost_wh));
}

std::optional<PlugReading> parse_shelly_status(std::string_view json) {
    const Json answer = parse(json);
    const Json& meters = member(answer, "meters");
    if (!meters.is_array() || meters.empty() || member(meters[0], "is_valid") == false) {
        return std::nullopt;
    }
    // The first generation counts watt-minutes.
    auto energy = thousandths(member(meters[0], "total"), kMost_wh);
    if (energy) {
        *energy /= 60;
    }
    return reading(thousandths(member(meters[0], "power"), kMost_w), energy);
}

std::optional<PlugReading> parse_tasmota(std::string_view json) {
    const Json answer = parse(json);
    const Json& energy = member(member(answer, "StatusSNS"), "ENERGY");
    auto total = thousandths(member(energy, "Total"), kMost_wh);  // kWh x 1000 = Wh
    if (total) {
        *total *= 1000;
    }
    return reading(sum_of_thousandths(member(energy, "Power"), kMost_w), total);
}

}  // namespace landauer
