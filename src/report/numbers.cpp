#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace landauer {
namespace {

constexpr std::string_view kNone = "\u2013";
constexpr int kMostDigits = 5;

int exponent_of(double value) { return value == 0.0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(value)))); }

bool needs_exponent(double value) { return value != 0.0 && (std::abs(value) < 1e-5 || std::abs(value) >= 1e9); }

// Decimals that show the first digit of `half`, and its second where the first is 1 or 2, but
// no more than kMostDigits of `value`.
int decimals_for(double value, double half) {
    const int exponent = exponent_of(half);
    const int wanted = (half < 2.95 * std::pow(10.0, exponent) ? 1 : 0) - exponent;
    const int most = kMostDigits - 1 - std::max(exponent_of(value), exponent_of(half));
    return std::max(0, std::min(wanted, most));
}

struct Step {
    std::string_view base;
    double factor;
    std::string_view unit;
};

// Largest first within a base unit; the last one serves everything smaller.
constexpr std::array kSteps = {
    Step{"s", 1.0, "s"},
    Step{"s", 1e-3, "ms"},
    Step{"s", 1e-6, "µs"},
    Step{"J", 1e3, "kJ"},
    Step{"J", 1.0, "J"},
    Step{"J", 1e-3, "mJ"},
    Step{"J", 1e-6, "µJ"},
    Step{"Wh", 1.0, "Wh"},
    Step{"Wh", 1e-3, "mWh"},
    Step{"Wh", 1e-6, "µWh"},
    Step{"B", 1073741824.0, "GiB"},
    Step{"B", 1048576.0, "MiB"},
    Step{"B", 1024.0, "KiB"},
    Step{"B", 1.0, "B"},
    Step{"Hz", 1e9, "GHz"},
    Step{"Hz", 1e6, "MHz"},
    Step{"Hz", 1.0, "Hz"},
    Step{"J/token", 1.0, "J/token"},
    Step{"J/token", 1e-3, "mJ/token"},
};

}  // namespace

std::string fixed_text(double value, int decimals) {
    std::string text = fmt::format("{:.{}f}", value, decimals);
    const bool is_zero = text.find_first_of("123456789") == std::string::npos;
    return is_zero && text.starts_with('-') ? text.substr(1) : text;
}

std::string number_text(double value, int digits) {
    if (!std::isfinite(value)) {
        return std::string(kNone);
    }
    if (needs_exponent(value)) {
        return fmt::format("{:.{}e}", value, digits - 1);
    }
    return value == 0.0 ? "0" : fixed_text(value, std::max(0, digits - 1 - exponent_of(value)));
}

std::string count_text(std::int64_t value) {
    std::string text = std::to_string(value);
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    for (std::size_t at = text.size(); at > first + 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

bool has_interval(const Estimate& estimate) {
    return std::isfinite(estimate.value) && std::isfinite(estimate.ci95.low) && std::isfinite(estimate.ci95.high) &&
           estimate.ci95.high > estimate.ci95.low;
}

std::string estimate_text(const Estimate& estimate, int digits) {
    if (!has_interval(estimate)) {
        return number_text(estimate.value, digits);
    }
    const double half = 0.5 * (estimate.ci95.high - estimate.ci95.low);
    if (needs_exponent(std::max(std::abs(estimate.value), half))) {
        return fmt::format("{:.2e} [{:.2e}, {:.2e}]", estimate.value, estimate.ci95.low, estimate.ci95.high);
    }
    const int decimals = decimals_for(estimate.value, half);
    return fmt::format("{} [{}, {}]", fixed_text(estimate.value, decimals), fixed_text(estimate.ci95.low, decimals),
                       fixed_text(estimate.ci95.high, decimals));
}

std::string spread_text(double mean, double sd, int digits) {
    if (!std::isfinite(mean) || !std::isfinite(sd) || sd <= 0.0 || needs_exponent(std::max(std::abs(mean), sd))) {
        return number_text(mean, digits);
    }
    const int decimals = decimals_for(mean, sd);
    return fmt::format("{} ± {}", fixed_text(mean, decimals), fixed_text(sd, decimals));
}

Scale scale_for(std::string_view unit, double magnitude) {
    Scale out{1.0, std::string(unit)};
    const bool is_one = !std::isfinite(magnitude) || magnitude == 0.0;
    for (const Step& step : kSteps) {
        if (step.base != unit) {
            continue;
        }
        out = {step.factor, std::string(step.unit)};
        if (is_one ? step.factor == 1.0 : std::abs(magnitude) >= step.factor) {
            break;
        }
    }
    return out;
}

Estimate scaled(const Estimate& estimate, double factor) {
    return {estimate.value / factor, {estimate.ci95.low / factor, estimate.ci95.high / factor}};
}

std::string quantity_text(const Estimate& estimate, std::string_view unit, int digits) {
    const Scale scale = scale_for(unit, estimate.value);
    return fmt::format("{} {}", estimate_text(scaled(estimate, scale.factor), digits), scale.unit);
}

std::string quantity_text(double value, std::string_view unit, int digits) {
    const Scale scale = scale_for(unit, value);
    return fmt::format("{} {}", number_text(value / scale.factor, digits), scale.unit);
}

}  // namespace landauer
