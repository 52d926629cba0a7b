#include "analysis/laws/hinge_design.h"

#include <algorithm>
#include <cmath>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kKneeTolerance = 1e-9;  // part of the range of x
constexpr double kZ95 = 1.959963984540054;

using Columns = std::vector<std::vector<double>>;

// 1, min(x, k), min(x, k)^2, max(x - k, 0): those that the shape has.
Columns columns_at(const SegmentedData& data, double knee, bool curved, bool free_above) {
    Columns out(2 + (curved ? 1U : 0U) + (free_above ? 1U : 0U));
    for (const double x : data.x) {
        const double low = std::min(x, knee);
        std::size_t c = 0;
        out[c++].push_back(1.0);
        out[c++].push_back(low);
        if (curved) {
            out[c++].push_back(low * low);
        }
        if (free_above) {
            out[c].push_back(std::max(x - knee, 0.0));
        }
    }
    return out;
}

// Of the fitted cost by the knee: the slope below it less the slope above, for cases beyond it.
std::vector<double> knee_derivative(const SegmentedData& data, double knee, double slope) {
    std::vector<double> out;
    std::transform(data.x.begin(), data.x.end(), std::back_inserter(out),
                   [&](double x) { return x > knee ? slope : 0.0; });
    return out;
}

Result<FormSquares> fit_at(const SegmentedData& data, double knee, bool curved, bool free_above) {
    FormSquares out;
    out.knees = {knee};
    out.tangent_columns = columns_at(data, knee, curved, free_above);
    auto squares = least_squares(out.tangent_columns, data.y, data.weight);
    if (!squares) {
        return tl::unexpected(squares.error());
    }
    const std::vector<double>& c = squares->coefficients;
    const double slope = c[1] + (curved ? 2.0 * c[2] * knee : 0.0) - (free_above ? c.back() : 0.0);
    out.tangent_columns.push_back(knee_derivative(data, knee, slope));
    auto tangent = least_squares(out.tangent_columns, data.y, data.weight);
    if (!tangent) {
        return tl::unexpected(tangent.error());
    }
    out.squares = std::move(*squares);
    out.tangent = std::move(*tangent);
    return out;
}

Result<FormSquares> fit_smooth(const SegmentedData& data, SegmentedForm form) {
    FormSquares out;
    out.tangent_columns = columns_at(data, data.x.back(), is_curved(form), false);
    if (form == SegmentedForm::constant) {
        out.tangent_columns.resize(1);
    }
    auto squares = least_squares(out.tangent_columns, data.y, data.weight);
    if (!squares) {
        return tl::unexpected(squares.error());
    }
    out.squares = *squares;
    out.tangent = std::move(*squares);
    return out;
}

Result<FormSquares> fit_hinge(const SegmentedData& data, HingeShape shape) {
    const HingeMinimum best = hinge_profile(data, shape).minimise(kKneeTolerance);
    if (best.knees.empty()) {
        return fail(ErrorKind::Invalid, "The sizes are too few to place a knee among them.",
                    "Run more resolutions on both sides of the knee.");
    }
    return fit_at(data, best.knees.front(), shape.curved, shape.free_above);
}

// Parameters are nearly linear in y, so an error that sits in every case moves them by the fit to that error.
std::vector<std::vector<double>> shared_moves(const SegmentedData& data, const FormSquares& fit) {
    std::vector<std::vector<double>> out;
    for (const std::vector<double>* error : {&data.shared, &data.gain, &data.tilt}) {
        if (std::all_of(error->begin(), error->end(), [](double e) { return e == 0.0; })) {
            continue;
        }
        if (auto moved = least_squares(fit.tangent_columns, *error, data.weight)) {
            out.push_back(std::move(moved->coefficients));
        }
    }
    return out;
}

}  // namespace

HingeProfile hinge_profile(const SegmentedData& data, HingeShape shape) {
    std::vector<HingePoint> points;
    points.reserve(data.size());
    for (std::size_t i = 0; i < data.size(); ++i) {
        points.push_back({data.x[i], data.y[i], data.weight[i], 0});
    }
    return {std::move(points), 1, shape};
}

Result<FormSquares> fit_form(const SegmentedData& data, SegmentedForm form) {
    return has_knee(form) ? fit_hinge(data, {is_curved(form), false}) : fit_smooth(data, form);
}

Result<FormSquares> fit_free_above(const SegmentedData& data, bool curved) { return fit_hinge(data, {curved, true}); }

double shared_half_width(const SegmentedData& data, const FormSquares& fit, std::size_t i) {
    double sum = 0.0;
    for (const std::vector<double>& moved : shared_moves(data, fit)) {
        sum += moved[i] * moved[i];
    }
    return std::sqrt(sum);
}

Parameters parameters_of(const SegmentedData& data, const FormSquares& fit) {
    Parameters out;
    out.covariance = fit.tangent.robust_covariance;
    const std::size_t n = fit.tangent.coefficients.size();
    const std::size_t n_coefficients = n - fit.knees.size();
    out.df = static_cast<double>(data.size()) - static_cast<double>(n);
    for (const std::vector<double>& moved : shared_moves(data, fit)) {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                out.covariance[i][j] += moved[i] * moved[j] / (kZ95 * kZ95);
            }
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        const double value = i < n_coefficients ? fit.squares.coefficients[i] : fit.knees[i - n_coefficients];
        const double random = student_t95(out.df) * std::sqrt(fit.tangent.robust_covariance[i][i]);
        const double half = std::hypot(random, shared_half_width(data, fit, i));
        out.estimates.push_back({value, {value - half, value + half}});
    }
    return out;
}

Estimate combined(const Parameters& parameters, const std::vector<double>& gradient, double value) {
    double variance = 0.0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        for (std::size_t j = 0; j < gradient.size(); ++j) {
            variance += gradient[i] * parameters.covariance[i][j] * gradient[j];
        }
    }
    const double half = student_t95(parameters.df) * std::sqrt(std::max(variance, 0.0));
    return {value, {value - half, value + half}};
}

}  // namespace landauer
