#include "analysis/energy_steps.h"

#include <algorithm>

#include "analysis/counter_health.h"
#include "analysis/gauge_steps.h"
#include "analysis/publications.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;

// What a source that publishes more seldom than it is read had counted at a publication.
struct Count {
    std::int64_t since_last = 0;
    bool lost = false;
};

// Its steps go from one publication to the next.
EnergySteps seldom_counter_steps(const SeriesView& series) {
    EnergySteps out;
    out.quantum_j = series.channel->scale;
    std::vector<PublicationTime> times;
    std::vector<Count> counts;
    Count count;
    for (std::size_t i = 0; i + 1 < series.size(); ++i) {
        const auto step = counter_step(series, i);
        count.since_last += step.value_or(0);
        count.lost = count.lost || !step;
        if (!step || *step != 0) {
            times.push_back({series.t_ns[i + 1], static_cast<double>(series.t_ns[i + 1] - series.t_ns[i]) * kNs});
            counts.push_back(count);
            count = {};
        }
    }
    place_publications(times);
    out.steps.reserve(times.size());
    for (std::size_t i = 1; i < times.size(); ++i) {  // before the first publication nothing is known
        const double joules = static_cast<double>(counts[i].since_last) * series.channel->scale;
        if (times[i].t_ns > times[i - 1].t_ns) {
            out.steps.push_back({times[i - 1].t_ns, times[i].t_ns, counts[i].lost ? 0.0 : joules, counts[i].lost,
                                 times[i - 1].u_s, times[i].u_s});
        }
    }
    return out;
}

// The steps of a standstill, of which no single one can be trusted: their sum if the counter caught up,
// else gaps.
void doubt(std::vector<EnergyStep>& steps, const Standstill& still) {
    const std::size_t first = still.first == 0 ? 0 : still.first - 1;
    const std::size_t last = std::min(still.last + 1, steps.size());
    double joules = 0.0;
    for (std::size_t i = first; i < last; ++i) {
        joules += steps[i].energy_j;
        steps[i].is_gap = true;
        steps[i].energy_j = 0.0;
    }
    if (still.caught_up && first < last) {
        steps[first].end_ns = steps[last - 1].end_ns;
        steps[first].energy_j = joules;
        steps[first].is_gap = false;
        for (std::size_t i = first + 1; i < last; ++i) {
            steps[i].begin_ns = steps[i].end_ns;  // empty: taken out by the caller
        }
    }
}

EnergySteps counter_steps(const SeriesView& series) {
    if (publishes_seldom(series)) {
        return seldom_counter_steps(series);
    }
    EnergySteps out;
    out.period_s = series.channel->rail.period_s;
    out.quantum_j = series.channel->scale;
    out.steps.reserve(series.size());
    for (std::size_t i = 0; i + 1 < series.size(); ++i) {
        const auto step = counter_step(series, i);
        out.steps.push_back({series.t_ns[i], series.t_ns[i + 1],
                             step ? static_cast<double>(*step) * series.channel->scale : 0.0, !step});
    }
    for (const Standstill& still : standstills(series)) {
        doubt(out.steps, still);
    }
    std::erase_if(out.steps, [](const EnergyStep& step) { return step.end_ns == step.begin_ns; });
    return out;
}

}  // namespace

EnergySteps energy_steps(const SeriesView& series, std::span<const Window> busy) {
    return series.channel->kind == ChannelKind::counter ? counter_steps(series) : gauge_steps(series, busy);
}

}  // namespace landauer
