#include "analysis/trial_net.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "analysis/idle.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
constexpr double kSecondsPerHour = 3600.0;

double length_s(const TrialRecord& trial) { return static_cast<double>(trial.end_ns - trial.begin_ns) * kNs; }
double half_width(const Estimate& e) { return 0.5 * (e.ci95.high - e.ci95.low); }

void put(TrialNet& net, const char* metric, double value, const ErrorParts& errors) {
    if (std::isfinite(value)) {
        net.figures[metric] = value;
        net.errors[metric] = errors;
    }
}

std::string where(const SessionData& session, const PhaseRecord& idle, bool first, std::int64_t first_trial_ns,
                  std::int64_t last_trial_ns) {
    const bool before_loads = std::all_of(session.loads.begin(), session.loads.end(),
                                          [&](const PhaseRecord& load) { return idle.end_ns <= load.begin_ns; });
    if (idle.begin_ns >= last_trial_ns) {
        return "after";
    }
    // Without a recorded load the order of the run loop speaks: load, baseline, trials.
    const bool load_known = !session.loads.empty();
    const bool several_before =
        std::count_if(session.session.idle.begin(), session.session.idle.end(),
                      [&](const PhaseRecord& other) { return other.end_ns <= first_trial_ns; }) > 1;
    return first && before_loads && (load_known || several_before) ? "before_load" : "before";
}

// Model loads, and the phases of trials.
std::vector<Window> busy_windows(const SessionData& session, std::span<const TrialRecord* const> trials) {
    std::vector<Window> out;
    out.reserve(session.loads.size() + 4 * trials.size());
    for (const PhaseRecord& load : session.loads) {
        out.push_back({load.begin_ns, load.end_ns});
    }
    for (const TrialRecord* trial : trials) {
        for (const PhaseRecord& phase : trial->phases) {
            out.push_back({phase.begin_ns, phase.end_ns});
        }
    }
    return out;
}

const Series* samples_of(const Trace& trace, const char* meter, const char* channel) {
    const Series* const series = trace.find(meter, channel);
    return series == nullptr || series->size() == 0 ? nullptr : series;
}

}  // namespace

std::vector<IdleBaseline> session_baselines(const SessionData& session, std::span<const TrialRecord* const> trials,
                                            std::span<const std::string> meters) {
    IdleLimits limits;
    limits.meters.assign(meters.begin(), meters.end());
    std::int64_t first_ns = std::numeric_limits<std::int64_t>::max();
    std::int64_t last_ns = std::numeric_limits<std::int64_t>::min();
    for (const TrialRecord* trial : trials) {
        first_ns = std::min(first_ns, trial->begin_ns);
        last_ns = std::max(last_ns, trial->end_ns);
    }
    std::vector<PhaseRecord> phases = session.session.idle;
    std::sort(phases.begin(), phases.end(), [](const auto& a, const auto& b) { return a.begin_ns < b.begin_ns; });
    std::vector<IdleBaseline> out;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        const std::string place = trials.empty() ? "before" : where(session, phases[i], i == 0, first_ns, last_ns);
        out.push_back(measure_idle(session.trace, {phases[i].begin_ns, phases[i].end_ns}, place, limits));
        out.back().session_id = session.session.id;
    }
    for (std::size_t i = 1; i < out.size(); ++i) {
        if (out[i].where == "after" && out[i - 1].where == "before") {
            compare_idle(out[i - 1], out[i]);
        }
    }
    return out;
}

NetFigures::NetFigures(const SessionData& session, std::span<const IdleBaseline> baselines,
                       std::span<const TrialRecord* const> trials, std::span<const std::string> meters)
    : session_(session), energy_(energy_scope(session.trace, meters)) {
    if (const Series* const busy = samples_of(session.trace, "machine", "busy")) {
        utilisation_ = utilisation_percent(*busy, session.session.rate_hz > 0 ? 0.5 / session.session.rate_hz : 0.0);
    }
    std::vector<const IdleBaseline*> around;
    std::vector<const IdleBaseline*> before_load;
    for (const IdleBaseline& idle : baselines) {
        (idle.where == "before_load" ? before_load : around).push_back(&idle);
    }
    const auto& rates = around.empty() ? before_load : around;
    cpu_percent_ = idle_level(rates, "cpu_percent");
    std::vector<Window> idle_windows;
    idle_windows.reserve(rates.size());
    for (const IdleBaseline* const idle : rates) {
        idle_windows.push_back(idle->window);
    }
    if (!energy_.empty()) {
        joules_.emplace(session.trace, energy_.series, idle_windows, busy_windows(session, trials));
    }
    rss_bytes_ = idle_level(before_load, "rss_bytes");
    system_used_bytes_ = idle_level(before_load, "system_used_bytes");
    if (!utilisation_.t_ns.empty() && !cpu_percent_) {
        caveats_.push_back({"cpu-auc-gross", Severity::warning,
                            "There is no idle baseline beside the trials, so CPU AUC is gross.",
                            "Let a session run to its end, and do not set the idle time to 0."});
    }
    if (samples_of(session.trace, "memory", "rss") != nullptr && !rss_bytes_) {
        caveats_.push_back({"ram-auc-gross", Severity::warning,
                            "There is no idle baseline from before the model was loaded, so RAM AUC is gross.",
                            "Let landauer take its baseline before the load: do not set the idle time to 0."});
    }
    if (joules_ && !joules_->idle()) {
        caveats_.push_back({"no-idle-power", Severity::warning,
                            "There is no idle power, so energy is given gross and not net.",
                            "Let a session run to its end, and do not set the idle time to 0."});
    }
}

