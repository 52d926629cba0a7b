#include "meters/pmic_text.h"

#include <algorithm>
#include <cmath>

#include "platform/text.h"

namespace landauer {
namespace {

// Beyond what such a board can hold: a garbled number.
constexpr double kMost = 100.0;

// The number in "current(7)=10.8A" with the unit 'A'.
std::optional<double> parse_value(std::string_view text, char unit) noexcept {
    const std::size_t equals = text.find('=');
    text = trim(text);
    if (equals == std::string_view::npos || !text.ends_with(unit)) {
        return std::nullopt;
    }
    text.remove_suffix(1);
    const auto value = parse_real(text.substr(text.find('=') + 1));
    return value && *value >= 0.0 && *value <= kMost ? value : std::nullopt;
}

void take_line(std::string_view line, PmicReading& reading) noexcept {
    std::string_view rest = line;
    std::string_view name = next_word(rest);
    if (!name.ends_with("_A") && !name.ends_with("_V")) {
        return;
    }
    const char unit = name.back();
    name.remove_suffix(2);
    const auto* const at = std::find(kPmicRails.begin(), kPmicRails.end(), name);
    if (at != kPmicRails.end()) {
        const auto i = static_cast<std::size_t>(at - kPmicRails.begin());
        (unit == 'A' ? reading.ampere : reading.volt)[i] = parse_value(rest, unit);
    }
}

}  // namespace

PmicReading parse_pmic_adc(std::string_view reply) noexcept {
    PmicReading reading;
    while (!reply.empty()) {
        take_line(next_line(reply), reading);
    }
    return reading;
}

std::optional<std::int64_t> pmic_power_uw(const PmicReading& reading) noexcept {
    double sum_w = 0.0;
    for (std::size_t i = 0; i < kPmicRails.size(); ++i) {
        const auto& volt = reading.volt[i];
        const auto& ampere = reading.ampere[i];
        if (!volt || !ampere) {
            return std::nullopt;
        }
        sum_w += *volt * *ampere;
    }
    return std::llround(sum_w * 1e6);
}

std::int64_t pmic_wall_fit_uw(std::int64_t pmic_uw) noexcept {
    constexpr double kSlope = 1.1451;
    constexpr double kOffset_uw = 0.5879e6;
    return std::llround(kSlope * static_cast<double>(pmic_uw) + kOffset_uw);
}

}  // namespace landauer
