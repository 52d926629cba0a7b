// A line in which a program tells the present power.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace landauer {

// "12.3", "12.3 W", "12300 mW", "12300000 uW", each after a time or without: "17.25 12.3". In microwatts; empty for
// anything else, for negative power and for more than a megawatt.
[[nodiscard]] std::optional<std::int64_t> parse_watts_line(std::string_view line) noexcept;

}  // namespace landauer
