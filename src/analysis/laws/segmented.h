// Segmented regression: a cost that grows with x up to a knee and is flat beyond it,
// y = a + b min(x, k) + d min(x, k)^2, against forms without a knee.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace landauer {

enum class SegmentedForm : std::uint8_t {
    constant,     // y = a
    linear,       // y = a + b x
    quadratic,    // y = a + b x + d x^2
    hinge,        // y = a + b min(x, k)
    hinge_curve,  // y = a + b min(x, k) + d min(x, k)^2
};
[[nodiscard]] std::string_view name(SegmentedForm form);
[[nodiscard]] std::string_view formula(SegmentedForm form);
[[nodiscard]] constexpr bool has_knee(SegmentedForm form) { return form >= SegmentedForm::hinge; }
[[nodiscard]] constexpr bool is_curved(SegmentedForm form) {
    return form == SegmentedForm::quadratic || form == SegmentedForm::hinge_curve;
}

struct SegmentedCase {
    double x = 0.0;
    double y = 0.0;
    // Half-widths of errors that all cases share, as in LawCase; the intervals hold them.
    double shared = 0.0;
    double gain = 0.0;
    double tilt = 0.0;
};

// How much a case counts: 1 / (its fitted cost)^2 where the noise grows with the cost (timings), alike where it
// does not. The likelier of the two on the data; alike where a cost is not positive.
enum class Weighting : std::uint8_t { relative, uniform };
[[nodiscard]] std::string_view name(Weighting weighting);

struct SegmentedFit {
    SegmentedForm form = SegmentedForm::constant;
    std::vector<Estimate> coefficients;           // a, b, d: as many as the form has
    std::optional<Estimate> knee;                 // where the form has one, in units of x; by its tangent
    double knee_shared = 0.0;                     // half-width that errors of all cases add to it
    std::vector<std::vector<double>> covariance;  // HC3, of the coefficients and then the knee
    double r2 = 0.0;
    double residual_sd = 0.0;    // of a case round the fit: a fraction of y when relative, else in units of y
    double residual_sd_y = 0.0;  // in units of y either way, over all cases
    double loo_mape = 0.0;       // leave-one-out mean absolute error, as a fraction of y (at the fitted knee)
    double aicc = 0.0;           // the knee counts as a parameter
    double aicc_weight = 0.0;    // Akaike weight; they sum to 1
    bool chosen = false;
};

// Is there a knee at all? The largest F of a hinge over the smooth form that it holds as a special case
// (quadratic within hinge_curve; with four sizes linear within hinge), against the same statistic on data
// simulated without a knee from resampled residuals.
struct NoKneeTest {
    double f = 0.0;
    double p = 1.0;  // NaN: too few sizes to test
    int simulations = 0;
};

enum class IntervalBy : std::uint8_t { profile, bootstrap };
[[nodiscard]] std::string_view name(IntervalBy by);

// A knee and what the cost does on either side of it.
struct KneeFit {
    Estimate knee;       // the wider of the two intervals
    Interval profile;    // knees whose sum of squares F does not reject; infinite where the data set no bound
    Interval bootstrap;  // by resampling cases
    IntervalBy by = IntervalBy::profile;
    Estimate slope_below;                 // mean slope from the smallest x to the knee
    std::optional<Estimate> slope_above;  // free slope beyond the knee; nothing: fewer than two sizes beyond it
    // A clamp's signature: rising below, and a slope above whose interval holds 0.
    [[nodiscard]] bool flat_above() const {
        return slope_above && slope_above->ci95.low <= 0.0 && slope_above->ci95.high >= 0.0;
    }
};

struct Segmented {
    Weighting weighting = Weighting::relative;
    std::size_t n_trials = 0;
    std::size_t n_sizes = 0;  // distinct x
    // Repetitions of a size deviate together by more than chance (steps of the patch grid), so the mean of
    // each size counts as one case.
    bool by_size = false;
    double x_min = 0.0;
    double x_max = 0.0;
    std::vector<SegmentedFit> fits;  // sorted by AICc; exactly one chosen
    NoKneeTest test;
    // When the test says so (p < 0.05), a form with a knee has the least AICc, and the cost rises below it.
    std::optional<KneeFit> knee;
    [[nodiscard]] const SegmentedFit& chosen() const;
    [[nodiscard]] const SegmentedFit* find(SegmentedForm form) const;
};

struct SegmentedRequest {
    int bootstrap = 1000;   // resamples for the knee's interval
    int simulations = 499;  // of the test against no knee
    std::uint32_t seed = 1;
};

// Fits every form that the sizes can carry (a knee needs four, a curve below it five). Cases with a value that
// is not finite are left out; the order does not matter. Invalid, with what to do, for fewer than three sizes.
[[nodiscard]] Result<Segmented> fit_segmented(const SegmentedRequest& request, std::span<const SegmentedCase> cases);

}  // namespace landauer
