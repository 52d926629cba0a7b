// The least-squares fit of one segmented form at its best knee, and what its coefficients and knee are worth.
#pragma once

#include <landauer/error.h>

#include <vector>

#include "analysis/laws/hinge_profile.h"
#include "analysis/laws/segmented.h"
#include "analysis/laws/segmented_data.h"
#include "tensor/least_squares.h"

namespace landauer {

struct FormSquares {
    std::vector<double> knees;  // one a group; empty: the form has none
    LeastSquares squares;       // of the coefficients, at the knee
    // The same with the derivatives by the knees as last columns: covariance and leverage with the knees among the
    // parameters. As `squares` where there is none.
    LeastSquares tangent;
    std::vector<std::vector<double>> tangent_columns;
};

// One group of the data, at its weights.
[[nodiscard]] HingeProfile hinge_profile(const SegmentedData& data, HingeShape shape);

[[nodiscard]] Result<FormSquares> fit_form(const SegmentedData& data, SegmentedForm form);
// With a slope of its own beyond the knee (column before the knee's). Invalid with too few sizes beyond it.
[[nodiscard]] Result<FormSquares> fit_free_above(const SegmentedData& data, bool curved);

// Each parameter of a tangent fit with Student's interval over its robust error, widened by errors that all
// cases share; `covariance` holds them too.
struct Parameters {
    std::vector<Estimate> estimates;  // coefficients, then the knees
    std::vector<std::vector<double>> covariance;
    double df = 0.0;
};
[[nodiscard]] Parameters parameters_of(const SegmentedData& data, const FormSquares& fit);
// Half-width that those errors alone add to parameter i.
[[nodiscard]] double shared_half_width(const SegmentedData& data, const FormSquares& fit, std::size_t i);
// A linear combination of them.
[[nodiscard]] Estimate combined(const Parameters& parameters, const std::vector<double>& gradient, double value);

}  // namespace landauer