TrialNet NetFigures::of(const TrialRecord& trial) const {
    TrialNet net;
    net.trial_id = trial.id;
    net.figures = trial.figures.empty() ? trial_figures(session_.trace, trial) : trial.figures;
    std::erase_if(net.figures, [](const auto& figure) { return !std::isfinite(figure.second); });
    net.figures["tokens"] = static_cast<double>(trial.n_prompt - trial.n_reused + trial.n_gen);
    add_cpu(trial, net);
    add_memory(trial, net, "rss", "ram_auc_gib_s", rss_bytes_);
    add_memory(trial, net, "system_used", "system_ram_auc_gib_s", system_used_bytes_);
    add_energy(trial, net);
    return net;
}

void NetFigures::add_cpu(const TrialRecord& trial, TrialNet& net) const {
    const double idle = cpu_percent_ ? cpu_percent_->value : 0.0;
    const auto area = auc(utilisation_, idle, {trial.begin_ns, trial.end_ns});
    if (!area) {
        return;
    }
    put(net, "cpu_auc_pct_s", *area, {cpu_percent_ ? half_width(*cpu_percent_) * length_s(trial) : 0.0, 0.0, 0.0});
    if (const auto busy = net.figures.find("cpu_busy_s"); busy != net.figures.end()) {
        put(net, "cpu_auc_error_pct_s", *area - (100.0 * busy->second - idle * length_s(trial)), {});
    }
}

void NetFigures::add_memory(const TrialRecord& trial, TrialNet& net, const char* channel, const char* metric,
                            const std::optional<Estimate>& idle) const {
    const Series* const series = samples_of(session_.trace, "memory", channel);
    const auto area = series == nullptr ? std::nullopt : gauge_integral(*series, {trial.begin_ns, trial.end_ns});
    if (area) {
        const double level = idle ? idle->value : 0.0;
        const double half = idle ? half_width(*idle) : 0.0;
        put(net, metric, (*area - level * length_s(trial)) / kGiB, {half * length_s(trial) / kGiB, 0.0, 0.0});
    }
}

void NetFigures::add_energy(const TrialRecord& trial, TrialNet& net) const {
    const auto energy = joules_ ? joules_->over({trial.begin_ns, trial.end_ns}) : std::nullopt;
    net.figures.erase("energy_j");  // older stores hold one that was computed from less
    if (!energy) {
        return;
    }
    put(net, "energy_j", energy->gross_j, energy->gross_error);
    if (!energy->net_j) {
        return;
    }
    put(net, "net_energy_j", *energy->net_j, energy->net_error);
    put(net, "wh", *energy->net_j / kSecondsPerHour, scaled(energy->net_error, 1.0 / kSecondsPerHour));
    if (const double tokens = net.figures["tokens"]; tokens > 0) {
        put(net, "j_per_token", *energy->net_j / tokens, scaled(energy->net_error, 1.0 / tokens));
    }
    add_phase_energy(trial, PhaseKind::image_encode, "encode_net_j", "encode_j_per_token", net);
    add_phase_energy(trial, PhaseKind::image_prefill, "image_prefill_net_j", "image_prefill_j_per_token", net);
    add_phase_energy(trial, PhaseKind::prefill, "prefill_net_j", "prefill_j_per_token", net);
    add_phase_energy(trial, PhaseKind::decode, "decode_net_j", "decode_j_per_token", net);
}

void NetFigures::add_phase_energy(const TrialRecord& trial, PhaseKind kind, const char* joules, const char* per_token,
                                  TrialNet& net) const {
    if (!joules_) {
        return;
    }
    double sum = 0.0;
    ErrorParts errors;
    std::int64_t tokens = 0;
    bool any = false;
    for (const PhaseRecord& phase : trial.phases) {
        if (phase.kind != kind) {
            continue;
        }
        const auto energy = joules_->over({phase.begin_ns, phase.end_ns});
        if (!energy || !energy->net_j) {
            return;
        }
        sum += *energy->net_j;
        errors = added(std::move(errors), energy->net_error);
        tokens += phase.n_tokens;
        any = true;
    }
    if (!any) {
        return;
    }
    put(net, joules, sum, errors);
    if (tokens > 0) {
        const auto count = static_cast<double>(tokens);
        put(net, per_token, sum / count, scaled(errors, 1.0 / count));
    }
}

}  // namespace landauer
