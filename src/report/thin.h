// A signal with fewer points that still shows its peaks.
#pragma once

#include <landauer/windows.h>

#include <cstddef>

#include "analysis/figures.h"

namespace landauer {

// At most `most` points: the least and the largest of equal stretches of samples, in order
// of time. Signals that are short enough stay as they are.
[[nodiscard]] SampledSignal thinned(const SampledSignal& signal, std::size_t most);
// At most `most` windows: neighbours nearer than a gap that grows until it suffices are joined.
[[nodiscard]] std::vector<Window> joined_windows(std::vector<Window> windows, std::size_t most);

}  // namespace landauer
