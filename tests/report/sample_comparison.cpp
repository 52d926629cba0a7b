#include "sample_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace landauer::test {
namespace {

Estimate about(double value, double relative) {
    const double half = std::abs(value) * relative;
    return {value, {value - half, value + half}};
}

Comparison cost(const char* metric, double base, double ratio, double half, Verdict verdict) {
    Comparison one;
    one.metric = find_metric(metric);
    one.base = about(base, 0.02);
    one.candidate = about(base * ratio, 0.02);
    one.effect = {ratio, {ratio - half, ratio + half}};
    one.ci90 = {ratio - 0.84 * half, ratio + 0.84 * half};
    one.p = verdict == Verdict::not_separated || verdict == Verdict::equivalent ? 0.4 : 1e-5;
    one.p_holm = std::min(1.0, 4.0 * one.p);
    one.verdict = verdict;
    one.n_pairs = 38;
    one.n_prompts = 19;
    one.n_turns = 6;
    return one;
}

Comparison difference(const char* metric, double base, double change, double half, Verdict verdict) {
    Comparison one = cost(metric, base, 1.0, 0.01, verdict);
    one.scale = EffectScale::difference;
    one.base = {base, {base - half, base + half}};
    one.candidate = {base + change, {base + change - half, base + change + half}};
    one.effect = {change, {change - half, change + half}};
    one.ci90 = {change - 0.84 * half, change + 0.84 * half};
    return one;
}

Accuracy an_accuracy(const std::string& text) {
    Accuracy out;
    out.raw = difference("similarity", 76.1, -1.9, 2.6, Verdict::not_separated);
    out.trimmed = difference("similarity", 78.4, -0.3, 0.9, Verdict::equivalent);
    out.answers = {{"P1", 81.2, 80.9, "The cat sat on the mat and looked at " + text + ".",
                    "A cat sat on a mat, looking on.", "", "", false, ""},
                   {"P2", 77.5, 12.1, "It rained in the town for three days.", "rain rain rain rain rain rain", "",
                    "loop", true, "candidate 12.1 is below 31.0"},
                   {"P3", std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(),
                    "No reference.", "", "", "empty", false, ""}};
    out.n_unscored = 1;
    out.n_defects_candidate = 2;
    return out;
}

PairComparison a_pair(const ComparisonOptions& o, std::size_t candidate, double ratio) {
    PairComparison pair;
    pair.candidate = candidate;
    pair.costs = {cost("seconds", 2.31, ratio, 0.006, Verdict::better),
                  cost("prefill_ts", 410.0, 1.0 / ratio, 0.03, Verdict::better),
                  cost("decode_ts", 51.0, 1.71, 0.05, Verdict::better),
                  cost("cpu_s", 4.5, ratio + 0.01, 0.007, Verdict::better),
                  cost("rss_peak_bytes", 2.6e8, 0.71, 0.001, Verdict::better),
                  cost("rss_anon_bytes", 9.0e7, 1.08, 0.02, Verdict::worse),
                  cost("cpu_auc_pct_s", 448.0, ratio, 0.02, Verdict::better),
                  cost("ram_auc_gib_s", 0.53, 0.33, 0.02, Verdict::better),
                  cost("major_faults", 3.0, 1.02, 0.2, Verdict::not_separated),
                  cost("freq_mean_hz", 2.0e9, 1.001, 0.004, Verdict::equivalent)};
    if (o.energy) {
        pair.costs.push_back(cost("net_energy_j", 43.9, 0.44, 0.012, Verdict::better));
        pair.costs.push_back(cost("wh", 0.0122, 0.44, 0.012, Verdict::better));
        pair.costs.push_back(cost("j_per_token", 0.05, 0.44, 0.012, Verdict::better));
        pair.break_even_prompts = 1234.2;
    }
    if (o.accuracy) {
        pair.accuracy = an_accuracy(o.text);
    }
    pair.quality = {difference("exact_match", 0.42, -0.05, 0.11, Verdict::not_separated),
                    cost("perplexity", 17.2, 1.09, 0.01, Verdict::worse),
                    difference("kl_mean", 0.0, 0.08, 0.01, Verdict::worse)};
    pair.caveats = {{"few-turns", Severity::note, "The models took turns 6 times.", "More with --pieces."}};
    return pair;
}

// The sample run's laws are those of its own speed.
void slow_down(Law1& law, double slower) {
    law.fits.push_back(law.paper_form);
    for (LawFit& fit : law.fits) {
        for (LawTerm& term : fit.card.terms) {
            term.coefficient = {term.coefficient.value * slower,
                                {term.coefficient.ci95.low * slower, term.coefficient.ci95.high * slower}};
        }
        for (auto& row : fit.card.covariance) {
            for (double& one : row) {
                one *= slower * slower;
            }
        }
    }
    law.paper_form = law.fits.back();
    law.fits.pop_back();
}

void add_contender(const ComparisonOptions& o, const std::string& name, double slower, SampleComparison& out) {
    out.runs.push_back(std::make_unique<SampleRun>(sample_run({.energy = o.energy, .text = o.text, .slower = slower})));
    out.runs.back()->analysis.totals["tokens"] = about(14'630.0, 0.0);
    for (Law1& law : out.runs.back()->analysis.laws) {
        slow_down(law, slower);
    }
    RunData& data = *out.runs.back()->data;
    data.run.id = static_cast<std::int64_t>(out.runs.size());
    data.run.model.path = "/models/" + name;
    out.scores.push_back(std::make_unique<RunScores>());
    out.scores.back()->references = "19 answers by " + o.text + ", 2026-03-01";
    out.scores.back()->embedder = "all-MiniLM-L6-v2";
    Contender contender;
    contender.name = name;
    contender.run = &out.runs.back()->analysis;
    contender.scores = o.accuracy ? out.scores.back().get() : nullptr;
    out.comparison->contenders.push_back(contender);
}

void add_gates(SampleComparison& out) {
    GateResult passed;
    passed.gate = {"seconds>+5%", "seconds", true, 0.05, true};
    passed.candidate = 1;
    passed.change = -0.576;
    passed.ci95 = {-0.582, -0.570};
    GateResult failed = passed;
    failed.gate = {"perplexity>+5%", "perplexity", true, 0.05, true};
    failed.change = 0.09;
    failed.ci95 = {0.08, 0.10};
    failed.failed = true;
    failed.is_certain = true;
    GateResult doubtful = passed;
    doubtful.gate = {"accuracy<-1", "similarity", false, -1.0, false};
    doubtful.change = -1.9;
    doubtful.ci95 = {-4.5, 0.7};
    doubtful.failed = true;
    out.report.gates = {{passed, false}, {failed, false}, {doubtful, true}};
}

void add_use(const ComparisonOptions& o, SampleComparison& out) {
    out.report.use = Use{500.0, 0.31, 50.0, 380.0, "national grid mix, " + o.text};
    for (std::size_t i = 0; i < out.comparison->contenders.size(); ++i) {
        const double share = i == 0 ? 1.0 : 0.44;
        out.report.years.emplace_back(std::nullopt);
        if (o.energy) {
            out.report.years.back() = YearOfUse{about(2.22 * share, 0.02), about(0.69 * share, 0.02),
                                                about(0.84 * share, 0.02), about(4100.0 / share, 0.02)};
        }
    }
}

}  // namespace

SampleComparison sample_comparison(const ComparisonOptions& options) {
    SampleComparison out;
    out.comparison = std::make_unique<ModelComparison>();
    ModelComparison& comparison = *out.comparison;
    const std::string extra = options.text == ComparisonOptions{}.text ? "" : options.text;
    add_contender(options, "base.gguf" + extra, 1.0, out);
    add_contender(options, "small.gguf" + extra, 0.424, out);
    comparison.pairs = {a_pair(options, 1, 0.424)};
    if (options.control) {
        add_contender(options, "base-Q3_K_M.gguf" + extra, 0.7, out);
        comparison.contenders.back().is_control = true;
        comparison.pairs.push_back(a_pair(options, 2, 0.7));
    }
    if (options.energy) {
        comparison.contenders[1].making_wh = 8.4;
    }
    comparison.cost_metric = find_metric(options.energy ? "wh" : "cpu_s");
    if (options.accuracy) {
        for (std::size_t i = 0; i < comparison.contenders.size(); ++i) {
            comparison.pareto.push_back({i, about(0.0122 * (i == 1 ? 0.44 : 1.0 - 0.1 * static_cast<double>(i)), 0.02),
                                         about(76.1 - 0.9 * static_cast<double>(i), 0.02), i != 2});
        }
    }
    comparison.caveats = {{"settings-differ", Severity::warning,
                           "The runs differ in n_batch: 512 and 2048 " + options.text,
                           "Run both with the same flags."}};
    out.report.comparison = out.comparison.get();
    out.report.command = "landauer compare base.gguf small.gguf -r 2" + extra;
    out.report.version = "0.1.0";
    out.report.notes = {"A stock Q3_K_M of the base has the bytes of small.gguf" + extra + "."};
    if (options.gates) {
        add_gates(out);
    }
    if (options.use) {
        add_use(options, out);
    }
    if (options.published) {
        out.report.published = *find_published_pair("llama8b-gilda@rpi5");
    }
    return out;
}

}  // namespace landauer::test
