#include "analysis/laws/segmented.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/laws/hinge_design.h"
#include "analysis/laws/knee_interval.h"
#include "analysis/laws/law1.h"
#include "analysis/laws/no_knee_test.h"

namespace landauer {
namespace {

constexpr double kSignificant = 0.05;
constexpr double kPerfect = 1e-14;    // of the sum of squared costs
constexpr double kCurveMargin = 4.0;  // of AICc
constexpr std::array kForms = {SegmentedForm::constant, SegmentedForm::linear, SegmentedForm::quadratic,
                               SegmentedForm::hinge, SegmentedForm::hinge_curve};

double loo_mape(const LeastSquares& fit, const std::vector<double>& y) {
    double sum = 0.0;
    int n = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (y[i] != 0.0 && std::isfinite(fit.loo_residuals[i])) {
            sum += std::abs(fit.loo_residuals[i] / y[i]);
            ++n;
        }
    }
    return n > 0 ? sum / n : 0.0;
}

// What a perfect fit leaves: the knee is found to a part in 1e9, and smaller differences tell no forms apart.
double rss_floor(const SegmentedData& data) {
    double norm = 0.0;
    for (std::size_t i = 0; i < data.size(); ++i) {
        norm += data.weight[i] * data.y[i] * data.y[i];
    }
    return std::max(kPerfect * norm, std::numeric_limits<double>::min());
}

SegmentedFit summary(const SegmentedData& data, SegmentedForm form, const FormSquares& fit) {
    SegmentedFit out;
    out.form = form;
    Parameters parameters = parameters_of(data, fit);
    if (!fit.knees.empty()) {
        out.knee_shared = shared_half_width(data, fit, parameters.estimates.size() - 1);
        out.knee = parameters.estimates.back();
        parameters.estimates.pop_back();
    }
    out.coefficients = std::move(parameters.estimates);
    out.covariance = std::move(parameters.covariance);
    out.r2 = fit.squares.tss > 0.0 ? 1.0 - fit.squares.rss / fit.squares.tss : 0.0;
    out.residual_sd = std::sqrt(fit.squares.rss / parameters.df);
    out.residual_sd_y = std::sqrt(std::inner_product(fit.squares.residuals.begin(), fit.squares.residuals.end(),
                                                     fit.squares.residuals.begin(), 0.0) /
                                  parameters.df);
    out.loo_mape = loo_mape(fit.tangent, data.y);
    out.aicc = aicc(data.size(), n_parameters(form), fit.squares.rss, rss_floor(data));
    return out;
}

void weigh(std::vector<SegmentedFit>& fits) {
    std::stable_sort(fits.begin(), fits.end(),
                     [](const SegmentedFit& a, const SegmentedFit& b) { return a.aicc < b.aicc; });
    const double best = fits.front().aicc;
    double sum = 0.0;
    for (SegmentedFit& fit : fits) {
        fit.aicc_weight = std::isfinite(best) ? std::exp(-0.5 * (fit.aicc - best)) : 0.0;
        sum += fit.aicc_weight;
    }
    for (SegmentedFit& fit : fits) {
        fit.aicc_weight = sum > 0.0 ? fit.aicc_weight / sum : 0.0;
    }
}

// Does the cost still rise where the form has its knee?
bool rises_to_knee(const SegmentedFit& fit) {
    const double curvature = is_curved(fit.form) ? fit.coefficients[2].value : 0.0;
    return fit.knee && fit.coefficients[1].value + 2.0 * curvature * fit.knee->value > 0.0;
}

// The form of least AICc; one with a knee only where the test finds one, and a curve below it only where it is
// better by a margin: a curve that is not there moves the knee. Where the cases leave no room to compare forms, the
// line.
SegmentedForm choice(const Segmented& out) {
    const SegmentedFit& best = out.fits.front();
    if (!std::isfinite(best.aicc)) {
        return SegmentedForm::linear;
    }
    const SegmentedFit* const straight = out.find(SegmentedForm::hinge);
    const bool prefer_straight =
        straight != nullptr && best.form == SegmentedForm::hinge_curve && straight->aicc - best.aicc < kCurveMargin;
    const SegmentedFit& knee = prefer_straight ? *straight : best;
    if (out.test.p < kSignificant && rises_to_knee(knee)) {
        return knee.form;
    }
    return std::find_if(out.fits.begin(), out.fits.end(), [](const SegmentedFit& f) { return !has_knee(f.form); })
        ->form;
}

KneeFit describe_knee(const SegmentedRequest& request, const SegmentedData& data, const SegmentedFit& fit, double k) {
    const bool curved = is_curved(fit.form);
    KneeFit out;
    out.profile = profile_interval(data, curved);
    out.bootstrap = bootstrap_interval(data, curved, request.bootstrap, request.seed);
    const auto width = [](const Interval& i) { return i.high - i.low; };
    out.by = width(out.bootstrap) > width(out.profile) ? IntervalBy::bootstrap : IntervalBy::profile;
    const Interval& wider = out.by == IntervalBy::bootstrap ? out.bootstrap : out.profile;
    out.knee = {k, {k - std::hypot(k - wider.low, fit.knee_shared), k + std::hypot(wider.high - k, fit.knee_shared)}};

    Parameters parameters{fit.coefficients, fit.covariance,
                          static_cast<double>(data.size()) - static_cast<double>(n_parameters(fit.form))};
    const double b = fit.coefficients[1].value;
    if (curved) {
        const double d = fit.coefficients[2].value;
        out.slope_below = combined(parameters, {0.0, 1.0, data.x.front() + k, d}, b + d * (data.x.front() + k));
    } else {
        out.slope_below = fit.coefficients[1];
    }
    if (const auto free = fit_free_above(data, curved)) {
        const Parameters all = parameters_of(data, *free);
        if (all.df >= 1.0) {
            out.slope_above = all.estimates[curved ? 3 : 2];
        }
    }
    return out;
}

}  // namespace

