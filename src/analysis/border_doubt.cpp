#include "analysis/border_doubt.h"

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) * 1e-9; }

// A border between two steps, or before the first or after the last of them.
struct Border {
    std::int64_t t_ns = 0;
    double u_s = 0.0;
    double watts = 0.0;   // there
    double before = 0.0;  // of a joule more in the step before it, what the window gets
    double after = 0.0;
};

// The root of the mean square of what a normal error of the border reaches beyond an edge of load, nearly, times
// the jump of power there.
double reach_j(const Border& border, double u_s, const LoadPowers& powers) {
    constexpr double kFarthest = 6.0;
    const auto far_ns = static_cast<std::int64_t>(1e9 * kFarthest * u_s);
    double square = 0.0;
    const auto add = [&](std::int64_t edge_ns) {
        if (std::abs(edge_ns - border.t_ns) > far_ns) {
            return;
        }
        const double jump_w = powers.power_at(edge_ns, 0.0) - powers.power_at(edge_ns - 1, 0.0);
        const double away_s = std::abs(seconds_between(border.t_ns, edge_ns));
        const double edge_j = jump_w * u_s * std::sqrt(0.5) * std::exp(-0.9 * away_s / u_s);
        square += edge_j * edge_j;
    };
    const std::span<const Window> busy = powers.context().busy;
    auto at = std::lower_bound(busy.begin(), busy.end(), border.t_ns - far_ns,
                               [](const Window& w, std::int64_t t) { return w.end_ns < t; });
    for (; at != busy.end() && at->begin_ns <= border.t_ns + far_ns; ++at) {
        add(at->begin_ns);
        const bool meets_next = at + 1 != busy.end() && (at + 1)->begin_ns == at->end_ns;
        if (!meets_next) {
            add(at->end_ns);
        }
    }
    return std::sqrt(square);
}

std::vector<Border> borders_of(const EnergySteps& all, std::size_t first, std::span<const double> parts,
                               const LoadPowers& powers) {
    std::vector<Border> out;
    out.reserve(parts.size() + 1);
    for (std::size_t k = 0; k <= parts.size(); ++k) {
        const bool is_last = k == parts.size();
        const EnergyStep& step = all.steps[first + k - (is_last ? 1 : 0)];
        Border border{is_last ? step.end_ns : step.begin_ns, is_last ? step.u_end_s : step.u_begin_s};
        border.watts = powers.power_at(border.t_ns, std::max(step.watts(), 0.0));
        border.before = k == 0 ? 0.0 : parts[k - 1];
        border.after = is_last ? 0.0 : parts[k];
        out.push_back(border);
    }
    return out;
}

// Means over periods that are not quite even overlap or leave holes, at the power there: a publication that strays
// makes one at its step's end and one at its begin. What is not known of it shifts the step as well.
double beat_j(const Border& border, double watts_before, double unrest_s) {
    const double strayed_w = border.before * watts_before - border.after * border.watts;
    const double shifted_w = border.before * (watts_before - border.watts);
    const double u_s = std::min(border.u_s, unrest_s);
    const double known_s = std::sqrt(unrest_s * unrest_s - u_s * u_s);
    return std::copysign(std::hypot(strayed_w * known_s, shifted_w * u_s), strayed_w);
}

}  // namespace

std::vector<CausedDoubt> border_doubts(const EnergySteps& steps, std::size_t first, std::span<const double> parts,
                                       const LoadPowers& powers) {
    using Kind = ErrorCause::Kind;
    std::vector<CausedDoubt> out;
    const auto put = [&](Kind kind, std::int64_t at_ns, double signed_j) {
        if (signed_j != 0.0) {
            out.push_back({{at_ns, 0, 0, kind}, signed_j});
        }
    };
    const std::vector<Border> borders = borders_of(steps, first, parts, powers);
    const bool is_mean = steps.unrest_s > 0.0;
    double lagging_w = 0.0;
    for (std::size_t k = 0; k < borders.size(); ++k) {
        const Border& border = borders[k];
        const double moved = border.before - border.after;
        const double reach_s = std::hypot(border.u_s, steps.u_lag_s);
        lagging_w -= moved * border.watts;
        if (moved != 0.0 && reach_s > 0.0) {
            const double placed_j = is_mean ? 0.0 : border.watts * border.u_s;
            put(Kind::border, border.t_ns, -moved * std::hypot(placed_j, reach_j(border, reach_s, powers)));
        }
        if (is_mean) {
            const double watts_before = k == 0 ? border.watts : borders[k - 1].watts;
            put(Kind::beat, border.t_ns, beat_j(border, watts_before, steps.unrest_s));
        }
    }
    put(Kind::lag, 0, lagging_w * steps.u_lag_s);
    return out;
}

}  // namespace landauer
