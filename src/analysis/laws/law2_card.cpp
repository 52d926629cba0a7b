#include "analysis/laws/law2_card.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace landauer {
namespace {

constexpr std::array kTerms = {"intercept", "x", "x^2"};

}  // namespace

LawCard image_card(const Law2Request& request, ImageVariable variable, const Segmented& fit) {
    const SegmentedFit& chosen = fit.chosen();
    LawCard card;
    card.law = "law2";
    card.formula = formula(chosen.form);
    card.y = request.y;
    card.y_unit = request.y_unit;
    for (std::size_t i = 0; i < chosen.coefficients.size(); ++i) {
        card.terms.push_back({kTerms[i], chosen.coefficients[i]});
    }
    card.r2 = chosen.r2;
    card.residual_sd = chosen.residual_sd_y;
    card.loo_mape = chosen.loo_mape;
    card.aicc = chosen.aicc;
    card.n_trials = static_cast<int>(fit.by_size ? fit.n_sizes : fit.n_trials);
    card.x_min = fit.x_min;
    card.x_max = fit.x_max;
    card.covariance = chosen.covariance;
    card.scope = request.scope;
    card.x = name(variable);
    card.scope["weighting"] = name(fit.weighting);
    if (fit.knee) {
        card.knee = fit.knee->knee;
        card.scope["knee_interval"] = name(fit.knee->by);
    }
    if (std::isfinite(fit.test.p)) {
        card.scope["no_knee_p"] = fmt::format("{:.3g}", fit.test.p);
    }
    return card;
}

}  // namespace landauer
