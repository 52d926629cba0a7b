#include "analysis/run_laws.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/law_scope.h"
#include "core/metrics.h"

namespace landauer {
namespace {

struct LawLine {
    const char* metric;
    LawKind kind;
};

constexpr std::array kLaws = {
    LawLine{"seconds", LawKind::whole},       LawLine{"prefill_s", LawKind::prefill},
    LawLine{"decode_s", LawKind::decode},     LawLine{"cpu_s", LawKind::whole},
    LawLine{"cpu_auc_pct_s", LawKind::whole}, LawLine{"ram_auc_gib_s", LawKind::whole},
    LawLine{"net_energy_j", LawKind::whole},  LawLine{"prefill_net_j", LawKind::prefill},
    LawLine{"decode_net_j", LawKind::decode},
};

// A phase's law is over the trials that have the phase.
bool belongs(const TrialRecord& trial, LawKind kind) {
    if (trial.n_depth != 0) {
        return false;
    }
    if (kind == LawKind::prefill) {
        return trial.n_prompt > trial.n_reused;
    }
    return kind != LawKind::decode || trial.n_gen > 0;
}

std::vector<LawCase> cases_of(const RunData& data, std::span<const TrialNet> nets, const LawLine& line) {
    std::vector<LawCase> cases;
    for (const TrialNet& net : nets) {
        const TrialRecord& trial = data.trials[net.index];
        const auto figure = net.figures.find(line.metric);
        if (figure == net.figures.end() || !belongs(trial, line.kind)) {
            continue;
        }
        const auto errors = net.errors.find(line.metric);
        const ErrorParts none;
        const ErrorParts& parts = errors == net.errors.end() ? none : errors->second;
        cases.push_back({static_cast<double>(trial.n_prompt - trial.n_reused), static_cast<double>(trial.n_gen),
                         figure->second, parts.shared, parts.gain, parts.tilt});
    }
    return cases;
}

void add_once(std::vector<Caveat>& into, const Caveat& caveat) {
    if (std::none_of(into.begin(), into.end(), [&](const Caveat& c) { return c.code == caveat.code; })) {
        into.push_back(caveat);
    }
}

void count_depths(const RunData& data, std::span<const TrialNet> nets, RunLaws& out) {
    const auto deep = std::count_if(nets.begin(), nets.end(),
                                    [&](const TrialNet& net) { return data.trials[net.index].n_depth != 0; });
    if (deep > 0) {
        out.caveats.push_back({"depth-left-out", Severity::note,
                               fmt::format("{} trials started on a filled cache (-d) and are in no law.", deep),
                               "Laws describe prompts that start on an empty cache; run tests without -d for them."});
    }
}

}  // namespace

RunLaws fit_run_laws(const RunData& data, std::span<const TrialNet> nets, const AnalysisOptions& options) {
    RunLaws out;
    count_depths(data, nets, out);
    const auto scope = law_scope(data);
    std::uint32_t number = 0;
    for (const LawLine& line : kLaws) {
        const std::vector<LawCase> cases = cases_of(data, nets, line);
        const std::uint32_t seed = options.seed * 64U + number++;
        if (cases.empty()) {
            continue;  // this machine or test has no such figure
        }
        const Metric* const metric = find_metric(line.metric);
        const std::string unit = metric == nullptr ? std::string() : std::string(metric->unit);
        auto law = fit_law1({line.metric, unit, line.kind, options.bootstrap, seed, scope}, cases);
        if (!law) {
            add_once(out.caveats, {"no-law", Severity::warning, law.error().sentence, law.error().remedy});
            continue;
        }
        for (const Caveat& caveat : law->caveats) {
            add_once(out.caveats, caveat);
        }
        out.laws.push_back(std::move(*law));
    }
    return out;
}

}  // namespace landauer
