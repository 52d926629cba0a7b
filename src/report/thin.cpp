#include "report/thin.h"

#include <algorithm>

namespace landauer {

SampledSignal thinned(const SampledSignal& signal, std::size_t most) {
    const std::size_t n = signal.value.size();
    const std::size_t stretches = std::max<std::size_t>(most / 2, 1);
    if (n <= most) {
        return signal;
    }
    SampledSignal out;
    const auto keep = [&](std::size_t i) {
        out.t_ns.push_back(signal.t_ns[i]);
        out.value.push_back(signal.value[i]);
    };
    for (std::size_t s = 0; s < stretches; ++s) {
        const std::size_t from = s * n / stretches;
        const std::size_t to = (s + 1) * n / stretches;
        const auto begin = signal.value.begin();
        const auto [low, high] =
            std::minmax_element(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to));
        const auto a = static_cast<std::size_t>(std::min(low, high) - begin);
        const auto b = static_cast<std::size_t>(std::max(low, high) - begin);
        keep(a);
        if (b != a) {
            keep(b);
        }
    }
    return out;
}

std::vector<Window> joined_windows(std::vector<Window> windows, std::size_t most) {
    if (windows.size() <= most || windows.empty()) {
        return windows;
    }
    std::sort(windows.begin(), windows.end(), [](const Window& a, const Window& b) { return a.begin_ns < b.begin_ns; });
    std::vector<std::int64_t> gaps;
    for (std::size_t i = 1; i < windows.size(); ++i) {
        gaps.push_back(windows[i].begin_ns - windows[i - 1].end_ns);
    }
    // Joining every gap up to the (n - most)-th smallest leaves at most `most` windows.
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(windows.size() - std::max<std::size_t>(most, 1) - 1);
    std::nth_element(gaps.begin(), middle, gaps.end());
    const std::int64_t largest = *middle;
    std::vector<Window> out = {windows.front()};
    for (const Window& window : windows) {
        if (window.begin_ns - out.back().end_ns <= largest) {
            out.back().end_ns = std::max(out.back().end_ns, window.end_ns);
        } else {
            out.push_back(window);
        }
    }
    return out;
}

}  // namespace landauer
