// The one sentence a report of pictures opens with.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/document.h"
#include "report/law2_sentence.h"

namespace landauer {
namespace {

constexpr double kMegapixel = 1e6;

const Law2* find_law2(const RunAnalysis& run, std::string_view y) {
    const auto found =
        std::find_if(run.image_laws.begin(), run.image_laws.end(), [&](const Law2& law) { return law.y == y; });
    return found == run.image_laws.end() ? nullptr : &*found;
}

const KneeFit* knee_of(const Law2* law) {
    return law != nullptr && law->on_nominal_px && law->on_nominal_px->knee ? &*law->on_nominal_px->knee : nullptr;
}

double pixels_of(const PromptFigures& prompt) {
    return static_cast<double>(ImageSize{prompt.image.width, prompt.image.height}.pixels());
}

// The first measured size beyond the knee, whose cost is the plateau's; without a knee the largest.
const PromptFigures* example_size(const RunAnalysis& run, const KneeFit* knee) {
    const PromptFigures* best = nullptr;
    for (const PromptFigures& prompt : run.prompts) {
        if (prompt.n_valid == 0 || prompt.image.width == 0) {
            continue;
        }
        const double pixels = pixels_of(prompt);
        const bool is_beyond = knee != nullptr && pixels >= knee->knee.value;
        const bool best_is_beyond = knee != nullptr && best != nullptr && pixels_of(*best) >= knee->knee.value;
        const bool is_better =
            best == nullptr || (best_is_beyond ? is_beyond && pixels < pixels_of(*best) : pixels > pixels_of(*best));
        best = is_better ? &prompt : best;
    }
    return best;
}

const Estimate* figure_of(const PromptFigures& prompt, const char* name) {
    const auto found = prompt.figures.find(name);
    return found == prompt.figures.end() || !std::isfinite(found->second.value) ? nullptr : &found->second;
}

std::string cost_words(const RunAnalysis& run, const PromptFigures& prompt, const Estimate& seconds) {
    std::string out = fmt::format("An image of {}x{} costs {} ({} tokens", prompt.image.width, prompt.image.height,
                                  amount_text(seconds, "s"), count_text(prompt.image.n_tokens));
    if (const Estimate* const encode = figure_of(prompt, "encode_s"); encode != nullptr && seconds.value > 0.0) {
        out += fmt::format("; {:.0f} % of it encoding", 100.0 * encode->value / seconds.value);
    }
    out += ")";
    if (const Estimate* const cpu = figure_of(prompt, "cpu_s"); cpu != nullptr) {
        out += fmt::format(" and {} of CPU time", amount_text(*cpu, "s"));
    }
    if (const Estimate* const energy = figure_of(prompt, "net_energy_j"); energy != nullptr) {
        const Metric* const metric = find_metric("net_energy_j");
        out += fmt::format(", and {} net of idle{}", amount_text(*energy, "J"),
                           metric == nullptr ? "" : provenance_mark(run, *metric));
    }
    return out;
}

std::string knee_words(const Law2& law, const KneeFit& knee, double aspect) {
    const std::string predicted =
        law.check ? fmt::format("knee predicted {} Mpx, ", number_text(law.check->predicted_px / kMegapixel, 3))
                  : std::string("a knee that was not predicted, ");
    const std::string beyond = !knee.slope_above   ? "too few sizes were measured to say more"
                               : knee.flat_above() ? "it costs no more"
                                                   : "the cost still changes, as the law says";
    return fmt::format("; above {} ({}found {}) {}.", size_text(knee.knee.value, aspect), predicted,
                       megapixels_text(knee.knee), beyond);
}

std::string smooth_words(const Law2* law) {
    if (law == nullptr || !law->on_nominal_px) {
        return ".";
    }
    const Segmented& fit = *law->on_nominal_px;
    if (std::isnan(fit.test.p)) {
        return "; too few sizes were measured to look for a knee.";
    }
    return fit.chosen().form == SegmentedForm::constant
               ? fmt::format("; no knee ({}): these trials do not show that the cost depends on the size.",
                             p_text(fit.test.p))
               : fmt::format("; no knee ({}): the cost depends on the size over all that was measured.",
                             p_text(fit.test.p));
}

}  // namespace

std::string image_headline(const RunAnalysis& run) {
    const Law2* const law = find_law2(run, "seconds");
    const KneeFit* const knee = knee_of(law);
    const PromptFigures* const prompt = example_size(run, knee);
    const Estimate* const seconds = prompt == nullptr ? nullptr : figure_of(*prompt, "seconds");
    if (seconds == nullptr) {
        return {};
    }
    return cost_words(run, *prompt, *seconds) +
           (knee == nullptr ? smooth_words(law) : knee_words(*law, *knee, image_aspect(run)));
}

}  // namespace landauer
