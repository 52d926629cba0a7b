#include "report/law2_sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/run_analysis.h"
#include "core/metrics.h"
#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr int kDigits = 3;
constexpr double kMegapixel = 1e6;
constexpr double kLeastP = 1e-4;

struct VariableWords {
    ImageVariable variable;
    std::string_view phrase;
};
constexpr std::array kVariables = {
    VariableWords{ImageVariable::image_tokens, "image tokens"},
    VariableWords{ImageVariable::effective_px, "effective pixels"},
    VariableWords{ImageVariable::nominal_px, "pixels as given"},
};

// The variable that the card is on.
const VariableWords& variable_of(const LawCard& card) {
    const auto* const found = std::find_if(kVariables.begin(), kVariables.end(),
                                           [&](const VariableWords& v) { return name(v.variable) == card.x; });
    return found == kVariables.end() ? kVariables.front() : *found;
}

std::string_view spoken(SegmentedForm form) { return form == SegmentedForm::hinge_curve ? "curved hinge" : name(form); }

std::string term_words(const LawTerm& term, const LawCard& card) {
    const std::string x = card.knee ? fmt::format("min({}, {})", card.x, estimate_text(*card.knee, kDigits)) : card.x;
    return term.name == "intercept" ? "" : " " + x + (term.name == "x^2" ? "²" : "");
}

std::string bound_text(double pixels, int decimals) {
    return std::isfinite(pixels) ? fixed_text(pixels / kMegapixel, decimals) : "no bound";
}

std::string found_words(const Law2& law, const KneeFit& knee, double aspect) {
    const auto at = [&](double pixels) {
        const std::string size = size_text(pixels, aspect);
        return size.empty() ? size : fmt::format(" ({})", size);
    };
    const std::string found = fmt::format("{} Mpx{}", megapixels_text(knee.knee), at(knee.knee.value));
    if (!law.check) {
        return fmt::format("A knee was found at {}; none was predicted.", found);
    }
    return fmt::format("The knee was predicted at {} Mpx{} and found at {}: the prediction lies {} the interval.",
                       number_text(law.check->predicted_px / kMegapixel, kDigits), at(law.check->predicted_px), found,
                       law.check->inside ? "inside" : "outside");
}

std::string amount_per_megapixel(const Estimate& per_pixel, std::string_view unit) {
    const double size = std::max(std::abs(per_pixel.value), 0.5 * (per_pixel.ci95.high - per_pixel.ci95.low));
    const Scale scale = scale_for(unit, size * kMegapixel);
    return fmt::format("{} {}", estimate_text(scaled(per_pixel, scale.factor / kMegapixel), kDigits), scale.unit);
}

std::string slope_words(const Law2& law, const KneeFit& knee) {
    const auto slope = [&](const Estimate& per_px) { return amount_per_megapixel(per_px, law.card.y_unit); };
    std::string out = fmt::format(" Below it a megapixel more costs {}", slope(knee.slope_below));
    if (!knee.slope_above) {
        return out + "; too few sizes lie above it to tell whether it is flat there.";
    }
    return out + fmt::format(", above it {}: {}.", slope(*knee.slope_above),
                             knee.flat_above() ? "flat above" : "not flat above");
}

std::string no_knee_words(const Segmented& fit) {
    if (std::isnan(fit.test.p)) {
        return "Too few sizes to look for a knee.";
    }
    switch (fit.chosen().form) {
        case SegmentedForm::constant:
            return fmt::format("No knee ({}): these trials do not show that the cost depends on the pixels given.",
                               p_text(fit.test.p));
        case SegmentedForm::hinge:
        case SegmentedForm::hinge_curve:
            return fmt::format("No knee that can be told from a smooth curve ({}).", p_text(fit.test.p));
        case SegmentedForm::linear:
        case SegmentedForm::quadratic:
            break;
    }
    return fmt::format("No knee ({}): the cost is {} in the pixels given, over all that was measured.",
                       p_text(fit.test.p), name(fit.chosen().form));
}

}  // namespace

double image_aspect(const RunAnalysis& run) {
    for (const PromptFigures& prompt : run.prompts) {
        if (prompt.image.height > 0) {
            return static_cast<double>(prompt.image.width) / prompt.image.height;
        }
    }
    return 0.0;
}

