#include "meters/wire/watts_line.h"

#include <array>
#include <cmath>
#include <utility>

#include "meters/wire/time_text.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr double kMost_w = 1e6;

struct Unit {
    std::string_view name;
    double watts;
};
constexpr std::array<Unit, 5> kUnits = {{{"mW", 1e-3}, {"uW", 1e-6}, {"\xC2\xB5W", 1e-6}, {"kW", 1e3}, {"W", 1.0}}};

// Takes a unit off the end; 1 where there is none.
double take_unit(std::string_view& text) noexcept {
    for (const Unit& unit : kUnits) {
        if (text.ends_with(unit.name)) {
            text = trim(text.substr(0, text.size() - unit.name.size()));
            return unit.watts;
        }
    }
    return 1.0;
}

}  // namespace

std::optional<std::int64_t> parse_watts_line(std::string_view line) noexcept {
    std::string_view rest = trim(line);
    const double unit = take_unit(rest);
    std::string_view first = next_word(rest);
    std::string_view second = trim(rest);
    if (second.empty()) {
        std::swap(first, second);  // no time
    }
    const auto value = wire::parse_number(second);
    if (!value || (!first.empty() && !wire::parse_number(first))) {
        return std::nullopt;
    }
    const double watts = *value * unit;
    if (!(watts >= 0.0 && watts <= kMost_w)) {
        return std::nullopt;
    }
    return std::llround(watts * 1e6);
}

}  // namespace landauer
