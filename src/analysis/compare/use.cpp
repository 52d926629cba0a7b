#include "analysis/compare/use.h"

#include <limits>

namespace landauer {
namespace {

constexpr double kDaysAYear = 365.25;

Estimate times(const Estimate& e, double factor) {
    return {e.value * factor, {e.ci95.low * factor, e.ci95.high * factor}};
}

// How often a cost fits into a budget; what may cost nothing fits without end.
Estimate fits(const Estimate& cost, double budget) {
    const auto how_often = [&](double one) {
        return one > 0.0 ? budget / one : std::numeric_limits<double>::infinity();
    };
    return {how_often(cost.value), {how_often(cost.ci95.high), how_often(cost.ci95.low)}};
}

}  // namespace

YearOfUse year_of_use(const Estimate& wh_per_prompt, const Use& use) {
    YearOfUse out;
    out.kwh = times(wh_per_prompt, use.prompts_per_day * kDaysAYear / 1000.0);
    if (use.price_per_kwh) {
        out.price = times(out.kwh, *use.price_per_kwh);
    }
    if (use.co2_g_per_kwh) {
        out.co2_kg = times(out.kwh, *use.co2_g_per_kwh / 1000.0);
    }
    if (use.battery_wh) {
        out.prompts_per_charge = fits(wh_per_prompt, *use.battery_wh);
    }
    return out;
}

}  // namespace landauer
