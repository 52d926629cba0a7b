// A fitted cost law as a small versioned JSON file that other programs can read.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace landauer {

struct Interval {
    double low = 0.0;
    double high = 0.0;
    friend bool operator==(const Interval&, const Interval&) = default;
};

// A value with its 95 % interval.
struct Estimate {
    double value = 0.0;
    Interval ci95;
    friend bool operator==(const Estimate&, const Estimate&) = default;
};

struct LawTerm {
    std::string name;  // law1: "intercept", "n_in", "n_out", "n_in^2"; law2: "intercept", "x", "x^2"
    Estimate coefficient;
    friend bool operator==(const LawTerm&, const LawTerm&) = default;
};

// Requests of one size.
struct TokenCounts {
    double n_in = 0.0;
    double n_out = 0.0;
    double count = 1.0;
    friend bool operator==(const TokenCounts&, const TokenCounts&) = default;
};

struct LawCard {
    int version = 1;
    std::string law;      // "law1": of tokens; "law2": of the size of an image
    std::string formula;  // "y = a + b n_in + c n_out", "y = a + b min(x, k)"
    std::string y;        // metric name: "seconds", "cpu_s", "energy_j"
    std::string y_unit;
    std::vector<LawTerm> terms;
    double r2 = 0.0;
    double residual_sd = 0.0;  // of one trial round the law, in y_unit
    double loo_mape = 0.0;     // leave-one-out mean absolute error, as a fraction of y
    double aicc = 0.0;
    int n_trials = 0;    // law2: sizes, where repetitions of a size deviate together
    double x_min = 0.0;  // range of input tokens, or of x, that was measured
    double x_max = 0.0;
    std::vector<std::vector<double>> covariance;  // of the coefficients, order of `terms`, then of the knee
    std::map<std::string, std::string> scope;     // machine, model, model_sha256, engine, settings
    // Of law2 alone.
    std::string x;                 // "image_tokens", "effective_px" or "nominal_px"
    std::optional<Estimate> knee;  // in units of x; the cost is flat beyond it
    friend bool operator==(const LawCard&, const LawCard&) = default;

    // Law 1 at (n_in, n_out), with a 95 % interval for the mean of repeated trials.
    [[nodiscard]] Estimate predict(double n_in, double n_out) const;
    // The sum over requests; what is uncertain about the law is so for all of them together.
    [[nodiscard]] Estimate predict_total(const std::vector<TokenCounts>& requests) const;
    // Law 2 at an image of size x, likewise. Not a number from a card of another law.
    [[nodiscard]] Estimate predict_image(double size) const;
};

[[nodiscard]] std::string to_json(const LawCard& card);
[[nodiscard]] Result<LawCard> law_card_from_json(const std::string& text);
[[nodiscard]] Result<LawCard> read_law_card(const std::filesystem::path& file);

}  // namespace landauer