std::string size_text(double pixels, double aspect) {
    if (!(aspect > 0.0) || !(pixels > 0.0) || !std::isfinite(pixels)) {
        return {};
    }
    return fmt::format("{:.0f}x{:.0f}", std::sqrt(pixels * aspect), std::sqrt(pixels / aspect));
}

std::string megapixels_text(const Estimate& pixels) {
    if (has_interval(pixels) || !(pixels.ci95.high > pixels.ci95.low)) {
        return estimate_text(scaled(pixels, kMegapixel), kDigits);
    }
    const int exponent = static_cast<int>(std::floor(std::log10(std::max(pixels.value, 1.0) / kMegapixel)));
    const int decimals = std::max(0, kDigits - 1 - exponent);
    return fmt::format("{} [{}, {}]", fixed_text(pixels.value / kMegapixel, decimals),
                       bound_text(pixels.ci95.low, decimals), bound_text(pixels.ci95.high, decimals));
}

std::string p_text(double p) {
    return std::isnan(p) ? "p not known" : p < kLeastP ? "p < 0.0001" : fmt::format("p = {:.2g}", p);
}

std::string law2_formula(const LawCard& card) {
    std::string out = clean_text(card.y) + " =";
    for (std::size_t i = 0; i < card.terms.size(); ++i) {
        out += fmt::format("{} {}{}", i == 0 ? "" : " +", estimate_text(card.terms[i].coefficient, kDigits),
                           term_words(card.terms[i], card));
    }
    return out;
}

std::string law2_quality(const Law2& law) {
    const LawCard& card = law.card;
    const VariableWords& variable = variable_of(card);
    std::string out = fmt::format("R² {}", fixed_text(card.r2, card.r2 > 0.995 ? 4 : 3));
    if (std::isfinite(card.loo_mape)) {
        out += fmt::format(", leave-one-out error {} %", number_text(100.0 * card.loo_mape, 2));
    }
    const std::optional<Segmented>& fit = law.on(variable.variable);
    const std::size_t n = fit ? fit->n_trials : static_cast<std::size_t>(card.n_trials);
    return out + fmt::format(", {} trials of {} to {} {}", count_text(static_cast<std::int64_t>(n)),
                             count_text(std::llround(card.x_min)), count_text(std::llround(card.x_max)),
                             variable.phrase);
}

std::string law2_choice(const Law2& law) {
    const VariableWords& variable = variable_of(law.card);
    const std::optional<Segmented>& fit = law.on(variable.variable);
    if (!fit || fit->fits.empty()) {
        return "No form was chosen.";
    }
    const SegmentedFit& chosen = fit->chosen();
    if (!std::isfinite(chosen.aicc)) {
        return "Too few trials to compare forms by AICc.";
    }
    std::string others;
    for (const SegmentedFit& other : fit->fits) {
        if (!other.chosen) {
            others += fmt::format("{} {} {:.2f}", others.empty() ? ";" : ",", spoken(other.form), other.aicc_weight);
        }
    }
    return fmt::format("Over {} the form is {} (AICc weight {:.2f}{}).", variable.phrase, spoken(chosen.form),
                       chosen.aicc_weight, others);
}

std::string law2_knee(const Law2& law, double aspect) {
    if (!law.on_nominal_px) {
        return {};
    }
    const Segmented& fit = *law.on_nominal_px;
    if (!fit.knee) {
        return no_knee_words(fit);
    }
    return found_words(law, *fit.knee, aspect) + slope_words(law, *fit.knee) +
           fmt::format(" Test against no knee: {}.", p_text(fit.test.p));
}

std::vector<LawText> law2_texts(const std::vector<Law2>& laws, double aspect) {
    std::vector<LawText> out;
    for (const Law2& law : laws) {
        const Metric* const metric = find_metric(law.y);
        LawText text;
        text.metric = clean_text(law.y);
        text.header = metric == nullptr ? text.metric : std::string(metric->header);
        text.unit = clean_text(law.card.y_unit);
        text.formula = law2_formula(law.card);
        text.quality = law2_quality(law);
        text.choice = law2_choice(law);
        text.knee = law2_knee(law, aspect);
        out.push_back(std::move(text));
    }
    return out;
}

}  // namespace landauer
