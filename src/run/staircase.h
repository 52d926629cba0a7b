// A load that no prompt makes, so that another meter's recording can be laid over a session.
#pragma once

#include <landauer/error.h>

#include <functional>

#include "core/clock.h"
#include "engine/engine.h"

namespace landauer {

struct StaircaseOptions {
    int n_threads = 1;   // of the highest step; the others use half of it, at least one
    double scale = 1.0;  // of every duration; 1: about 30 s
};

// Steps of uneven lengths and two heights with rests between them: no shift of it looks like
// itself. Spins on threads of its own until it is over. Interrupted when the abort poll says so.
[[nodiscard]] Result<void> run_staircase(const StaircaseOptions& options, const AbortPoll& abort,
                                         const std::function<void(double fraction)>& progress,
                                         Clock& clock = system_clock());

// How long run_staircase takes.
[[nodiscard]] double staircase_s(const StaircaseOptions& options);

}  // namespace landauer
