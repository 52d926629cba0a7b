#include "analysis/laws/knee_prediction.h"

#include <algorithm>
#include <map>
#include <vector>

#include "analysis/laws/hinge_design.h"

namespace landauer {
namespace {

constexpr std::size_t kFewestSizes = 4;
constexpr double kShareOfRise = 0.5;  // of the steepest rise: tokens beyond the knee grow by less

}  // namespace

std::optional<double> knee_of_tokens(std::span<const ImageCase> cases) {
    std::map<double, double> tokens;  // by nominal pixels
    for (const ImageCase& c : cases) {
        if (c.image_tokens > 0.0 && c.nominal_px > 0.0) {
            tokens[c.nominal_px] = c.image_tokens;
        }
    }
    if (tokens.size() < kFewestSizes) {
        return std::nullopt;
    }
    const double pixels_grow = tokens.rbegin()->first / std::next(tokens.rbegin())->first;
    const double tokens_grow = tokens.rbegin()->second / std::next(tokens.rbegin())->second;
    if (tokens_grow - 1.0 > kShareOfRise * (pixels_grow - 1.0)) {
        return std::nullopt;
    }
    std::vector<SegmentedCase> sizes;
    std::transform(tokens.begin(), tokens.end(), std::back_inserter(sizes),
                   [](const auto& size) { return SegmentedCase{size.first, size.second}; });
    const auto data = prepare(sizes);
    if (!data) {
        return std::nullopt;
    }
    const auto fit = fit_form(*data, SegmentedForm::hinge);
    return fit && fit->squares.coefficients[1] > 0.0 ? std::optional(fit->knees.front()) : std::nullopt;
}

}  // namespace landauer
