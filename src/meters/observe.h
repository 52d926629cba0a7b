// What watching a meter for a moment tells about it: how often its source really publishes, how
// long a reading takes, and what the rails draw meanwhile.
#pragma once

#include <landauer/meter.h>
#include <landauer/trace.h>

#include <vector>

#include "core/clock.h"

namespace landauer {

struct ChannelWatch {
    double period_s = 0.0;  // median time between readings that differ; 0: too few to tell
    int n_published = 0;    // readings that differed from the one before
    int n_missing = 0;      // readings that failed
};

struct MeterWatch {
    std::vector<ChannelWatch> channels;  // as in the meter's info
    int n_reads = 0;
    double read_p50_s = 0.0;
    double read_p99_s = 0.0;
    Trace trace;  // a reading every 10 ms or so
};

// Reads without pause for a fifth of a second, which shows periods of a millisecond, then every
// 10 ms until `seconds` have passed. A blocking meter is asked as often as it wants to be. At least
// one reading, however short the time.
[[nodiscard]] MeterWatch watch_meter(Meter& meter, double seconds, Clock& clock = system_clock());

}  // namespace landauer
