// Law 1: what a prompt costs as a function of its tokens (arXiv 2512.16531, scaling laws).
#pragma once

#include <landauer/caveat.h>
#include <landauer/error.h>
#include <landauer/law_card.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

// One candidate form, fitted.
struct LawFit {
    std::string form;  // its terms but the intercept: "constant", "n_in", "n_in+n_out", "n_in+n_out+n_in^2"
    LawCard card;
    double aicc_weight = 0.0;  // Akaike weight among the candidates; they sum to 1
    bool chosen = false;
};

struct Law1 {
    std::string y;                 // metric
    std::vector<LawFit> fits;      // sorted by AICc; exactly one chosen
    LawFit paper_form;             // y = a + b n_in, always (over n_out in a decode law whose answers vary)
    double residual_runs_p = 1.0;  // Wald-Wolfowitz test on the chosen form's residuals ordered by tokens
    std::vector<Caveat> caveats;
};

// One trial: tokens that were really processed, tokens generated, and the cost.
struct LawCase {
    double n_in = 0.0;
    double n_out = 0.0;
    double y = 0.0;
    // Half-widths of 95 % intervals of errors that repeat in every case and so do not average out:
    // of the idle level, and of the meter's gain. The coefficients' intervals hold what they do to the fit.
    double shared = 0.0;
    double gain = 0.0;
    double tilt = 0.0;  // signed
};

// Which forms compete. A form whose columns cannot be told apart on the data is left out
// with a caveat (a ladder with answers of one length says nothing about n_out).
enum class LawKind : std::uint8_t {
    whole,    // constant; n_in; + n_out; + n_in^2
    prefill,  // constant; n_in; + n_in^2
    decode,   // constant; n_out; + n_in. As `whole` when answers do not vary in length.
};

struct LawRequest {
    std::string y;  // metric name
    std::string y_unit;
    LawKind kind = LawKind::whole;
    int bootstrap = 2000;
    std::uint32_t seed = 1;
    std::map<std::string, std::string> scope;  // copied into each card
};

// Fits every form by least squares, ranks them by AICc, and gives each coefficient a 95 %
// interval by resampling trials (expanded percentile; at most 4e6 / n replicates, so that
// ten thousand trials stay quick). Card covariances are heteroscedasticity-consistent (HC3).
// Cases with a value that is not finite are left out. Invalid, with what to do, for fewer
// than three distinct token counts. The order of the cases does not matter.
[[nodiscard]] Result<Law1> fit_law1(const LawRequest& request, std::span<const LawCase> cases);

// Corrected Akaike criterion of a least-squares fit with `terms` coefficients (the residual
// variance counts as one more); infinite where n leaves no room. rss is floored at rss_floor,
// so that of two perfect fits the simpler wins.
[[nodiscard]] double aicc(std::size_t n, std::size_t terms, double rss, double rss_floor);

}  // namespace landauer
