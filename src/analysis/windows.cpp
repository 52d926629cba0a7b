#include <landauer/windows.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
// An edge must also reach this part of the largest change, per smoothing width: a perfectly
// quiet idle stretch would otherwise make every ripple an edge.
constexpr double kLeastEdge = 0.1;
// The level counts as idle again below this part of the way up.
constexpr double kNearIdle = 0.15;
constexpr std::size_t kFewest = 6;

struct Signal {
    std::vector<std::int64_t> t_ns;
    std::vector<double> value;
    [[nodiscard]] std::size_t size() const { return value.size(); }
    [[nodiscard]] double step_s(std::size_t i) const { return static_cast<double>(t_ns[i] - t_ns[i - 1]) * kNs; }
};

Signal finite(std::span<const std::int64_t> t_ns, std::span<const double> signal) {
    Signal out;
    for (std::size_t i = 0; i < std::min(t_ns.size(), signal.size()); ++i) {
        if (std::isfinite(signal[i]) && (out.t_ns.empty() || t_ns[i] > out.t_ns.back())) {
            out.t_ns.push_back(t_ns[i]);
            out.value.push_back(signal[i]);
        }
    }
    return out;
}

// Mean over the samples within half a width on either side.
std::vector<double> smooth(const Signal& s, double width_s) {
    const auto half = static_cast<std::int64_t>(0.5 * width_s / kNs);
    std::vector<double> prefix(s.size() + 1, 0.0);
    std::partial_sum(s.value.begin(), s.value.end(), prefix.begin() + 1);
    std::vector<double> out(s.size());
    std::size_t first = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < s.size(); ++i) {
        while (s.t_ns[first] < s.t_ns[i] - half) {
            ++first;
        }
        while (last < s.size() && s.t_ns[last] <= s.t_ns[i] + half) {
            ++last;
        }
        out[i] = (prefix[last] - prefix[first]) / static_cast<double>(last - first);
    }
    return out;
}

// Change a second on the way to each sample; 0 for the first.
std::vector<double> gradient(const Signal& s, const std::vector<double>& level) {
    std::vector<double> out(s.size(), 0.0);
    for (std::size_t i = 1; i < s.size(); ++i) {
        out[i] = (level[i] - level[i - 1]) / s.step_s(i);
    }
    return out;
}

struct Range {
    std::size_t first = 0;
    std::size_t last = 0;  // one past
};

// The samples of the idle window, else the tenth of the signal with the lowest mean. Taken from
// the smoothed level and inside the given window by the kernel's reach, so that no neighbouring
// burst leaks in.
Range idle_range(const Signal& s, const std::vector<double>& level, Window idle, double width_s) {
    const auto reach = static_cast<std::int64_t>(0.5 * width_s / kNs);
    const auto at = [&](std::int64_t t) {
        return static_cast<std::size_t>(std::lower_bound(s.t_ns.begin(), s.t_ns.end(), t) - s.t_ns.begin());
    };
    // The first sample tells of the time before the stretch too, and so does the step to the next; the
    // step after the last sample leads out of it.
    const Range given{at(idle.begin_ns + reach) + 2, std::max<std::size_t>(at(idle.end_ns - reach), 1) - 1};
    if (given.last >= given.first + kFewest) {
        return given;
    }
    const std::size_t length = std::max(kFewest, s.size() / 10);
    double sum = std::accumulate(level.begin(), level.begin() + static_cast<std::ptrdiff_t>(length), 0.0);
    double least = sum;
    std::size_t best = 0;
    for (std::size_t i = length; i < s.size(); ++i) {
        sum += level[i] - level[i - length];
        if (sum < least) {
            least = sum;
            best = i + 1 - length;
        }
    }
    return {best, best + length};
}

struct Levels {
    double idle = 0.0;       // level at rest
    double threshold = 0.0;  // of the gradient, per second
    double noise = 0.0;      // sd of the level at rest
};

std::optional<Levels> levels(const Signal& s, const std::vector<double>& level, const std::vector<double>& slope,
                             Range idle, const GradientOptions& options) {
    const auto part = [&](const std::vector<double>& v) {
        return std::span(v).subspan(idle.first, idle.last - idle.first);
    };
    Levels out;
    out.idle = median(part(level));
    out.noise = sample_sd(part(level));
    const double most = *std::max_element(level.begin(), level.end());
    const double range = most - out.idle;
    if (!(range > 0.0)) {
        return std::nullopt;
    }
    std::vector<double> steps;
    for (std::size_t i = 1; i < s.size(); ++i) {
        steps.push_back(s.step_s(i));
    }
    const double width_s = std::max(options.smoothing_s, median(steps));
    out.threshold = std::max(options.threshold_sigma * sample_sd(part(slope)), kLeastEdge * range / width_s);
    return out;
}

// Samples from the first steep rise to the last steep fall, both included. A burst that has not
// ended when the signal does is no window: its end is not known.
std::vector<Range> bursts(const std::vector<double>& level, const std::vector<double>& slope, const Levels& limits) {
    std::vector<Range> out;
    bool is_open = false;
    std::size_t opened = 0;
    bool fell = false;
    double top = limits.idle;
    for (std::size_t i = 1; i < level.size(); ++i) {
        if (!is_open) {
            if (slope[i] > limits.threshold) {
                is_open = true;
                opened = i;
                fell = false;
                top = level[i];
            }
            continue;
        }
        top = std::max(top, level[i]);
        fell = fell || slope[i] < -limits.threshold;
        const double near_idle = limits.idle + std::max(kNearIdle * (top - limits.idle), 3.0 * limits.noise);
        if (level[i] > near_idle) {
            continue;
        }
        if (fell) {
            out.push_back({opened, i});
        }
        is_open = false;
    }
    return out;
}

