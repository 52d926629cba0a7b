#include "sample_run.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "sample_trace.h"

namespace landauer::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 5'000 * kSecond;
constexpr double kGiB = 1073741824.0;

// A fixed wobble in [-1, 1] in place of noise; whole numbers, so that no library's sine matters.
double wobble(int i) { return ((i * 37 + 11) % 101 - 50) / 50.0; }

// To the microsecond (or so), which takes away what compilers round differently.
double rounded(double value) { return std::round(value * 1e6) / 1e6; }

std::int64_t prompt_tokens(int i) { return 16 + 82 * std::int64_t{i}; }

std::map<std::string, double> figures_of(const SampleOptions& o, std::int64_t n_in, std::int64_t n_gen, int i) {
    const double prefill = o.slower * (0.02 + kPerToken * static_cast<double>(n_in)) * (1.0 + 0.01 * wobble(i));
    const double decode = n_gen == 0 ? 0.0 : o.slower * 0.30 * (1.0 + 0.01 * wobble(i + 100));
    const double seconds = prefill + decode;
    std::map<std::string, double> f = {
        {"seconds", seconds},
        {"prefill_s", prefill},
        {"decode_s", decode},
        {"prefill_ts", static_cast<double>(n_in) / prefill},
        {"cpu_s", 1.95 * seconds},
        {"cpu_busy_s", 1.97 * seconds},
        {"cpu_percent", 195.0},
        {"others_cpu_s", 0.01 * seconds},
        {"rss_peak_bytes", 2.5e8 + 2.0e4 * static_cast<double>(n_in)},
        {"cpu_auc_pct_s", 194.0 * seconds},
        {"ram_auc_gib_s", 0.23 * seconds},
    };
    if (n_gen > 0) {
        f["decode_ts"] = static_cast<double>(n_gen - 1) / decode;
    }
    if (o.energy) {
        f["energy_j"] = 28.0 * seconds;
        f["net_energy_j"] = 19.0 * seconds;
        f["wh"] = 19.0 * seconds / 3600.0;
        f["j_per_token"] = 19.0 * seconds / static_cast<double>(n_in + n_gen);
    }
    for (auto& [name, value] : f) {
        value = rounded(value);
    }
    return f;
}

ModelRecord a_model(const std::string& text) {
    ModelRecord model;
    model.id = 1;
    model.path = "/models/" + text + ".gguf";
    model.sha256 = "b179c95210db53";
    model.name = text;
    model.type = "llama 135M Q4_1";
    model.size_bytes = 96'576'768;
    model.n_params = 134'515'008;
    return model;
}

RunRecord a_run(const SampleOptions& o) {
    RunRecord run;
    run.id = 7;
    run.uuid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    run.model = a_model(o.text);
    run.plan_hash = "00c0ffee00c0ffee";
    run.protocol = o.grid ? "grid" : "quick";
    run.label = o.text == SampleOptions{}.text ? "" : o.text;
    run.created_utc = "2026-03-01T12:00:00Z";
    run.settings = {{"n_threads", "2"}, {"n_batch", "2048"},    {"n_ubatch", "512"},   {"type_k", "f16"},
                    {"type_v", "f16"},  {"flash_attn", "auto"}, {"load_mode", "mmap"}, {"repack", "1"}};
    run.command = "landauer bench -m '" + o.text + ".gguf' -t 2";
    return run;
}

SessionRecord a_session(const SampleOptions& o) {
    SessionRecord session;
    session.id = 3;
    session.started_utc = "2026-03-01T12:00:00Z";
    session.started_ns = kStart;
    session.ended_utc = "2026-03-01T12:03:00Z";
    session.command = "landauer bench -m '" + o.text + ".gguf' -t 2";
    session.version = "0.1.0";
    session.environment = {{"cpu_model", "Example CPU @ 2.0 GHz"},
                           {"kernel", "6.1.0"},
                           {"n_cpu_logical", "2"},
                           {"governor", "performance"},
                           {"llama_commit", o.commit},
                           {"llama_build", "42"},
                           {"backend_features", "AVX2 AVX512"},
                           {"note", o.text}};
    session.rate_hz = o.rate_hz;
    session.sampler = {900, 2, 0, 0, 0.05, 180.0, 40.0, 110.0, 900.0, 0.41, 0.0, 0.0};
    return session;
}

struct Point {
    std::string id;
    std::int64_t n_in;
    std::int64_t n_gen;
};

std::vector<Point> points_of(const SampleOptions& o) {
    if (o.grid) {
        return {{"pp512", 512, 0}, {"tg128", 0, 128}, {"pp512+tg128", 512, 128}};
    }
    std::vector<Point> out;
    for (int i = 0; i < o.prompts; ++i) {
        const std::string id = fmt::format("P{}", i + 1);
        out.push_back({o.text == SampleOptions{}.text ? id : id + o.text, prompt_tokens(i), 16});
    }
    return out;
}

