#include "meters/wire/units.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "meters/wire/time_text.h"
#include "platform/text.h"

namespace landauer::wire {
namespace {

constexpr double kMilli = 1e-3;
constexpr double kMicro = 1e-6;
constexpr double kNano = 1e-9;
constexpr double kMegaPerMilli = 1e9;
constexpr double kJoulesPerWh = 3600.0;

struct NamedUnit {
    std::string_view name;
    ValueUnit unit;
};
constexpr std::array kValueUnits = {
    NamedUnit{"w", {1.0, false}},
    NamedUnit{"watt", {1.0, false}},
    NamedUnit{"watts", {1.0, false}},
    NamedUnit{"mw", {kMilli, false}},
    NamedUnit{"milliwatts", {kMilli, false}},
    NamedUnit{"uw", {kMicro, false}},
    NamedUnit{"microwatts", {kMicro, false}},
    NamedUnit{"kw", {1e3, false}},
    NamedUnit{"j", {1.0, true}},
    NamedUnit{"ws", {1.0, true}},
    NamedUnit{"joule", {1.0, true}},
    NamedUnit{"joules", {1.0, true}},
    NamedUnit{"mj", {kMilli, true}},
    NamedUnit{"uj", {kMicro, true}},
    NamedUnit{"kj", {1e3, true}},
    NamedUnit{"wh", {kJoulesPerWh, true}},
    NamedUnit{"mwh", {kMilli * kJoulesPerWh, true}},
    NamedUnit{"kwh", {1e3 * kJoulesPerWh, true}},
};

struct NamedTime {
    std::string_view name;
    double scale;
};
constexpr std::array kTimeUnits = {
    NamedTime{"s", 1.0},
    NamedTime{"sec", 1.0},
    NamedTime{"secs", 1.0},
    NamedTime{"second", 1.0},
    NamedTime{"seconds", 1.0},
    NamedTime{"ms", kMilli},
    NamedTime{"msec", kMilli},
    NamedTime{"milliseconds", kMilli},
    NamedTime{"us", kMicro},
    NamedTime{"usec", kMicro},
    NamedTime{"microseconds", kMicro},
    NamedTime{"ns", kNano},
    NamedTime{"nanoseconds", kNano},
};
constexpr std::array<std::string_view, 8> kTimeNames = {"time",     "t",     "timestamp", "date",
                                                        "datetime", "epoch", "elapsed",   "clock"};
constexpr std::array<std::string_view, 3> kPowerNames = {"power", "p", "apower"};
constexpr std::array<std::string_view, 3> kEnergyNames = {"energy", "e", "consumption"};
// Power that does no work, ratios and levels: "reactive power", "power factor", "power (%)".
constexpr std::array<std::string_view, 12> kNoPower = {"factor", "apparent", "reactive", "state", "status",  "limit",
                                                       "va",     "kva",      "var",      "dbm",   "percent", "%"};

constexpr std::size_t kLongestWord = 16;

// A word in lower case; the Greek and the micro sign's two bytes become 'u'. Empty for long words.
struct Lower {
    std::array<char, kLongestWord> text{};
    std::size_t size = 0;
    [[nodiscard]] std::string_view view() const noexcept { return {text.data(), size}; }
};

Lower lower(std::string_view word) noexcept {
    Lower out;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (out.size == out.text.size()) {
            return {};
        }
        const std::string_view rest = word.substr(i);
        if (rest.starts_with("\xc2\xb5") || rest.starts_with("\xce\xbc")) {
            out.text[out.size++] = 'u';
            ++i;
            continue;
        }
        const char c = word[i];
        out.text[out.size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

template <class Names>
bool contains(const Names& names, std::string_view word) noexcept {
    return std::find(names.begin(), names.end(), word) != names.end();
}

std::optional<double> time_unit(std::string_view word) noexcept {
    const auto found =
        std::find_if(kTimeUnits.begin(), kTimeUnits.end(), [&](const NamedTime& unit) { return unit.name == word; });
    return found == kTimeUnits.end() ? std::nullopt : std::optional(found->scale);
}

// Takes the next run of letters (and signs like the micro sign) off `rest`.
std::string_view next_name(std::string_view& rest) noexcept {
    constexpr std::string_view kBetween = " \t_-/()[]{}.:,\"'0123456789";
    const std::size_t begin = std::min(rest.find_first_not_of(kBetween), rest.size());
    const std::size_t end = std::min(rest.find_first_of(kBetween, begin), rest.size());
    const std::string_view name = rest.substr(begin, end - begin);
    rest.remove_prefix(end);
    return name;
}

struct TitleWords {
    bool time = false;
    bool power = false;
    bool energy = false;
    bool no_power = false;
    std::optional<double> seconds;
    std::optional<ValueUnit> unit;
};

TitleWords words_of(std::string_view title) noexcept {
    TitleWords words;
    for (std::string_view name = next_name(title); !name.empty(); name = next_name(title)) {
        const Lower small = lower(name);
        words.time = words.time || contains(kTimeNames, small.view());
        words.power = words.power || contains(kPowerNames, small.view());
        words.energy = words.energy || contains(kEnergyNames, small.view());
        words.no_power = words.no_power || contains(kNoPower, small.view());
        if (const auto seconds = time_unit(small.view())) {
            words.seconds = seconds;
        }
        if (const auto unit = value_unit(name)) {
            words.unit = unit;
        }
    }
    return words;
}

}  // namespace

std::optional<ValueUnit> value_unit(std::string_view word) noexcept {
    const Lower small = lower(trim(word));
    const auto found = std::find_if(kValueUnits.begin(), kValueUnits.end(),
                                    [&](const NamedUnit& unit) { return unit.name == small.view(); });
    if (found == kValueUnits.end()) {
        return std::nullopt;
    }
    // Lower case made mega and milli the same.
    const bool is_mega = trim(word).starts_with("M") && found->name.front() == 'm' && small.size <= 3;
    return ValueUnit{found->unit.scale * (is_mega ? kMegaPerMilli : 1.0), found->unit.is_energy};
}

std::optional<Quantity> parse_quantity(std::string_view text, ValueUnit otherwise) noexcept {
    text = trim(text);
    if (const auto number = parse_number(text)) {
        return Quantity{*number * otherwise.scale, otherwise.is_energy};
    }
    const std::size_t end = text.find_last_of("0123456789.");
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto number = parse_number(text.substr(0, end + 1));
    const auto unit = value_unit(trim(text.substr(end + 1)));
    if (!number || !unit) {
        return std::nullopt;
    }
    return Quantity{*number * unit->scale, unit->is_energy};
}

ColumnTitle read_title(std::string_view title) noexcept {
    const TitleWords words = words_of(title);
    using Role = ColumnTitle::Role;
    if (words.no_power) {
        return {};
    }
    if (words.unit) {
        return {words.unit->is_energy ? Role::energy : Role::power, words.unit->scale};
    }
    if (words.power) {
        return {Role::power, std::nullopt};
    }
    if (words.energy) {
        return {Role::energy, std::nullopt};
    }
    return words.time || words.seconds ? ColumnTitle{Role::time, words.seconds} : ColumnTitle{};
}

}  // namespace landauer::wire
