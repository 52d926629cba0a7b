// A law in words and as a formula with its intervals.
#pragma once

#include <string>
#include <vector>

#include "analysis/laws/law1.h"

namespace landauer {

// The fit that AICc chose; null for a law without fits.
[[nodiscard]] const LawFit* chosen_fit(const Law1& law);
// The coefficient of a term; null when the card has no such term.
[[nodiscard]] const LawTerm* find_term(const LawCard& card, std::string_view name);

// "seconds = 0.120 [0.100, 0.140] + 0.0025 [0.0024, 0.0026] n_in"
[[nodiscard]] std::string law_formula(const LawCard& card);
// "R² 0.998, leave-one-out error 2.1 %, 38 trials of 15 to 1,480 tokens"
[[nodiscard]] std::string law_quality(const LawCard& card);
// "AICc chooses n_in (weight 0.82; n_in+n_in^2 0.15, constant 0.03)."
[[nodiscard]] std::string law_choice(const Law1& law);
// "0.12 s fixed and 2.5 ms for each prompt token"; n_gen: answer tokens that the fixed part
// holds when the law has no term for them, 0: do not say.
[[nodiscard]] std::string law_words(const LawCard& card, double n_gen);
// Whether cost grows with tokens: says so when the slope's interval includes zero, else empty.
[[nodiscard]] std::string law_warning(const Law1& law);

// Everything shown about one law: header and sentences.
struct LawText {
    std::string metric;  // "seconds"
    std::string header;  // "time"
    std::string unit;
    std::string formula;  // of the chosen form
    std::string quality;
    std::string choice;
    std::string knee;     // Law 2: predicted against found, and the slopes beside it; else empty
    std::string paper;    // the paper's form when another was chosen, else empty
    std::string warning;  // may be empty
};
[[nodiscard]] std::vector<LawText> law_texts(const std::vector<Law1>& laws);

}  // namespace landauer
