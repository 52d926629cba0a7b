#include "analysis/laws/law1.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>

#include "analysis/laws/law_bootstrap.h"
#include "analysis/laws/terms.h"
#include "analysis/stats.h"
#include "tensor/least_squares.h"

namespace landauer {
namespace {

constexpr std::size_t kIntercept = 0;
constexpr std::size_t kIn = 1;
constexpr std::size_t kOut = 2;
constexpr std::size_t kInSquared = 3;
constexpr std::size_t kFewestDistinct = 3;
// Work of one bootstrap, in resampled cases.
constexpr double kBootstrapCases = 4e6;
constexpr int kFewestReplicates = 200;
constexpr double kZ95 = 1.959963984540054;

using Form = std::vector<std::size_t>;  // indices into kLawVariables, intercept first

struct Data {
    std::vector<std::vector<double>> columns;  // one a law variable
    std::vector<double> y;
    std::vector<double> shared;
    std::vector<double> gain;
    std::vector<double> tilt;
};

Data order(std::span<const LawCase> cases) {
    std::vector<LawCase> sorted;
    std::copy_if(cases.begin(), cases.end(), std::back_inserter(sorted), [](const LawCase& c) {
        return std::isfinite(c.n_in) && std::isfinite(c.n_out) && std::isfinite(c.y);
    });
    std::sort(sorted.begin(), sorted.end(), [](const LawCase& a, const LawCase& b) {
        return std::tie(a.n_in, a.n_out, a.y) < std::tie(b.n_in, b.n_out, b.y);
    });
    Data data;
    data.columns.resize(kLawVariables.size());
    for (const LawCase& c : sorted) {
        for (std::size_t v = 0; v < kLawVariables.size(); ++v) {
            data.columns[v].push_back(kLawVariables[v].at(c.n_in, c.n_out));
        }
        data.y.push_back(c.y);
        data.shared.push_back(c.shared);
        data.gain.push_back(c.gain);
        data.tilt.push_back(c.tilt);
    }
    return data;
}

std::size_t distinct(const std::vector<double>& values) {
    return std::set<double>(values.begin(), values.end()).size();
}

std::vector<std::vector<double>> design(const Data& data, const Form& form) {
    std::vector<std::vector<double>> out;
    std::transform(form.begin(), form.end(), std::back_inserter(out), [&](std::size_t v) { return data.columns[v]; });
    return out;
}

std::vector<Form> candidates(LawKind kind) {
    switch (kind) {
        case LawKind::prefill:
            return {{kIntercept}, {kIntercept, kIn}, {kIntercept, kIn, kInSquared}};
        case LawKind::decode:
            return {{kIntercept}, {kIntercept, kOut}, {kIntercept, kIn, kOut}};
        case LawKind::whole:
            break;
    }
    return {{kIntercept}, {kIntercept, kIn}, {kIntercept, kIn, kOut}, {kIntercept, kIn, kOut, kInSquared}};
}

Caveat answer_length_caveat(const Data& data) {
    const bool constant = distinct(data.columns[kOut]) < 2;
    return {
        "n-out-not-separable", Severity::note,
        constant
            ? fmt::format(
                  "All answers have {:.0f} tokens, so the cost of an output token cannot be told from the fixed cost.",
                  data.columns[kOut].front())
            : std::string(
                  "Answers grow in step with prompts, so the costs of input and output tokens cannot be told apart."),
        "Run prompts with answers of several lengths, for example -n 16,64,128."};
}

// The forms that the data can tell apart. A form with answers' tokens in it falls back on
// the same form without them; what still depends on itself is left out.
std::vector<Form> separable(const Data& data, LawKind kind, std::vector<Caveat>& caveats) {
    std::vector<Form> out;
    bool without_answers = false;
    for (Form form : candidates(kind)) {
        if (column_rank(design(data, form)) < form.size() && std::erase(form, kOut) > 0) {
            without_answers = true;
        }
        const bool good = column_rank(design(data, form)) == form.size() && form.size() < data.y.size();
        if (good && std::find(out.begin(), out.end(), form) == out.end()) {
            out.push_back(std::move(form));
        }
    }
    if (without_answers) {
        caveats.push_back(answer_length_caveat(data));
    }
    return out;
}

std::string form_name(const Form& form) {
    std::string out;
    for (const std::size_t v : form) {
        if (v != kIntercept) {
            out += (out.empty() ? "" : "+") + std::string(kLawVariables[v].name);
        }
    }
    return out.empty() ? "constant" : out;
}

std::string formula(const Form& form) {
    std::string out = "y = a";
    for (const std::size_t v : form) {
        if (v != kIntercept) {
            out += fmt::format(" + {} {}", kLawVariables[v].symbol, kLawVariables[v].name);
        }
    }
    return out;
}

// By resampling; where most resamples could not be fitted, by Student's t over the covariance.
Interval coefficient_interval(const LeastSquares& fit, std::size_t term, std::vector<double>& replicates, int asked) {
    const double value = fit.coefficients[term];
    const auto n = static_cast<double>(fit.n);
    const double df = n - static_cast<double>(fit.coefficients.size());
    if (2 * replicates.size() >= static_cast<std::size_t>(asked)) {
        return expanded_percentile(replicates, value, n, df);
    }
    const double half = student_t95(df) * std::sqrt(fit.robust_covariance[term][term]);
    return {value - half, value + half};
}

// Mean of |error of the prediction without the case| / |y|, over cases where both exist.
double loo_mape(const LeastSquares& fit, const std::vector<double>& y) {
    double sum = 0.0;
    int n = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        if (y[i] != 0.0 && std::isfinite(fit.loo_residuals[i])) {
            sum += std::abs(fit.loo_residuals[i] / y[i]);
            ++n;
        }
    }
    return n > 0 ? sum / n : 0.0;
}

LawFit make_fit(const LawRequest& request, const Data& data, const Form& form, const LeastSquares& fit,
                std::vector<std::vector<double>>& replicates, int asked, double rss_floor) {
    LawFit out;
    out.form = form_name(form);
    out.card.law = "law1";
    out.card.formula = formula(form);
    out.card.y = request.y;
    out.card.y_unit = request.y_unit;
    for (std::size_t t = 0; t < form.size(); ++t) {
        out.card.terms.push_back({std::string(kLawVariables[form[t]].name),
                                  {fit.coefficients[t], coefficient_interval(fit, t, replicates[t], asked)}});
    }
    out.card.r2 = fit.tss > 0.0 ? 1.0 - fit.rss / fit.tss : 0.0;
    out.card.residual_sd = std::sqrt(fit.residual_variance());
    out.card.loo_mape = loo_mape(fit, data.y);
    out.card.aicc = aicc(data.y.size(), form.size(), fit.rss, rss_floor);
    out.card.n_trials = static_cast<int>(data.y.size());
    out.card.x_min = *std::min_element(data.columns[kIn].begin(), data.columns[kIn].end());
    out.card.x_max = *std::max_element(data.columns[kIn].begin(), data.columns[kIn].end());
    out.card.covariance = fit.robust_covariance;
    out.card.scope = request.scope;
    return out;
}

// Coefficients are linear in y, so an error that sits in every case moves them by the fit to that error.
void widen(LawCard& card, const std::vector<std::vector<double>>& columns, const std::vector<double>& error) {
    if (std::all_of(error.begin(), error.end(), [](double e) { return e == 0.0; })) {
        return;
    }
    const auto moved = least_squares(columns, error);
    if (!moved) {
        return;
    }
    for (std::size_t t = 0; t < card.terms.size(); ++t) {
        Estimate& coefficient = card.terms[t].coefficient;
        const double half = moved->coefficients[t];
        coefficient.ci95.low = coefficient.value - std::hypot(coefficient.value - coefficient.ci95.low, half);
        coefficient.ci95.high = coefficient.value + std::hypot(coefficient.ci95.high - coefficient.value, half);
        for (std::size_t u = 0; u < card.terms.size(); ++u) {
            card.covariance[t][u] += half * moved->coefficients[u] / (kZ95 * kZ95);
        }
    }
}

void weigh(std::vector<LawFit>& fits) {
    std::stable_sort(fits.begin(), fits.end(),
                     [](const LawFit& a, const LawFit& b) { return a.card.aicc < b.card.aicc; });
    const double best = fits.front().card.aicc;
    if (!std::isfinite(best)) {
        return;  // too few trials to compare forms: no form earns weight
    }
    double sum = 0.0;
    for (LawFit& fit : fits) {
        fit.aicc_weight = std::exp(-0.5 * (fit.card.aicc - best));
        sum += fit.aicc_weight;
    }
    for (LawFit& fit : fits) {
        fit.aicc_weight /= sum;
    }
}

// The runs test on the mean residual of each distinct pair of token counts: repetitions of one
// prompt have no order of their own.
double residual_runs(const Data& data, const std::vector<double>& residuals) {
    std::vector<double> means;
    for (std::size_t i = 0; i < residuals.size();) {
        std::size_t j = i;
        double sum = 0.0;
        while (j < residuals.size() && data.columns[kIn][j] == data.columns[kIn][i] &&
               data.columns[kOut][j] == data.columns[kOut][i]) {
            sum += residuals[j++];
        }
        means.push_back(sum / static_cast<double>(j - i));
        i = j;
    }
    return runs_test(means);
}

Result<void> check(const LawRequest& request, const Data& data, std::size_t primary) {
    const std::size_t n = distinct(data.columns[primary]);
    if (n >= kFewestDistinct) {
        return {};
    }
    const char* const what = primary == kIn ? "prompt" : "answer";
    return fail(ErrorKind::Invalid,
                fmt::format("A law of {} needs {} lengths of at least {} kinds, and the valid trials have {}.",
                            request.y, what, kFewestDistinct, n),
                "Run more prompts of different lengths, or repeat the contended trials on a quiet machine.");
}

struct Fitted {
    std::vector<LawFit> fits;
    std::vector<LeastSquares> squares;
};

Result<Fitted> fit_forms(const LawRequest& request, const Data& data, const std::vector<Form>& forms) {
    const auto n = static_cast<double>(data.y.size());
    const int replicates =
        std::min(request.bootstrap, std::max(kFewestReplicates, static_cast<int>(kBootstrapCases / n)));
    Replicates resampled = bootstrap_forms(data.columns, forms, data.y, replicates, request.seed);
    const double norm = std::inner_product(data.y.begin(), data.y.end(), data.y.begin(), 0.0);
    const double eps = std::numeric_limits<double>::epsilon();
    const double rss_floor = std::max(norm * eps * eps * n, std::numeric_limits<double>::min());
    Fitted out;
    for (std::size_t f = 0; f < forms.size(); ++f) {
        auto fit = least_squares(design(data, forms[f]), data.y);
        if (!fit) {
            return tl::unexpected(fit.error());
        }
        out.fits.push_back(make_fit(request, data, forms[f], *fit, resampled[f], replicates, rss_floor));
        for (const std::vector<double>* error : {&data.shared, &data.gain, &data.tilt}) {
            widen(out.fits.back().card, design(data, forms[f]), *error);
        }
        out.squares.push_back(std::move(*fit));
    }
    return out;
}

void add_quality_caveats(Law1& law) {
    const LawCard& card = law.fits.front().card;
    if (!std::isfinite(card.aicc)) {
        law.caveats.push_back(
            {"too-few-trials", Severity::warning,
             fmt::format("{} trials are too few to compare forms of the {} law.", card.n_trials, law.y),
             "Run more prompts or repetitions, for example -r 3."});
    }
    if (law.residual_runs_p < 0.01) {
        law.caveats.push_back(
            {"law-misfit", Severity::warning,
             fmt::format("The residuals of the {} law keep to one side over stretches of the range (runs test, "
                         "p = {:.2g}), so its form is not the whole truth.",
                         law.y, law.residual_runs_p),
             "Read the law inside the measured range only."});
    }
}

}  // namespace

