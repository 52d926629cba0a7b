#include "meters/wire/power_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "platform/text.h"

namespace landauer::wire {
namespace {

constexpr std::size_t kMostReasons = 5;
constexpr std::size_t kLongestShown = 60;
constexpr double kSecondsPerDay = 86400.0;
constexpr double kAbsurd_w = 1e7;
constexpr double kAbsurd_j = 9e12;  // what 64 bits of microjoules hold
constexpr double kAbsurd_s = 1e12;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Titles that were not asked for by name: a unit is needed to tell watts from watt-hours.
constexpr std::string_view kNoColumn =
    "no column is called a power (W, mW, kW) or an energy with its unit (J, Wh, kWh)";

bool is_comment(std::string_view line) noexcept {
    return line.empty() || line.front() == '#' || line.starts_with("//");
}

bool is_absurd(double value, bool is_energy) noexcept {
    return !std::isfinite(value) || std::abs(value) > (is_energy ? kAbsurd_j : kAbsurd_w);
}

// Seconds since 1970 in seconds, milli-, micro- or nanoseconds, by size; small numbers are seconds.
double scale_by_size(double number) noexcept {
    const double size = std::abs(number);
    if (size < 1e11) {
        return 1.0;
    }
    if (size < 1e14) {
        return 1e-3;
    }
    return size < 1e17 ? 1e-6 : 1e-9;
}

}  // namespace

std::optional<PowerSample> PowerLines::reject(std::string_view why) noexcept {
    why_ = why;
    return std::nullopt;
}

// Titles hold no time and no number.
bool PowerLines::are_titles(const Fields& fields) const noexcept {
    const auto all = fields.all();
    return std::none_of(all.begin(), all.end(), [](std::string_view field) {
        return parse_time(field).has_value() || parse_quantity(field).has_value();
    });
}

void PowerLines::read_titles(const Fields& fields) noexcept {
    using Role = ColumnTitle::Role;
    std::optional<std::size_t> power_at;
    std::optional<std::size_t> energy_at;
    ColumnTitle power;
    ColumnTitle energy;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const ColumnTitle title = read_title(fields[i]);
        if (title.role == Role::time && !time_at_) {
            time_at_ = i;
            time_scale_ = title.scale;
        } else if (title.role == Role::power && !power_at) {
            power_at = i;
            power = title;
        } else if (title.role == Role::energy && !energy_at && title.scale) {
            energy_at = i;
            energy = title;
        }
    }
    settled_ = true;
    hopeless_ = !power_at && !energy_at;
    value_at_ = power_at.value_or(energy_at.value_or(0));
    unit_ = {(power_at ? power : energy).scale.value_or(1.0), !power_at};
}

// Without titles: time and value, or the value alone.
void PowerLines::settle_places(const Fields& fields) noexcept {
    settled_ = true;
    if (fields.size() > 1) {
        time_at_ = 0;
        value_at_ = 1;
    }
}

// Hours of the day that start again at midnight go on counting.
double PowerLines::unrolled(double of_day_s) noexcept {
    if (of_day_s + kSecondsPerDay / 2 < last_of_day_s_) {
        days_s_ += kSecondsPerDay;
    }
    last_of_day_s_ = of_day_s;
    return days_s_ + of_day_s;
}

std::optional<double> PowerLines::number_in_seconds(double number) noexcept {
    if (!time_scale_) {
        time_scale_ = scale_by_size(number);
    }
    const double seconds = number * *time_scale_;
    return std::abs(seconds) < kAbsurd_s ? std::optional(seconds) : std::nullopt;
}

std::optional<double> PowerLines::read_time(std::string_view field) noexcept {
    const auto time = parse_time(field);
    if (!time || (time_form_ && *time_form_ != time->form)) {
        return std::nullopt;
    }
    time_form_ = time->form;
    switch (time->form) {
        case TimeForm::number:
            return number_in_seconds(time->value);
        case TimeForm::of_day:
            return unrolled(time->value);
        case TimeForm::calendar:
            return time->value;
    }
    return std::nullopt;
}

std::optional<PowerSample> PowerLines::read(std::string_view line) noexcept {
    why_ = {};
    if (line.starts_with(kByteOrderMark)) {
        line.remove_prefix(kByteOrderMark.size());
    }
    line = trim(line);
    if (is_comment(line)) {
        return std::nullopt;
    }
    if (separator_ == 0) {
        separator_ = separator_of(line);
    }
    const Fields fields(line, separator_);
    if (!settled_) {
        if (are_titles(fields)) {
            read_titles(fields);
            return hopeless_ ? reject(kNoColumn) : std::nullopt;
        }
        settle_places(fields);
    }
    if (hopeless_) {
        return reject(kNoColumn);
    }
    const auto quantity = parse_quantity(fields[value_at_], unit_);
    if (!quantity) {
        return reject(fields.size() <= value_at_ ? "it has too few columns" : "its value is no number");
    }
    if (is_absurd(quantity->value, quantity->is_energy)) {
        return reject("its value is absurd");
    }
    if (is_energy_.value_or(quantity->is_energy) != quantity->is_energy) {
        return reject("it mixes power and energy");
    }
    PowerSample sample{std::nullopt, quantity->value, quantity->is_energy};
    if (time_at_) {
        sample.t_s = read_time(fields[*time_at_]);
        if (!sample.t_s) {
            return reject("its time could not be read");
        }
    }
    is_energy_ = quantity->is_energy;
    return sample;
}

namespace {

class Collector {
   public:
    void add(std::string_view line) {
        ++line_number_;
        const auto sample = lines_.read(line);
        if (!sample) {
            if (!lines_.why().empty()) {
                skip(lines_.why(), line);
            }
            return;
        }
        if (!sample->t_s) {
            return skip("it has no time", line);
        }
        if (!recording_.t_s.empty() && *sample->t_s <= recording_.t_s.back()) {
            return skip("its time does not come after the line before", line);
        }
        recording_.t_s.push_back(*sample->t_s);
        recording_.value.push_back(sample->value);
        recording_.is_energy = sample->is_energy;
    }

    [[nodiscard]] Result<PowerRecording> finish() {
        if (recording_.t_s.size() >= 2) {
            return std::move(recording_);
        }
        const std::string reason = recording_.skipped_reasons.empty() ? std::string("it has no lines of data")
                                                                      : recording_.skipped_reasons.front();
        return fail(ErrorKind::Invalid,
                    fmt::format("The recording holds no two samples of time and power: {}.", reason),
                    "Give it one sample a line, with titles such as time_s,power_w or time_ms;energy_wh in the first "
                    "line.");
    }

   private:
    void skip(std::string_view why, std::string_view line) {
        ++recording_.n_skipped;
        if (recording_.skipped_reasons.size() < kMostReasons) {
            const bool is_text = std::none_of(line.begin(), line.end(), [](char c) {
                return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r';
            });
            recording_.skipped_reasons.push_back(fmt::format(
                "line {}: {} ('{}')", line_number_, why, is_text ? trim(line).substr(0, kLongestShown) : "not text"));
        }
    }

    PowerLines lines_;
    PowerRecording recording_;
    int line_number_ = 0;
};

}  // namespace

Result<PowerRecording> parse_power_csv(std::string_view text) {
    Collector collector;
    while (!text.empty()) {
        collector.add(next_line(text));
    }
    return collector.finish();
}

}  // namespace landauer::wire
