// One session's idle baselines, and its trials net of them.
#pragma once

#include <span>
#include <vector>

#include "analysis/figures.h"
#include "analysis/net_energy.h"
#include "analysis/run_analysis.h"

namespace landauer {

// The session's baselines in order of time, each named by where it lies: "before_load" ends
// before the session's first model load, "before" before the run's first trial, "after" after
// its last; ones between trials are "before" too. Baselines that were compared carry caveats.
[[nodiscard]] std::vector<IdleBaseline> session_baselines(const SessionData& session,
                                                          std::span<const TrialRecord* const> trials,
                                                          std::span<const std::string> meters = {});

// What the session's trials are measured against, prepared once.
class NetFigures {
   public:
    // trials: all of the session, spoiled ones too: where power jumps. meters: as energy_scope() takes them.
    NetFigures(const SessionData& session, std::span<const IdleBaseline> baselines,
               std::span<const TrialRecord* const> trials = {}, std::span<const std::string> meters = {});

    [[nodiscard]] TrialNet of(const TrialRecord& trial) const;
    // What is missing to make figures net, and energy scopes that changed: for the run.
    [[nodiscard]] const std::vector<Caveat>& caveats() const { return caveats_; }
    [[nodiscard]] const EnergyScope& energy() const { return energy_; }
    // The machine's CPU use as it was sampled; empty without a machine meter.
    [[nodiscard]] const SampledSignal& utilisation() const { return utilisation_; }

   private:
    void add_cpu(const TrialRecord& trial, TrialNet& net) const;
    void add_memory(const TrialRecord& trial, TrialNet& net, const char* channel, const char* metric,
                    const std::optional<Estimate>& idle) const;
    void add_energy(const TrialRecord& trial, TrialNet& net) const;
    void add_phase_energy(const TrialRecord& trial, PhaseKind kind, const char* joules, const char* per_token,
                          TrialNet& net) const;

    const SessionData& session_;
    SampledSignal utilisation_;
    EnergyScope energy_;
    std::optional<Estimate> cpu_percent_;
    std::optional<Estimate> rss_bytes_;
    std::optional<Estimate> system_used_bytes_;
    std::optional<EnergyModel> joules_;  // absent without an energy meter
    std::vector<Caveat> caveats_;
};

}  // namespace landauer
