// An external meter's recording laid over a session by the load that both saw.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>
#include <landauer/trace.h>
#include <landauer/windows.h>

#include <optional>
#include <span>
#include <vector>

namespace landauer {

// A power recording on its own clock: t_s increasing, each value the mean since the one before.
struct Recording {
    std::vector<double> t_s;
    std::vector<double> watts;
};

struct AlignOptions {
    // Where to look for the lag: the recording's times plus the lag are the session's. Empty:
    // every lag at which the recording and the load share half of the shorter one.
    std::optional<double> least_lag_s;
    std::optional<double> most_lag_s;
};

// power = offset + gain x load(t), load in busy cores. All with 95 % intervals.
struct Alignment {
    Estimate lag_s;  // added to the recording's times gives the session's clock
    Estimate gain_w;
    Estimate offset_w;
    double averaging_s = 0.0;    // a reading is the mean over this long; 0: taken at its instant
    double r2 = 0.0;             // of the recording, explained by the load
    double second_r2 = 0.0;      // at the best lag that is not next to this one
    std::size_t n_readings = 0;  // that overlap the load
};

// busy: a counter of busy time, all cores together (/proc/stat). Found by least squares over lags,
// coarse then fine; intervals from the profile of the residual sum, for as many independent
// residuals as their autocorrelation leaves. Invalid for recordings of fewer than ten readings,
// Failed when load and power do not go together, or go together at several lags alike.
[[nodiscard]] Result<Alignment> align_recording(const Recording& recording, const Series& busy,
                                                const AlignOptions& options = {});

// The recording as a power channel on the session's clock.
[[nodiscard]] Series aligned_series(const Recording& recording, const Alignment& alignment, Channel channel);

}  // namespace landauer
