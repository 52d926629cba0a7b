#include "analysis/laws/segmented_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "analysis/f_distribution.h"
#include "analysis/laws/hinge_design.h"

namespace landauer {
namespace {

constexpr std::size_t kFewestSizes = 3;
constexpr double kTogether = 0.05;  // repetitions deviate together: p of the test for lack of fit
// Equal weights must be this much likelier (in -2 log likelihood) before timings are taken to have them.
constexpr double kLikelier = 2.0;
constexpr double kPerfect = 1e-24;  // of the sum of squared costs: rounding

SegmentedData sorted(std::span<const SegmentedCase> cases) {
    std::vector<SegmentedCase> good;
    std::copy_if(cases.begin(), cases.end(), std::back_inserter(good), [](const SegmentedCase& c) {
        return std::isfinite(c.x) && std::isfinite(c.y) && std::isfinite(c.shared) && std::isfinite(c.gain) &&
               std::isfinite(c.tilt);
    });
    std::sort(good.begin(), good.end(), [](const SegmentedCase& a, const SegmentedCase& b) {
        return std::tie(a.x, a.y, a.shared, a.gain, a.tilt) < std::tie(b.x, b.y, b.shared, b.gain, b.tilt);
    });
    SegmentedData data;
    for (const SegmentedCase& c : good) {
        data.n_sizes += data.x.empty() || c.x != data.x.back() ? 1 : 0;
        data.x.push_back(c.x);
        data.y.push_back(c.y);
        data.shared.push_back(c.shared);
        data.gain.push_back(c.gain);
        data.tilt.push_back(c.tilt);
    }
    data.n_trials = good.size();
    data.weight.assign(good.size(), 1.0);
    return data;
}

// The richest form that the sizes carry.
SegmentedForm richest(const SegmentedData& data) {
    for (const SegmentedForm form :
         {SegmentedForm::hinge_curve, SegmentedForm::hinge, SegmentedForm::quadratic, SegmentedForm::linear}) {
        if (carries(data.n_sizes, data.size(), form)) {
            return form;
        }
    }
    return SegmentedForm::constant;
}

std::vector<double> fitted(const SegmentedData& data, SegmentedForm form) {
    const auto fit = fit_form(data, form);
    std::vector<double> out = data.y;
    for (std::size_t i = 0; fit && i < out.size(); ++i) {
        out[i] -= fit->squares.residuals[i];
    }
    return out;
}

std::vector<double> inverse_squares(std::span<const double> values) {
    std::vector<double> out;
    std::transform(values.begin(), values.end(), std::back_inserter(out), [](double v) { return 1.0 / (v * v); });
    return out;
}

bool positive(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return v > 0.0; });
}

// By what the costs are fitted to: first by the costs themselves, then by that fit. Empty where a cost or its fit
// is not positive.
std::vector<double> relative_weights(SegmentedData data) {
    const SegmentedForm form = richest(data);
    std::vector<double> level = data.y;
    for (int pass = 0; pass < 2; ++pass) {
        if (!positive(level)) {
            return {};
        }
        data.weight = inverse_squares(level);
        level = fitted(data, form);
    }
    return positive(level) ? inverse_squares(level) : std::vector<double>{};
}

// -2 log likelihood of the richest form under the weights, the variance at its best.
double deviance(SegmentedData data, std::vector<double> weight) {
    data.weight = std::move(weight);
    const auto n = static_cast<double>(data.size());
    const std::vector<double> fit = fitted(data, richest(data));
    double rss = 0.0;
    double norm = 0.0;
    double logs = 0.0;
    for (std::size_t i = 0; i < data.size(); ++i) {
        rss += data.weight[i] * (data.y[i] - fit[i]) * (data.y[i] - fit[i]);
        norm += data.weight[i] * data.y[i] * data.y[i];
        logs += std::log(data.weight[i]);
    }
    return n * std::log(std::max(rss, kPerfect * norm) / n) - logs;
}

