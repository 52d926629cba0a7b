// Times as people and instruments write them: plain numbers, hours of the day, ISO dates.
#pragma once

#include <optional>
#include <string_view>

namespace landauer::wire {

enum class TimeForm {
    number,    // seconds or another unit, from any origin
    of_day,    // HH:MM[:SS[.fff]]: starts again at midnight
    calendar,  // 2026-01-31[T ]12:34:56[.fff][Z|+01:00]: seconds since 1970
};

struct TimeText {
    TimeForm form = TimeForm::number;
    double value = 0.0;  // seconds; of form `number`: in the text's own unit
};

// A whole finite number. A decimal comma is understood where the text has no point: "0,87".
[[nodiscard]] std::optional<double> parse_number(std::string_view text) noexcept;

// Empty for anything else, dates before 1970 or after 2200, hours above 23.
[[nodiscard]] std::optional<TimeText> parse_time(std::string_view text) noexcept;

[[nodiscard]] bool looks_like_date(std::string_view text) noexcept;
[[nodiscard]] bool looks_like_time_of_day(std::string_view text) noexcept;

}  // namespace landauer::wire
