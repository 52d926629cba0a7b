#include "analysis/compare/payback.h"

#include <utility>

namespace landauer {

Payback payback_of(double spent, std::string unit, const Comparison& cost) {
    const auto saved = [&](double ratio) { return cost.base.value * (1.0 - ratio); };
    Payback out;
    out.unit = std::move(unit);
    out.spent = spent;
    out.saved = {saved(cost.effect.value), {saved(cost.effect.ci95.high), saved(cost.effect.ci95.low)}};
    if (out.saved.ci95.low > 0.0) {
        out.prompts = Estimate{spent / out.saved.value, {spent / out.saved.ci95.high, spent / out.saved.ci95.low}};
    }
    return out;
}

}  // namespace landauer