void add_trials(const SampleOptions& o, const std::vector<Point>& points, RunData& data) {
    std::int64_t at = kStart + 22 * kSecond;
    for (int r = 0; r < o.repetitions; ++r) {
        for (std::size_t p = 0; p < points.size(); ++p) {
            const int number = static_cast<int>(data.trials.size());
            TrialRecord trial;
            trial.id = number + 1;
            trial.run_id = data.run.id;
            trial.session_id = 3;
            trial.prompt_id = points[p].id;
            trial.key = fmt::format("{}/r{}", points[p].id, r);
            trial.repetition = r;
            trial.n_prompt = points[p].n_in;
            trial.n_gen = points[p].n_gen;
            trial.stop = "length";
            trial.answer = o.text;
            trial.figures = figures_of(o, trial.n_prompt, trial.n_gen, number);
            const auto length = [&](const char* name) { return std::llround(trial.figures.at(name) * 1e9); };
            trial.begin_ns = at;
            trial.phases = {{PhaseKind::prefill, at, at + length("prefill_s"), trial.n_prompt}};
            trial.end_ns = at + length("seconds");
            trial.phases.push_back({PhaseKind::decode, trial.phases[0].end_ns, trial.end_ns, trial.n_gen});
            at = trial.end_ns + 3 * kSecond / 10;
            const bool is_last_round = r + 1 == o.repetitions;
            if (is_last_round && p + static_cast<std::size_t>(o.spoiled) >= points.size()) {
                trial.grade = Grade::C;
                trial.figures["seconds"] = rounded(1.6 * trial.figures["seconds"]);
            } else if (number == 3) {
                trial.grade = Grade::B;
            }
            data.trials.push_back(std::move(trial));
        }
    }
}

Estimate planted(double value, double half) { return {value, {value - half, value + half}}; }

LawFit line(const std::string& y, const std::string& unit, double fixed, double slope, double weight, bool chosen) {
    LawFit fit;
    fit.form = "n_in";
    fit.card.law = "law1";
    fit.card.formula = "y = a + b n_in";
    fit.card.y = y;
    fit.card.y_unit = unit;
    fit.card.terms = {{"intercept", planted(fixed, 0.06 * std::abs(fixed))}, {"n_in", planted(slope, 0.02 * slope)}};
    const double sa = 0.03 * fixed;
    const double sb = 0.01 * slope;
    fit.card.covariance = {{sa * sa, -0.5 * sa * sb}, {-0.5 * sa * sb, sb * sb}};
    fit.card.r2 = 0.9981;
    fit.card.residual_sd = 0.02 * fixed;
    fit.card.loo_mape = 0.0123;
    fit.card.aicc = -200.0;
    fit.card.n_trials = 37;
    fit.card.x_min = 16;
    fit.card.x_max = 1492;
    fit.aicc_weight = weight;
    fit.chosen = chosen;
    return fit;
}

LawFit constant(const LawFit& like) {
    LawFit fit = like;
    fit.form = "constant";
    fit.card.formula = "y = a";
    fit.card.terms.resize(1);
    fit.card.covariance = {{like.card.covariance[0][0]}};
    fit.card.r2 = 0.0;
    fit.card.aicc = -20.0;
    fit.aicc_weight = 0.0;
    fit.chosen = false;
    return fit;
}

Law1 a_law(const std::string& y, const std::string& unit, double fixed, double slope) {
    Law1 law;
    law.y = y;
    law.fits = {line(y, unit, fixed, slope, 1.0, true)};
    law.fits.push_back(constant(law.fits.front()));
    law.paper_form = law.fits.front();
    law.residual_runs_p = 0.4;
    law.caveats = {{"n-out-not-separable", Severity::note,
                    "All answers have 16 tokens, so the cost of an output token cannot be told from the fixed cost.",
                    "Run prompts with answers of several lengths, for example -n 16,64,128."}};
    return law;
}

void add_laws(const SampleOptions& o, RunAnalysis& out) {
    out.laws = {a_law("seconds", "s", kFixed, kPerToken),
                a_law("prefill_s", "s", 0.02, kPerToken),
                a_law("decode_s", "s", 0.30, 1e-6),
                a_law("cpu_s", "s", 1.95 * kFixed, 1.95 * kPerToken),
                a_law("cpu_auc_pct_s", "%·s", 194 * kFixed, 194 * kPerToken),
                a_law("ram_auc_gib_s", "GiB·s", 0.23 * kFixed, 0.23 * kPerToken)};
    if (o.energy) {
        out.laws.push_back(a_law("net_energy_j", "J", 19 * kFixed, 19 * kPerToken));
    }
}