double evidence_of(const SegmentedData& data, const std::vector<double>& relative) {
    if (relative.empty()) {
        return -std::numeric_limits<double>::infinity();
    }
    return deviance(data, std::vector<double>(data.size(), 1.0)) - deviance(data, relative);
}

// Sums of one size: rows [begin, end) of the data.
struct Size {
    std::size_t begin = 0;
    std::size_t end = 0;
};
std::vector<Size> sizes_of(const SegmentedData& data) {
    std::vector<Size> out;
    for (std::size_t i = 0; i < data.size(); ++i) {
        if (i == 0 || data.x[i] != data.x[i - 1]) {
            out.push_back({i, i});
        }
        out.back().end = i + 1;
    }
    return out;
}

double weighted_mean(const SegmentedData& data, const std::vector<double>& values, const Size& size) {
    double sum = 0.0;
    double weight = 0.0;
    for (std::size_t i = size.begin; i < size.end; ++i) {
        sum += data.weight[i] * values[i];
        weight += data.weight[i];
    }
    return sum / weight;
}

// Do the means of sizes stray from the richest form by more than their repetitions stray from them?
bool deviate_together(const SegmentedData& data) {
    const SegmentedForm form = richest(data);
    const auto parameters = static_cast<double>(n_parameters(form));
    const auto m = static_cast<double>(data.n_sizes);
    const double df_within = static_cast<double>(data.size()) - m;
    const double df_between = m - parameters;
    const auto fit = fit_form(data, form);
    if (df_within < 1.0 || df_between < 1.0 || !fit) {
        return false;
    }
    double within = 0.0;
    for (const Size& size : sizes_of(data)) {
        const double mean = weighted_mean(data, data.y, size);
        for (std::size_t i = size.begin; i < size.end; ++i) {
            within += data.weight[i] * (data.y[i] - mean) * (data.y[i] - mean);
        }
    }
    const double between = std::max(0.0, fit->squares.rss - within) / df_between;
    return within > 0.0 && f_upper_tail(between / (within / df_within), df_between, df_within) < kTogether;
}

}  // namespace

SegmentedData merged_sizes(const SegmentedData& data) {
    SegmentedData out;
    out.weighting = data.weighting;
    out.n_trials = data.n_trials;
    out.n_sizes = data.n_sizes;
    out.by_size = true;
    for (const Size& size : sizes_of(data)) {
        out.x.push_back(data.x[size.begin]);
        out.y.push_back(weighted_mean(data, data.y, size));
        out.shared.push_back(weighted_mean(data, data.shared, size));
        out.gain.push_back(weighted_mean(data, data.gain, size));
        out.tilt.push_back(weighted_mean(data, data.tilt, size));
        out.weight.push_back(data.weight[size.begin]);
    }
    return out;
}

std::size_t n_parameters(SegmentedForm form) {
    return (form == SegmentedForm::constant ? 1U : 2U) + (is_curved(form) ? 1U : 0U) + (has_knee(form) ? 1U : 0U);
}

bool carries(std::size_t n_sizes, std::size_t n_cases, SegmentedForm form) {
    const std::size_t parameters = n_parameters(form);
    return n_sizes >= parameters + (has_knee(form) ? 1U : 0U) && n_cases > parameters;
}

Result<SegmentedData> prepare(std::span<const SegmentedCase> cases, std::optional<double> evidence) {
    SegmentedData data = sorted(cases);
    if (data.n_sizes < kFewestSizes) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A law of images needs at least {} different sizes, and the valid trials have {}.",
                                kFewestSizes, data.n_sizes),
                    "Run more resolutions, or repeat the contended trials on a quiet machine.");
    }
    const std::vector<double> relative = relative_weights(data);
    data.evidence_relative = evidence_of(data, relative);
    if (evidence.value_or(data.evidence_relative) >= -kLikelier && !relative.empty()) {
        data.weight = relative;
    } else {
        data.weighting = Weighting::uniform;
    }
    return deviate_together(data) ? merged_sizes(data) : data;
}

}  // namespace landauer
