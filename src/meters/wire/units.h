// Units of power, energy and time by their names, and what a column's title says about them.
#pragma once

#include <optional>
#include <string_view>

namespace landauer::wire {

struct ValueUnit {
    double scale = 1.0;      // to watts or joules
    bool is_energy = false;  // cumulative energy, else power
};

// "W", "mW", "kW", "watts", "J", "Wh", "kWh"; empty for other words.
[[nodiscard]] std::optional<ValueUnit> value_unit(std::string_view word) noexcept;

// "12.3 mW", or a bare number in `otherwise`.
struct Quantity {
    double value = 0.0;  // watts or joules
    bool is_energy = false;
};
[[nodiscard]] std::optional<Quantity> parse_quantity(std::string_view text, ValueUnit otherwise = {}) noexcept;

// What a column holds, by its title: "Time (ms)", "power_w", "Energy [Wh]".
struct ColumnTitle {
    enum class Role { other, time, power, energy };
    Role role = Role::other;
    std::optional<double> scale;  // to seconds, watts or joules; empty when the title names no unit
};
[[nodiscard]] ColumnTitle read_title(std::string_view title) noexcept;

}  // namespace landauer::wire
