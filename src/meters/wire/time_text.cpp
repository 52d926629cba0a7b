#include "meters/wire/time_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>

#include "platform/text.h"

namespace landauer::wire {
namespace {

constexpr double kSecondsPerMinute = 60.0;
constexpr double kSecondsPerHour = 3600.0;
constexpr double kSecondsPerDay = 86400.0;
constexpr int kLastYear = 2200;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Exactly `n` digits off the front of `rest`, four at most.
std::optional<int> take_digits(std::string_view& rest, std::size_t n) noexcept {
    const std::string_view digits = rest.substr(0, n);
    if (digits.size() != n || !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return std::nullopt;
    }
    rest.remove_prefix(n);
    return std::accumulate(digits.begin(), digits.end(), 0, [](int sum, char digit) { return 10 * sum + digit - '0'; });
}

bool take(std::string_view& rest, std::string_view one_of) noexcept {
    if (rest.empty() || one_of.find(rest.front()) == std::string_view::npos) {
        return false;
    }
    rest.remove_prefix(1);
    return true;
}

// "2026-01-31" off the front, as seconds since 1970.
std::optional<double> take_date(std::string_view& rest) noexcept {
    const auto year = take_digits(rest, 4);
    if (!year || !take(rest, "-/")) {
        return std::nullopt;
    }
    const auto month = take_digits(rest, 2);
    if (!month || !take(rest, "-/")) {
        return std::nullopt;
    }
    const auto day = take_digits(rest, 2);
    if (!day || *year < 1970 || *year > kLastYear) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) {
        return std::nullopt;
    }
    return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count()) * kSecondsPerDay;
}

// ":SS[.fff]" off the front; the fraction may follow a comma.
std::optional<double> take_seconds(std::string_view& rest) noexcept {
    const auto whole = take_digits(rest, 2);
    if (!whole || *whole > 60) {
        return std::nullopt;
    }
    double seconds = *whole;
    if (take(rest, ".,")) {
        const auto end = static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
        if (end == 0) {
            return std::nullopt;
        }
        double place = 0.1;
        for (const char digit : rest.substr(0, end)) {
            seconds += place * (digit - '0');
            place *= 0.1;
        }
        rest.remove_prefix(end);
    }
    return seconds;
}

// "HH:MM[:SS[.fff]]" off the front, as seconds since midnight.
std::optional<double> take_time_of_day(std::string_view& rest) noexcept {
    const std::size_t n_hour_digits = rest.size() > 1 && rest[1] == ':' ? 1 : 2;
    const auto hours = take_digits(rest, n_hour_digits);
    if (!hours || *hours > 23 || !take(rest, ":")) {
        return std::nullopt;
    }
    const auto minutes = take_digits(rest, 2);
    if (!minutes || *minutes > 59) {
        return std::nullopt;
    }
    const double whole = *hours * kSecondsPerHour + *minutes * kSecondsPerMinute;
    if (!take(rest, ":")) {
        return whole;
    }
    const auto seconds = take_seconds(rest);
    return seconds ? std::optional(whole + *seconds) : std::nullopt;
}

// "Z", "+01:00", "-0530" or nothing: seconds east of Greenwich.
std::optional<double> parse_zone(std::string_view rest) noexcept {
    if (rest.empty() || rest == "Z" || rest == "z") {
        return 0.0;
    }
    const double sign = rest.front() == '-' ? -1.0 : 1.0;
    if (!take(rest, "+-")) {
        return std::nullopt;
    }
    const auto hours = take_digits(rest, 2);
    take(rest, ":");
    const auto minutes = rest.empty() ? std::optional(0) : take_digits(rest, 2);
    if (!hours || !minutes || !rest.empty() || *hours > 14 || *minutes > 59) {
        return std::nullopt;
    }
    return sign * (*hours * kSecondsPerHour + *minutes * kSecondsPerMinute);
}

std::optional<TimeText> parse_calendar(std::string_view text) noexcept {
    const auto date = take_date(text);
    if (!date) {
        return std::nullopt;
    }
    if (text.empty()) {
        return TimeText{TimeForm::calendar, *date};
    }
    if (!take(text, "Tt ")) {
        return std::nullopt;
    }
    text = trim(text);
    const auto time = take_time_of_day(text);
    const auto zone = parse_zone(trim(text));
    if (!time || !zone) {
        return std::nullopt;
    }
    return TimeText{TimeForm::calendar, *date + *time - *zone};
}

}  // namespace

std::optional<double> parse_number(std::string_view text) noexcept {
    text = trim(text);
    if (text.size() > 1 && text.front() == '+' && text[1] != '-') {
        text.remove_prefix(1);
    }
    std::array<char, 48> copy{};
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos) {
        return parse_real(text);
    }
    if (text.size() > copy.size() || text.find('.') != std::string_view::npos) {
        return std::nullopt;
    }
    std::copy(text.begin(), text.end(), copy.begin());
    copy[comma] = '.';
    return parse_real({copy.data(), text.size()});
}

bool looks_like_date(std::string_view text) noexcept {
    text = trim(text);
    return take_date(text).has_value() && text.empty();
}

bool looks_like_time_of_day(std::string_view text) noexcept {
    text = trim(text);
    return take_time_of_day(text).has_value() && parse_zone(text).has_value();
}

std::optional<TimeText> parse_time(std::string_view text) noexcept {
    text = trim(text);
    if (const auto number = parse_number(text)) {
        return TimeText{TimeForm::number, *number};
    }
    if (auto calendar = parse_calendar(text)) {
        return calendar;
    }
    std::string_view rest = text;
    const auto time = take_time_of_day(rest);
    return time && rest.empty() ? std::optional(TimeText{TimeForm::of_day, *time}) : std::nullopt;
}

}  // namespace landauer::wire
