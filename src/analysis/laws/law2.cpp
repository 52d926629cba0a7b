#include "analysis/laws/law2.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/laws/knee_prediction.h"
#include "analysis/laws/law2_card.h"
#include "analysis/laws/law2_caveats.h"

namespace landauer {
namespace {

constexpr double kPixelsInMegapixel = 1e6;

double size_of(const ImageCase& c, ImageVariable variable) {
    switch (variable) {
        case ImageVariable::effective_px:
            return c.effective_px;
        case ImageVariable::nominal_px:
            return c.nominal_px;
        case ImageVariable::image_tokens:
            break;
    }
    return c.image_tokens;
}

std::optional<Segmented> fit_over(const Law2Request& request, ImageVariable variable,
                                  std::span<const ImageCase> cases) {
    const auto stream = static_cast<std::uint32_t>(variable);
    auto fit = fit_segmented({request.bootstrap, request.simulations, request.seed * 4U + stream},
                             segmented_cases(cases, variable));
    return fit ? std::optional(std::move(*fit)) : std::nullopt;
}

std::optional<KneeCheck> checked(const Law2Request& request, const std::optional<Segmented>& fit,
                                 std::span<const ImageCase> cases) {
    if (!request.predicted_knee_px || !fit || !fit->knee) {
        return std::nullopt;
    }
    const Estimate& knee = fit->knee->knee;
    KneeCheck out;
    out.clamp_px = *request.predicted_knee_px;
    out.predicted_px = knee_of_tokens(cases).value_or(out.clamp_px);
    out.fitted_px = knee;
    out.ratio = knee.value / out.predicted_px;
    out.inside = knee.ci95.low <= out.predicted_px && out.predicted_px <= knee.ci95.high;
    return out;
}

}  // namespace

std::string_view name(ImageVariable variable) {
    constexpr std::array<std::string_view, 3> names = {"image_tokens", "effective_px", "nominal_px"};
    return names[static_cast<std::size_t>(variable)];
}

std::vector<SegmentedCase> segmented_cases(std::span<const ImageCase> cases, ImageVariable variable) {
    std::vector<SegmentedCase> out;
    std::transform(cases.begin(), cases.end(), std::back_inserter(out), [&](const ImageCase& c) {
        return SegmentedCase{size_of(c, variable), c.y, c.shared, c.gain, c.tilt};
    });
    return out;
}

const std::optional<Segmented>& Law2::on(ImageVariable variable) const {
    switch (variable) {
        case ImageVariable::effective_px:
            return on_effective_px;
        case ImageVariable::nominal_px:
            return on_nominal_px;
        case ImageVariable::image_tokens:
            break;
    }
    return on_tokens;
}

std::string Law2::headline() const {
    if (!on_nominal_px) {
        return "images of one size";
    }
    const Segmented& fit = *on_nominal_px;
    if (!fit.knee) {
        return std::isnan(fit.test.p) ? fmt::format("{}; too few sizes to look for a knee", name(fit.chosen().form))
                                      : fmt::format("no knee (p = {:.2g}); {}", fit.test.p, name(fit.chosen().form));
    }
    const Estimate& knee = fit.knee->knee;
    std::string out = fmt::format("knee at {:.3g} Mpx ({:.3g} to {:.3g}", knee.value / kPixelsInMegapixel,
                                  knee.ci95.low / kPixelsInMegapixel, knee.ci95.high / kPixelsInMegapixel);
    if (check) {
        out += fmt::format("; predicted {:.3g}, {}", check->predicted_px / kPixelsInMegapixel,
                           check->inside ? "inside" : "outside");
    }
    return out + ")";
}

Result<Law2> fit_law2(const Law2Request& request, std::span<const ImageCase> cases) {
    Law2 law;
    law.y = request.y;
    law.on_nominal_px = fit_over(request, ImageVariable::nominal_px, cases);
    law.on_effective_px = fit_over(request, ImageVariable::effective_px, cases);
    law.on_tokens = fit_over(request, ImageVariable::image_tokens, cases);
    const ImageVariable variable = law.on(request.primary) ? request.primary : ImageVariable::nominal_px;
    const std::optional<Segmented>& primary = law.on(variable);
    if (!primary) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A law of {} over images needs at least three different sizes among the valid trials.",
                                request.y),
                    "Run more resolutions, or repeat the contended trials on a quiet machine.");
    }
    law.card = image_card(request, variable, *primary);
    if (variable != ImageVariable::nominal_px && law.on_nominal_px) {
        law.pixel_card = image_card(request, ImageVariable::nominal_px, *law.on_nominal_px);
    }
    law.check = checked(request, law.on_nominal_px, cases);
    law.caveats = image_law_caveats(request, law, cases);
    return law;
}

}  // namespace landauer