// When a step between two levels happened, from the area under the samples between them: a
// value is the mean since the sample before, so a step inside it leaves its part.
std::int64_t edge(const Signal& s, Range way, double low, double high, bool rising) {
    double up_s = 0.0;  // time spent up, between the samples
    for (std::size_t i = way.first + 1; i <= way.last; ++i) {
        up_s += s.step_s(i) * std::clamp((s.value[i] - low) / (high - low), 0.0, 1.0);
    }
    const auto up_ns = static_cast<std::int64_t>(up_s / kNs);
    return rising ? s.t_ns[way.last] - up_ns : s.t_ns[way.first] + up_ns;
}

// Walks from `from` in steps of `by` until the raw signal is at or below (or above) a level.
std::size_t walk(const Signal& s, std::size_t from, bool forward, double level, bool until_above) {
    std::size_t i = from;
    while (until_above ? s.value[i] < level : s.value[i] > level) {
        if (forward ? i + 1 == s.size() : i == 0) {
            break;
        }
        forward ? ++i : --i;
    }
    return i;
}

// Edges of one burst on the raw signal. The plateau beside each edge is taken on its own:
// prefill and decode need not load the machine alike.
Window refine(const Signal& s, Range burst, double idle) {
    const auto inside = std::span(s.value).subspan(burst.first, burst.last - burst.first + 1);
    const double middle = idle + 0.5 * (quantile(inside, 0.75) - idle);
    const std::size_t up = walk(s, burst.first, true, middle, true);
    const std::size_t down = walk(s, burst.last, false, middle, true);
    const auto plateau = [&](std::size_t first, std::size_t last) {
        return median(std::span(s.value).subspan(first, last - first + 1));
    };
    const std::size_t reach = 3;
    const double high_first = std::max(plateau(up, std::min(up + reach, std::max(up, down))), middle);
    const double high_last =
        std::max(plateau(std::max(std::min(up, down), down - std::min(down, reach)), down), middle);
    const double near = 0.1;
    const Range rise{walk(s, up, false, idle + near * (high_first - idle), false),
                     walk(s, up, true, idle + (1.0 - near) * (high_first - idle), true)};
    const Range fall{walk(s, down, false, idle + (1.0 - near) * (high_last - idle), true),
                     walk(s, down, true, idle + near * (high_last - idle), false)};
    return {edge(s, rise, idle, high_first, true), edge(s, fall, idle, high_last, false)};
}

}  // namespace

std::vector<Window> join_windows(std::span<const Window> windows, std::int64_t gap_ns) {
    std::vector<Window> out;
    for (const Window& window : windows) {
        if (!out.empty() && window.begin_ns - out.back().end_ns < gap_ns) {
            out.back().end_ns = std::max(out.back().end_ns, window.end_ns);
        } else {
            out.push_back(window);
        }
    }
    return out;
}

std::vector<Window> find_windows(std::span<const std::int64_t> t_ns, std::span<const double> signal, Window idle,
                                 const GradientOptions& options) {
    const Signal s = finite(t_ns, signal);
    if (s.size() < kFewest) {
        return {};
    }
    const std::vector<double> level = smooth(s, options.smoothing_s);
    const std::vector<double> slope = gradient(s, level);
    const auto limits = levels(s, level, slope, idle_range(s, level, idle, options.smoothing_s), options);
    if (!limits) {
        return {};
    }
    std::vector<Window> found;
    for (const Range& burst : bursts(level, slope, *limits)) {
        const Window window = refine(s, burst, limits->idle);
        if (window.end_ns > window.begin_ns) {
            found.push_back(window);
        }
    }
    std::vector<Window> out = join_windows(found, std::llround(options.min_gap_s / kNs));
    const std::int64_t least = std::llround(options.min_window_s / kNs);
    std::erase_if(out, [&](const Window& w) { return w.end_ns - w.begin_ns < least; });
    return out;
}

WindowMatch match_windows(std::span<const Window> detected, std::span<const Window> marked) {
    WindowMatch out;
    std::vector<double> errors;
    std::size_t j = 0;
    for (const Window& mark : marked) {
        while (j < detected.size() && detected[j].end_ns <= mark.begin_ns) {
            ++j;
        }
        for (std::size_t k = j; k < detected.size() && detected[k].begin_ns < mark.end_ns; ++k) {
            const Window& found = detected[k];
            const std::int64_t shared = std::min(found.end_ns, mark.end_ns) - std::max(found.begin_ns, mark.begin_ns);
            const std::int64_t span = std::max(found.end_ns, mark.end_ns) - std::min(found.begin_ns, mark.begin_ns);
            if (2 * shared > span) {
                ++out.n_matched;
                errors.push_back(static_cast<double>(std::abs(found.begin_ns - mark.begin_ns)) * kNs);
                errors.push_back(static_cast<double>(std::abs(found.end_ns - mark.end_ns)) * kNs);
                break;
            }
        }
    }
    out.median_edge_error_s = median(errors);
    return out;
}

}  // namespace landauer
