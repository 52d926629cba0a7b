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

// signal: utilisation (or power) at times t_ns, both of one length, t_ns increasing.
// idle: a stretch of the same trace known to be idle; empty: the quietest tenth is taken.
[[nodiscard]] std::vector<Window> find_windows(std::span<const std::int64_t> t_ns, std::span<const double> signal,
                                               Window idle = {}, const GradientOptions& options = {});

}  // namespace landauer
