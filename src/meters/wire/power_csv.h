// A recording of power or energy as any instrument or spreadsheet writes it: one sample a line,
// columns told by their titles or, without titles, by their place (time, then value).
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meters/wire/csv_fields.h"
#include "meters/wire/time_text.h"
#include "meters/wire/units.h"

namespace landauer::wire {

struct PowerSample {
    std::optional<double> t_s;  // empty when the line holds no time
    double value = 0.0;         // watts, or joules since some beginning
    bool is_energy = false;
};

// Line by line, for recordings that are still growing. What a table means is settled by its titles
// or its first sample and holds to its end.
class PowerLines {
   public:
    // The line's sample; empty for comments, titles, blank lines (why() is empty then) and for
    // lines that could not be understood (why() says so).
    [[nodiscard]] std::optional<PowerSample> read(std::string_view line) noexcept;
    [[nodiscard]] std::string_view why() const noexcept { return why_; }
    // Nothing that follows can be understood: there are titles, and none is a power or an energy.
    [[nodiscard]] bool hopeless() const noexcept { return hopeless_; }
    // What the values are, as far as titles or a first sample have told.
    [[nodiscard]] bool is_energy() const noexcept { return is_energy_.value_or(unit_.is_energy); }

   private:
    void read_titles(const Fields& fields) noexcept;
    [[nodiscard]] bool are_titles(const Fields& fields) const noexcept;
    void settle_places(const Fields& fields) noexcept;
    [[nodiscard]] std::optional<double> read_time(std::string_view field) noexcept;
    [[nodiscard]] std::optional<double> number_in_seconds(double number) noexcept;
    [[nodiscard]] double unrolled(double of_day_s) noexcept;
    std::optional<PowerSample> reject(std::string_view why) noexcept;

    char separator_ = 0;  // 0: no line seen
    bool settled_ = false;
    bool hopeless_ = false;
    std::optional<std::size_t> time_at_;
    std::optional<double> time_scale_;  // to seconds; empty: told by the first number's size
    std::optional<TimeForm> time_form_;
    std::size_t value_at_ = 0;
    ValueUnit unit_;
    std::optional<bool> is_energy_;
    double last_of_day_s_ = 0.0;
    double days_s_ = 0.0;
    std::string_view why_;
};

struct PowerRecording {
    std::vector<double> t_s;    // strictly increasing, from the recording's own origin
    std::vector<double> value;  // one a time
    bool is_energy = false;     // `value` is cumulative joules; else watts
    int n_skipped = 0;
    std::vector<std::string> skipped_reasons;  // of the first few, with their line numbers
};

// Invalid when the text holds no two samples with times, and says what its first lines lack.
[[nodiscard]] Result<PowerRecording> parse_power_csv(std::string_view text);

}  // namespace landauer::wire
