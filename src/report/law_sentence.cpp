#include "report/law_sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/metrics.h"
#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr int kDigits = 3;

// What one more of a term's variable is called.
struct TermWords {
    std::string_view name;
    std::string_view phrase;  // after the amount
};
constexpr std::array kTermWords = {
    TermWords{"n_in", "for each prompt token"},
    TermWords{"n_out", "for each generated token"},
    TermWords{"n_in^2", "for each prompt token squared"},
};

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
    }
    return out;
}

bool includes_zero(const Estimate& e) { return !has_interval(e) || (e.ci95.low <= 0.0 && e.ci95.high >= 0.0); }

std::string fixed_words(const LawCard& card, const Estimate& intercept, double n_gen) {
    if (intercept.value < 0.0) {
        return includes_zero(intercept) ? "no fixed part that can be told from zero" : "a fixed part below zero";
    }
    const bool holds_answer = n_gen > 0.0 && find_term(card, "n_out") == nullptr && card.y != "prefill_s";
    return fmt::format("{} fixed{}", quantity_text(intercept.value, card.y_unit, kDigits),
                       holds_answer ? fmt::format(" (its {:.0f} answer tokens included)", n_gen) : "");
}

std::string shown_form(std::string_view form) {
    std::string out(form);
    if (const auto at = out.find("^2"); at != std::string::npos) {
        out.replace(at, 2, "²");
    }
    return out;
}

}  // namespace

const LawFit* chosen_fit(const Law1& law) {
    const auto found = std::find_if(law.fits.begin(), law.fits.end(), [](const LawFit& fit) { return fit.chosen; });
    return found == law.fits.end() ? nullptr : &*found;
}

const LawTerm* find_term(const LawCard& card, std::string_view name) {
    const auto found =
        std::find_if(card.terms.begin(), card.terms.end(), [&](const LawTerm& term) { return term.name == name; });
    return found == card.terms.end() ? nullptr : &*found;
}

std::string law_formula(const LawCard& card) {
    std::string out = clean_text(card.y) + " =";
    for (std::size_t i = 0; i < card.terms.size(); ++i) {
        const LawTerm& term = card.terms[i];
        const std::string amount = estimate_text(term.coefficient, kDigits);
        out += fmt::format("{} {}{}", i == 0 ? "" : " +", amount,
                           term.name == "intercept" ? "" : " " + shown_form(term.name));
    }
    return out;
}

std::string law_quality(const LawCard& card) {
    const auto tokens = [](double x) { return count_text(std::llround(std::isfinite(x) ? x : 0.0)); };
    std::string out = fmt::format("R² {}", fixed_text(card.r2, card.r2 > 0.995 ? 4 : 3));
    if (std::isfinite(card.loo_mape)) {
        out += fmt::format(", leave-one-out error {} %", number_text(100.0 * card.loo_mape, 2));
    }
    return out + fmt::format(", {} trials of {} to {} tokens", count_text(card.n_trials), tokens(card.x_min),
                             tokens(card.x_max));
}

std::string law_choice(const Law1& law) {
    const LawFit* const chosen = chosen_fit(law);
    if (chosen == nullptr) {
        return "No form was chosen.";
    }
    if (!std::isfinite(chosen->card.aicc)) {
        return "Too few trials to compare forms by AICc; this is the paper's form.";
    }
    if (law.fits.size() == 1) {
        return fmt::format("{} is the only form that these trials can tell.", shown_form(chosen->form));
    }
    std::string others;
    for (const LawFit& fit : law.fits) {
        if (!fit.chosen) {
            others += fmt::format("{} {} {:.2f}", others.empty() ? ";" : ",", shown_form(fit.form), fit.aicc_weight);
        }
    }
    return fmt::format("AICc chooses {} (weight {:.2f}{}).", shown_form(chosen->form), chosen->aicc_weight, others);
}

std::string law_words(const LawCard& card, double n_gen) {
    const LawTerm* const intercept = find_term(card, "intercept");
    if (card.terms.size() == 1 && intercept != nullptr) {
        return fmt::format("{} whatever its length", quantity_text(intercept->coefficient.value, card.y_unit, kDigits));
    }
    std::vector<std::string> parts;
    if (intercept != nullptr) {
        parts.push_back(fixed_words(card, intercept->coefficient, n_gen));
    }
    for (const TermWords& words : kTermWords) {
        if (const LawTerm* const term = find_term(card, words.name); term != nullptr) {
            parts.push_back(
                fmt::format("{} {}", quantity_text(term->coefficient.value, card.y_unit, kDigits), words.phrase));
        }
    }
    return joined(parts);
}

std::string law_warning(const Law1& law) {
    const LawTerm* const slope = find_term(law.paper_form.card, law.paper_form.form);
    if (slope == nullptr || !includes_zero(slope->coefficient)) {
        return {};
    }
    return "The slope's interval includes zero: these trials do not show that the cost grows with tokens.";
}

std::vector<LawText> law_texts(const std::vector<Law1>& laws) {
    std::vector<LawText> out;
    for (const Law1& law : laws) {
        const LawFit* const chosen = chosen_fit(law);
        if (chosen == nullptr) {
            continue;
        }
        const Metric* const metric = find_metric(law.y);
        LawText text;
        text.metric = clean_text(law.y);
        text.header = metric == nullptr ? text.metric : std::string(metric->header);
        text.unit = clean_text(chosen->card.y_unit);
        text.formula = law_formula(chosen->card);
        text.quality = law_quality(chosen->card);
        text.choice = law_choice(law);
        if (chosen->form != law.paper_form.form) {
            text.paper = fmt::format("The paper's form: {} ({}).", law_formula(law.paper_form.card),
                                     law_quality(law.paper_form.card));
        }
        text.warning = law_warning(law);
        out.push_back(std::move(text));
    }
    return out;
}

}  // namespace landauer
