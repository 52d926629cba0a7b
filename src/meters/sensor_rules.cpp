#include "meters/sensor_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <string>

#include "meters/rapl_names.h"
#include "platform/text.h"

namespace landauer {
namespace {

// The shunts of measuring boards are of 1 % as a rule; chips know nothing of them.
constexpr double kShunt = 0.01;

struct ChipAccuracy {
    std::string_view chip;
    double of_power;  // the greatest errors of voltage and of current that its data sheet allows, added
};
// Texas Instruments' data sheets: INA219 (SBOS448) 0.5 % + 0.5 %, INA226 (SBOS547) 0.1 % + 0.1 %,
// INA3221 (SBOS576) 0.25 % + 0.25 %, each at 25 degC.
constexpr std::array kChips = {
    ChipAccuracy{"ina219", 0.01},
    ChipAccuracy{"ina220", 0.01},
    ChipAccuracy{"ina226", 0.002},
    ChipAccuracy{"ina3221", 0.005},
};

constexpr std::array<std::string_view, 4> kGraphics = {"amdgpu", "nouveau", "i915", "xe"};
// The supply of the whole module, as NVIDIA's boards name it.
constexpr std::array<std::string_view, 2> kModuleInput = {"VDD_IN", "POM_5V_IN"};

template <class List>
bool is_one_of(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool says_total(std::string_view label) {
    std::string lower(label);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower.find("total") != std::string::npos;
}

}  // namespace

double chip_accuracy(std::string_view chip) {
    const auto* const found =
        std::find_if(kChips.begin(), kChips.end(), [&](const ChipAccuracy& entry) { return entry.chip == chip; });
    return found == kChips.end() ? 0.0 : found->of_power + kShunt;
}

double parse_stated_accuracy(std::string_view text) {
    text = trim(text);
    if (!text.ends_with('%')) {
        return 0.0;
    }
    text.remove_suffix(1);
    const double percent = parse_real(text).value_or(100.0);
    return percent > 0.0 && percent < 100.0 ? 1.0 - percent / 100.0 : 0.0;
}

int amd_number(std::string_view label, std::string_view word) {
    if (!label.starts_with(word)) {
        return -1;
    }
    const auto number = parse_integer(label.substr(word.size()));
    return number && *number >= 0 && *number <= std::numeric_limits<int>::max() ? static_cast<int>(*number) : -1;
}

Rail sensor_rail(std::string_view chip, std::string_view label, int chip_number) {
    Rail rail{RailKind::part};
    rail.accuracy = chip_accuracy(chip);
    if (chip == "powerz") {
        rail.kind = RailKind::dc_input;
    } else if (chip == "amd_energy" && amd_number(label, "Esocket") >= 0) {
        rail.kind = RailKind::package;
        rail.index = amd_number(label, "Esocket");
        rail.period_s = kRaplPeriod_s;
    } else if (chip == "amd_energy" && amd_number(label, "Ecore") >= 0) {
        rail.kind = RailKind::core;
        rail.period_s = kRaplPeriod_s;
    } else if (is_one_of(kGraphics, chip)) {
        rail.kind = RailKind::device;
        rail.index = chip_number;
    } else if (chip == "power_meter" || is_one_of(kModuleInput, label) || says_total(label)) {
        rail.kind = RailKind::board;
    }
    return rail;
}

}  // namespace landauer