// Means and +-2 % intervals of what the trials of one prompt have in common.
void add_prompt(const Point& point, RunAnalysis& out) {
    PromptFigures prompt;
    prompt.prompt_id = point.id;
    prompt.n_prompt = point.n_in;
    prompt.n_gen = point.n_gen;
    std::map<std::string, std::vector<double>> values;
    for (const TrialRecord& trial : out.data->trials) {
        if (trial.prompt_id != point.id) {
            continue;
        }
        if (trial.grade == Grade::C) {
            ++prompt.n_spoiled;
            continue;
        }
        ++prompt.n_valid;
        for (const auto& [name, value] : trial.figures) {
            values[name].push_back(value);
        }
    }
    for (const auto& [name, list] : values) {
        double sum = 0.0;
        for (const double v : list) {
            sum += v;
        }
        const double mean = sum / static_cast<double>(list.size());
        prompt.figures[name] = planted(mean, list.size() > 1 ? 0.02 * mean : 0.0);
        if (list.size() > 1) {
            prompt.sd[name] = 0.01 * mean;
        }
    }
    out.prompts.push_back(std::move(prompt));
}

void add_idle(const SampleOptions& o, RunAnalysis& out) {
    const std::int64_t end = out.data->trials.back().end_ns + kSecond;
    const auto baseline = [&](const char* where, std::int64_t from, std::int64_t to, double rss) {
        IdleBaseline idle;
        idle.where = where;
        idle.session_id = 3;
        idle.window = {from, to};
        idle.means = {{"cpu_percent", planted(2.1, 0.4)},
                      {"others_percent", planted(1.6, 0.3)},
                      {"rss_bytes", planted(rss, 1e4)},
                      {"system_used_bytes", planted(1.9e9, 2e6)}};
        if (o.energy) {
            idle.means["power_w"] = planted(9.1, 0.1);
        }
        return idle;
    };
    out.idle = {baseline("before_load", kStart, kStart + 10 * kSecond, 2.0e7),
                baseline("before", kStart + 11 * kSecond, kStart + 21 * kSecond, 2.4e8),
                baseline("after", end, end + 10 * kSecond, 2.6e8)};
    out.idle.back().contaminated = true;
}

void add_windows(RunAnalysis& out) {
    DetectedWindows windows;
    windows.session_id = 3;
    for (const TrialRecord& trial : out.data->trials) {
        windows.marked.push_back({trial.begin_ns, trial.end_ns});
        windows.detected.push_back({trial.begin_ns + kSecond / 20, trial.end_ns + kSecond / 12});
    }
    windows.n_resolvable = static_cast<int>(windows.marked.size());
    windows.n_matched = windows.n_resolvable - 1;
    windows.median_edge_error_s = 0.07;
    out.windows = {std::move(windows)};
}

void add_totals(RunAnalysis& out) {
    for (const char* name : {"seconds", "cpu_s", "cpu_auc_pct_s", "ram_auc_gib_s", "energy_j", "net_energy_j", "wh"}) {
        double sum = 0.0;
        for (const PromptFigures& prompt : out.prompts) {
            const auto found = prompt.figures.find(name);
            sum += found == prompt.figures.end() ? 0.0 : found->second.value;
        }
        if (sum > 0.0) {
            out.totals[name] = planted(sum, 0.01 * sum);
        }
    }
}

}  // namespace

std::string hostile_text() {
    std::string text = "</script><script>alert(1)</script>\"'`|\n<img src=x onerror=alert(2)>\\ \x1b[31m\u2028\u202e";
    text += '\0';
    text += "\xff\xfe${7*7}{{}}";
    return text;
}

SampleRun sample_run(const SampleOptions& options) {
    SampleRun out;
    out.data = std::make_unique<RunData>();
    out.data->run = a_run(options);
    const std::vector<Point> points = points_of(options);
    add_trials(options, points, *out.data);
    SessionData session;
    session.session = a_session(options);
    session.loads = {{PhaseKind::load, kStart + 21 * kSecond / 2, kStart + 11 * kSecond, 0}};
    RunAnalysis& analysis = out.analysis;
    analysis.data = out.data.get();
    for (const Point& point : points) {
        add_prompt(point, analysis);
    }
    for (std::size_t i = 0; i < out.data->trials.size(); ++i) {
        const TrialRecord& trial = out.data->trials[i];
        if (trial.grade != Grade::C) {
            analysis.trials.push_back({trial.id, i, trial.figures, {}});
        }
    }
    if (!options.grid) {
        add_laws(options, analysis);
    }
    add_idle(options, analysis);
    add_windows(analysis);
    add_totals(analysis);
    session.trace = sample_trace(*out.data, analysis, options);
    out.data->sessions.push_back(std::move(session));
    if (options.energy) {
        analysis.energy = {{0}, "package-0 (powercap)", "measured", "", {}};
    }
    analysis.n_spoiled = options.spoiled;
    analysis.caveats = {
        {"spoiled-trials", Severity::warning, "1 of 38 trials is of grade C and enters no figure: P19/r1.",
         "It was disturbed; run again on a quiet machine."},
        {"idle-contaminated", Severity::warning, options.text + " used 12 % of one core in the baseline after the run.",
         "Close other programs while measuring."},
        {"n-out-not-separable", Severity::note,
         "All answers have 16 tokens, so the cost of an output token cannot be told from the fixed cost.",
         "Run prompts with answers of several lengths, for example -n 16,64,128."}};
    return out;
}

}  // namespace landauer::test
