// The gradient detector held against the engine's marks, session by session.
#pragma once

#include <span>

#include "analysis/figures.h"
#include "analysis/run_analysis.h"

namespace landauer {

// trials: those of the session, in order of time. The signal is searched between a little
// before the first mark and a little after the last; model loads are not searched.
[[nodiscard]] DetectedWindows detect_windows(const SessionData& session, std::span<const TrialRecord* const> trials,
                                             std::span<const IdleBaseline> baselines, const SampledSignal& signal);

}  // namespace landauer