std::string_view name(SegmentedForm form) {
    constexpr std::array<std::string_view, kForms.size()> names = {"constant", "linear", "quadratic", "hinge",
                                                                   "hinge_curve"};
    return names[static_cast<std::size_t>(form)];
}

std::string_view formula(SegmentedForm form) {
    constexpr std::array<std::string_view, kForms.size()> formulas = {
        "y = a", "y = a + b x", "y = a + b x + d x^2", "y = a + b min(x, k)", "y = a + b min(x, k) + d min(x, k)^2"};
    return formulas[static_cast<std::size_t>(form)];
}

std::string_view name(Weighting weighting) { return weighting == Weighting::relative ? "relative" : "uniform"; }

std::string_view name(IntervalBy by) { return by == IntervalBy::profile ? "profile" : "bootstrap"; }

const SegmentedFit& Segmented::chosen() const {
    return *std::find_if(fits.begin(), fits.end(), [](const SegmentedFit& fit) { return fit.chosen; });
}

const SegmentedFit* Segmented::find(SegmentedForm form) const {
    const auto found =
        std::find_if(fits.begin(), fits.end(), [&](const SegmentedFit& fit) { return fit.form == form; });
    return found == fits.end() ? nullptr : &*found;
}

Result<Segmented> fit_segmented(const SegmentedRequest& request, std::span<const SegmentedCase> cases) {
    const auto data = prepare(cases);
    if (!data) {
        return tl::unexpected(data.error());
    }
    Segmented out;
    out.weighting = data->weighting;
    out.n_trials = data->n_trials;
    out.n_sizes = data->n_sizes;
    out.by_size = data->by_size;
    out.x_min = data->x.front();
    out.x_max = data->x.back();
    for (const SegmentedForm form : kForms) {
        if (!carries(data->n_sizes, data->size(), form)) {
            continue;
        }
        if (const auto fit = fit_form(*data, form)) {
            out.fits.push_back(summary(*data, form, *fit));
        }
    }
    weigh(out.fits);
    out.test = test_no_knee(*data, request.simulations, request.seed);
    const SegmentedForm form = choice(out);
    for (SegmentedFit& fit : out.fits) {
        fit.chosen = fit.form == form;
    }
    if (const SegmentedFit& chosen = out.chosen(); chosen.knee) {
        out.knee = describe_knee(request, *data, chosen, chosen.knee->value);
    }
    return out;
}

}  // namespace landauer
