// Inference windows found from the gradient of a load signal alone, for traces that
// carry no marks (external meters, other programs). Source: arXiv 2512.16531, methods.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace landauer {

struct Window {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    friend bool operator==(const Window&, const Window&) = default;
};

struct GradientOptions {
    double smoothing_s = 0.5;    // width of the smoothing kernel
    double threshold_sigma = 4;  // edges: gradient above this many idle standard deviations
    double min_window_s = 0.4;   // shorter bursts are joined or dropped
    double min_gap_s = 0.4;      // shorter pauses do not split a window
};

// signal: utilisation (or power) at times t_ns, both of one length, t_ns increasing; each value
// is the mean since the sample before, as counters give it (an edge inside a sample is then
// placed by its area; for gauges it is off by up to half a sample). Values that are not
// finite are left out. idle: a stretch of the same trace known to be idle; empty: the
// quietest tenth is taken. A window opens where the smoothed gradient passes the threshold
// upwards and closes where it passes it downwards and the level is back near idle.
[[nodiscard]] std::vector<Window> find_windows(std::span<const std::int64_t> t_ns, std::span<const double> signal,
                                               Window idle = {}, const GradientOptions& options = {});

// Neighbours less than gap_ns apart as one; windows in order of time.
[[nodiscard]] std::vector<Window> join_windows(std::span<const Window> windows, std::int64_t gap_ns);

// Detected windows held against marked ones, both in order of time and without overlaps: a
// pair matches when what they share is more than half of what they span together.
struct WindowMatch {
    int n_matched = 0;
    double median_edge_error_s = 0.0;  // of begins and ends together; 0 when nothing matched
};
[[nodiscard]] WindowMatch match_windows(std::span<const Window> detected, std::span<const Window> marked);

}  // namespace landauer
