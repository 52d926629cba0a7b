#include "analysis/laws/law2_caveats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace landauer {
namespace {

constexpr double kPixelsInMegapixel = 1e6;
constexpr std::size_t kSizesBeside = 2;  // sizes on either side of a knee that a fit needs to see it

bool varies(std::span<const ImageCase> cases, double ImageCase::* field) {
    return std::any_of(cases.begin(), cases.end(),
                       [&](const ImageCase& c) { return c.*field != cases.front().*field; });
}

void text_varies(const Law2Request& request, std::span<const ImageCase> cases, std::vector<Caveat>& out) {
    if (varies(cases, &ImageCase::n_text) || varies(cases, &ImageCase::n_out)) {
        out.push_back({"text-varies", Severity::warning,
                       fmt::format("Prompts or answers beside the images differ in length, and their cost sits in the "
                                   "{} law of images as scatter.",
                                   request.y),
                       "Use one text and one answer length for a whole image ladder."});
    }
}

// The same model fails in tokens and in effective pixels at once: said once.
void knee_left(const Law2Request& request, const Law2& law, std::vector<Caveat>& out) {
    if (request.primary != ImageVariable::image_tokens) {
        return;
    }
    for (const auto& [fit, what] :
         {std::pair(&law.on_tokens, "image tokens"), std::pair(&law.on_effective_px, "effective pixels")}) {
        if (*fit && (*fit)->knee) {
            out.push_back({"knee-in-tokens", Severity::warning,
                           fmt::format("The {} law has a knee even over {} (at {:.0f}, test against none p = {:.2g}), "
                                       "so the preprocessor's count does not explain the cost.",
                                       request.y, what, (*fit)->knee->knee.value, (*fit)->test.p),
                           "Check that the projector's limits are those of the run, and that trials were quiet."});
            return;
        }
    }
}

// Different nominal sizes on the lesser side of a knee.
std::size_t sizes_beside(std::span<const ImageCase> cases, double knee_px) {
    std::set<double> below;
    std::set<double> beyond;
    for (const ImageCase& c : cases) {
        (c.nominal_px <= knee_px ? below : beyond).insert(c.nominal_px);
    }
    return std::min(below.size(), beyond.size());
}

void missing_knee(const Law2Request& request, const Segmented& fit, double predicted, std::span<const ImageCase> cases,
                  std::vector<Caveat>& out) {
    if (sizes_beside(cases, predicted) < kSizesBeside) {
        out.push_back({"knee-out-of-range", Severity::note,
                       fmt::format("The predicted knee at {:.3g} megapixels has fewer than {} sizes on one side.",
                                   predicted / kPixelsInMegapixel, kSizesBeside),
                       "Run resolutions from well below to well above it, as the default ladder does."});
        return;
    }
    out.push_back({"knee-missing", Severity::warning,
                   fmt::format("A knee was predicted at {:.3g} megapixels, and the {} law has none (p = {:.2g}).",
                               predicted / kPixelsInMegapixel, request.y, fit.test.p),
                   "Repeat on a quiet machine; check that the clamp was passed to the run."});
}

void knee_against_prediction(const Law2Request& request, const Law2& law, std::span<const ImageCase> cases,
                             std::vector<Caveat>& out) {
    if (!law.on_nominal_px || request.primary != ImageVariable::image_tokens) {
        return;
    }
    const Segmented& fit = *law.on_nominal_px;
    if (law.check && !law.check->inside) {
        out.push_back({"knee-off", Severity::warning,
                       fmt::format("The fitted knee of the {} law is {:.2f} times the predicted one, which its "
                                   "interval leaves out.",
                                   request.y, law.check->ratio),
                       "Compare the limits in use with those of the prediction, and look for contended trials."});
    }
    if (request.predicted_knee_px && !fit.knee) {
        missing_knee(request, fit, *request.predicted_knee_px, cases, out);
    }
    if (!request.predicted_knee_px && fit.knee) {
        out.push_back({"knee-not-predicted", Severity::warning,
                       fmt::format("The {} law has a knee at {:.3g} megapixels where none was predicted.", request.y,
                                   fit.knee->knee.value / kPixelsInMegapixel),
                       "Look at the image tokens by size: the family may have a limit that is not known here."});
    }
    if (fit.knee && fit.knee->slope_above && !fit.knee->flat_above()) {
        const Estimate& slope = *fit.knee->slope_above;
        out.push_back({"not-flat-above-knee", Severity::note,
                       fmt::format("Beyond its knee the {} law still changes, by {:.2g} of its slope below it.",
                                   request.y, slope.value / fit.knee->slope_below.value),
                       "Part of the cost follows the file's pixels: see the preprocessing phase."});
    }
}

void thin_data(const Law2Request& request, const Law2& law, std::vector<Caveat>& out) {
    const std::optional<Segmented>& fit = law.on_nominal_px;
    if (!fit) {
        return;
    }
    if (!std::isfinite(fit->fits.front().aicc) || std::isnan(fit->test.p)) {
        out.push_back({"too-few-trials", Severity::warning,
                       fmt::format("{} trials over {} sizes are too few to look for a knee in the {} law.",
                                   fit->n_trials, fit->n_sizes, request.y),
                       "Run more resolutions, at least seven, or repetitions, for example -r 3."});
    }
    if (fit->by_size) {
        out.push_back({"sizes-deviate-together", Severity::note,
                       fmt::format("Repetitions of a size stray from the {} law together (steps of the patch grid), so "
                                   "each size counts once in its intervals over nominal pixels.",
                                   request.y),
                       "Read the law over image tokens, which has no such steps."});
    }
}

}  // namespace

std::vector<Caveat> image_law_caveats(const Law2Request& request, const Law2& law, std::span<const ImageCase> cases) {
    std::vector<Caveat> out;
    text_varies(request, cases, out);
    knee_left(request, law, out);
    knee_against_prediction(request, law, cases, out);
    thin_data(request, law, out);
    return out;
}

}  // namespace landauer
