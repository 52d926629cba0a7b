// Watching the machine do nothing, long enough to know what nothing costs.
#pragma once

#include <landauer/error.h>

#include <functional>
#include <string>
#include <vector>

#include "core/records.h"
#include "engine/engine.h"
#include "run/recorder.h"

namespace landauer {

struct IdleRecording {
    PhaseRecord phase;
    std::vector<Caveat> caveats;  // contaminated, too uncertain
};

struct IdleOptions {
    std::string where = "before";  // "before_load", "before", "after"
    double least_s = 10.0;
    double most_s = 60.0;
    bool strict = false;                   // contaminated: Refused instead of a caveat
    std::vector<std::string> meters = {};  // whose power must have settled; empty: the widest scope's
};

// Waits from least_s to most_s, until the baseline's interval is narrow enough; what was
// sampled meanwhile goes onto `samples`. Interrupted when the abort poll says so.
[[nodiscard]] Result<IdleRecording> record_idle_baseline(Recorder& recorder, Trace& samples, const IdleOptions& options,
                                                         const AbortPoll& abort,
                                                         const std::function<void(double fraction)>& progress);

}  // namespace landauer
