// Numbers as people read them: as many digits as the interval supports, no more.
#pragma once

#include <landauer/law_card.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace landauer {

// `digits` significant ones in plain notation; scientific below 1e-5 and from 1e9 on. A number
// that does not exist is an en dash.
[[nodiscard]] std::string number_text(double value, int digits);
// Fixed decimals, without a minus before zero.
[[nodiscard]] std::string fixed_text(double value, int decimals);
// "12,345"
[[nodiscard]] std::string count_text(std::int64_t value);

// False for a single measurement, whose interval is a point or unknown.
[[nodiscard]] bool has_interval(const Estimate& estimate);
// "12.3 [11.9, 12.8]": the half-width's first digit, and its second where the first is 1 or 2;
// without an interval number_text().
[[nodiscard]] std::string estimate_text(const Estimate& estimate, int digits);
// "12.3 ± 0.4", with the standard deviation's digits in the same way.
[[nodiscard]] std::string spread_text(double mean, double sd, int digits);

// What a unit is divided by so that `magnitude` reads well: 0.0021 s is 2.1 ms.
struct Scale {
    double factor = 1.0;
    std::string unit;
};
[[nodiscard]] Scale scale_for(std::string_view unit, double magnitude);
[[nodiscard]] Estimate scaled(const Estimate& estimate, double factor);

// "2.10 [2.00, 2.20] ms", "96.6 MiB"
[[nodiscard]] std::string quantity_text(const Estimate& estimate, std::string_view unit, int digits);
[[nodiscard]] std::string quantity_text(double value, std::string_view unit, int digits);

}  // namespace landauer
