#include "analysis/load_powers.h"

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

const double kUniform = 1.0 / std::sqrt(12.0);
// Steps without load stray from the idle mean by less than this many standard deviations, or something else ran.
constexpr double kMostStray = 4.0;
// A step whose borders lie this many of their standard uncertainties from any load holds none of it.
constexpr double kSurely = 3.0;

}  // namespace

std::size_t LoadPowers::index_at(std::int64_t at_ns) const {
    const auto found = std::upper_bound(steps_.begin(), steps_.end(), at_ns,
                                        [](std::int64_t t, const EnergyStep& step) { return t < step.end_ns; });
    return std::min(static_cast<std::size_t>(found - steps_.begin()), steps_.size() - 1);
}

std::size_t LoadPowers::index_before(std::int64_t at_ns) const {
    const auto found = std::lower_bound(steps_.begin(), steps_.end(), at_ns,
                                        [](const EnergyStep& step, std::int64_t t) { return step.end_ns < t; });
    return std::min(static_cast<std::size_t>(found - steps_.begin()), steps_.size() - 1);
}

std::optional<Window> LoadPowers::load_at(std::int64_t at_ns) const {
    const auto after = std::upper_bound(load_.busy.begin(), load_.busy.end(), at_ns,
                                        [](std::int64_t t, const Window& w) { return t < w.begin_ns; });
    if (after != load_.busy.begin() && (after - 1)->end_ns > at_ns) {
        return *(after - 1);
    }
    const bool inside = at_ns >= window_.begin_ns && at_ns < window_.end_ns;
    return inside ? std::optional(window_) : std::nullopt;
}

std::optional<double> LoadPowers::power_within(Window load) const {
    double joules = 0.0;
    double seconds = 0.0;
    for (std::size_t i = index_at(load.begin_ns); i < steps_.size() && steps_[i].end_ns <= load.end_ns; ++i) {
        if (steps_[i].begin_ns >= load.begin_ns && tells(steps_[i])) {
            joules += steps_[i].energy_j;
            seconds += steps_[i].seconds();
        }
    }
    return seconds > 0.0 ? std::optional(joules / seconds) : std::nullopt;
}

double LoadPowers::power_at(std::int64_t at_ns, double otherwise) const {
    const std::optional<Window> load = load_at(at_ns);
    return load ? power_within(*load).value_or(load_.busy_w.value_or(otherwise)) : load_.idle_w.value_or(otherwise);
}

bool LoadPowers::is_without_load(const EnergyStep& step) const {
    const std::int64_t begin_ns = step.begin_ns - std::llround(kSurely * 1e9 * step.u_begin_s);
    const std::int64_t end_ns = step.end_ns + std::llround(kSurely * 1e9 * step.u_end_s);
    const auto at = std::lower_bound(load_.busy.begin(), load_.busy.end(), begin_ns,
                                     [](const Window& w, std::int64_t t) { return w.end_ns <= t; });
    const bool apart = at == load_.busy.end() || at->begin_ns >= end_ns;
    return apart && (end_ns <= window_.begin_ns || begin_ns >= window_.end_ns);
}

LoadPowers::Unloaded LoadPowers::unloaded(std::size_t i, Window part) const {
    const EnergyStep& step = steps_[i];
    const double whole_w = std::max(step.watts(), 0.0);
    if (!load_.idle_w) {
        return {whole_w, kUniform * whole_w};
    }
    const Unloaded idle{*load_.idle_w, load_.idle_sd_w};
    const bool earlier = part.begin_ns == step.begin_ns && i > 0;
    const bool later = part.end_ns == step.end_ns && i + 1 < steps_.size();
    for (const std::size_t j : {earlier ? i - 1 : i, later ? i + 1 : i}) {
        if (j == i || !tells(steps_[j]) || !is_without_load(steps_[j])) {
            continue;
        }
        const double stray_w = steps_[j].watts() - idle.watts;
        if (std::abs(stray_w) > kMostStray * idle.u_w) {
            return {std::max(steps_[j].watts(), 0.0), std::hypot(idle.u_w, kUniform * stray_w)};
        }
    }
    return idle;
}

}  // namespace landauer