double aicc(std::size_t n, std::size_t terms, double rss, double rss_floor) {
    const auto cases = static_cast<double>(n);
    const auto k = static_cast<double>(terms + 1);
    if (cases - k - 1.0 <= 0.0) {
        return std::numeric_limits<double>::infinity();
    }
    return cases * std::log(std::max(rss, rss_floor) / cases) + 2.0 * k + 2.0 * k * (k + 1.0) / (cases - k - 1.0);
}

Result<Law1> fit_law1(const LawRequest& request, std::span<const LawCase> cases) {
    const Data data = order(cases);
    LawKind kind = request.kind;
    if (kind == LawKind::decode && distinct(data.columns[kOut]) < kFewestDistinct) {
        kind = LawKind::whole;
    }
    const std::size_t primary = kind == LawKind::decode ? kOut : kIn;
    if (const auto good = check(request, data, primary); !good) {
        return tl::unexpected(good.error());
    }
    Law1 law;
    law.y = request.y;
    const std::vector<Form> forms = separable(data, kind, law.caveats);
    auto fitted = fit_forms(request, data, forms);
    if (!fitted) {
        return tl::unexpected(fitted.error());
    }
    const auto paper = std::find(forms.begin(), forms.end(), Form{kIntercept, primary}) - forms.begin();
    law.paper_form = fitted->fits[static_cast<std::size_t>(paper)];
    law.fits = std::move(fitted->fits);
    weigh(law.fits);
    // Without room for AICc the paper's form stands.
    const bool comparable = std::isfinite(law.fits.front().card.aicc);
    const std::string chosen = comparable ? law.fits.front().form : law.paper_form.form;
    for (LawFit& fit : law.fits) {
        fit.chosen = fit.form == chosen;
        if (fit.form == law.paper_form.form) {
            law.paper_form = fit;
        }
    }
    for (std::size_t f = 0; f < forms.size(); ++f) {
        if (form_name(forms[f]) == chosen) {
            law.residual_runs_p = residual_runs(data, fitted->squares[f].residuals);
        }
    }
    add_quality_caveats(law);
    return law;
}

}  // namespace landauer
