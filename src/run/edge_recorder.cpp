#include "run/edge_recorder.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "core/clock.h"
#include "run/read_turn.h"

namespace landauer {
namespace {

constexpr const char* kProcess = "process";
// A reading inside a trial may take this long: a ten-thousandth of the shortest phases of interest.
constexpr double kUnfelt_s = 100e-6;

// Power gauges tell nothing at an instant; counters do.
bool counts_energy(const MeterInfo& info) {
    return std::any_of(info.channels.begin(), info.channels.end(), [](const Channel& channel) {
        return channel.rail.kind != RailKind::none && channel.kind == ChannelKind::counter;
    });
}

// The quickest of a few readings; a slow one may have been interrupted.
double quickest_reading_s(Meter& meter, std::vector<std::int64_t>& values) {
    constexpr int kReadings = 3;
    std::int64_t best_ns = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < kReadings; ++i) {
        const std::int64_t before_ns = system_clock().now_ns();
        meter.read(values);
        best_ns = std::min(best_ns, system_clock().now_ns() - before_ns);
    }
    return static_cast<double>(best_ns) * 1e-9;
}

}  // namespace

EdgeRecorder::EdgeRecorder(std::vector<std::unique_ptr<Meter>> meters, double slow_s) {
    for (auto& meter : meters) {
        if (meter) {
            take(std::move(meter), slow_s);
        }
    }
    const auto rank = [](const Slot& slot) { return std::pair(slot.meter->info().name != kProcess, slot.reading_s); };
    std::sort(slots_.begin(), slots_.end(), [&](const Slot& a, const Slot& b) { return rank(a) < rank(b); });
    std::sort(turns_.begin(), turns_.end(), std::less<>());
}

void EdgeRecorder::take(std::unique_ptr<Meter> meter, double slow_s) {
    const MeterInfo& info = meter->info();
    if (info.blocks) {
        slow_.push_back(info.name);
        return;
    }
    std::mutex& turn = read_turn(info.name);
    std::vector<std::int64_t> values(info.channels.size());
    const double reading_s = quickest_reading_s(*meter, values);
    const bool at_phases = info.name == kProcess || (counts_energy(info) && reading_s <= kUnfelt_s);
    const bool twice = std::find(turns_.begin(), turns_.end(), &turn) != turns_.end();
    if (twice || reading_s > slow_s) {
        slow_.push_back(info.name);
        return;
    }
    const std::size_t first = trace_.series.size();
    for (const Channel& channel : info.channels) {
        trace_.series.push_back({channel, {}, {}});
    }
    turns_.push_back(&turn);
    slots_.push_back({std::move(meter), &turn, std::move(values), reading_s, first, at_phases});
}

std::int64_t EdgeRecorder::stamp() {
    last_ns_ = std::max(last_ns_ + 1, system_clock().now_ns());
    return last_ns_;
}

void EdgeRecorder::append(const Slot& slot, std::int64_t t_ns) {
    for (std::size_t i = 0; i < slot.values.size(); ++i) {
        if (slot.values[i] != kMissing) {
            Series& series = trace_.series[slot.first_series + i];
            series.t_ns.push_back(t_ns);
            series.raw.push_back(slot.values[i]);
        }
    }
}

std::int64_t EdgeRecorder::record_all(Edge edge) {
    // All turns are held throughout: the one time lies inside, so no reading of the sampler
    // can fall between a value and its stamp.
    std::for_each(turns_.begin(), turns_.end(), [](std::mutex* turn) { turn->lock(); });
    const auto read = [](Slot& slot) {
        std::fill(slot.values.begin(), slot.values.end(), kMissing);
        slot.meter->read(slot.values);
    };
    std::int64_t t_ns = 0;
    if (edge == Edge::begin) {
        std::for_each(slots_.rbegin(), slots_.rend(), read);  // the process meter last
        t_ns = stamp();
    } else {
        t_ns = stamp();
        std::for_each(slots_.begin(), slots_.end(), read);
    }
    std::for_each(turns_.rbegin(), turns_.rend(), [](std::mutex* turn) { turn->unlock(); });
    for (const Slot& slot : slots_) {
        append(slot, t_ns);
    }
    return t_ns;
}

std::int64_t EdgeRecorder::record_phase() {
    std::int64_t t_ns = 0;
    for (Slot& slot : slots_) {
        if (!slot.at_phases) {
            continue;
        }
        std::fill(slot.values.begin(), slot.values.end(), kMissing);
        const std::scoped_lock turn(*slot.turn);
        const std::int64_t now_ns = stamp();  // inside the turn: no reading of the sampler may fall between
        t_ns = t_ns == 0 ? now_ns : t_ns;
        slot.meter->read(slot.values);
        append(slot, now_ns);
    }
    return t_ns == 0 ? stamp() : t_ns;
}

void EdgeRecorder::drain(Trace& into) {
    into.merge(trace_);
    for (Series& series : trace_.series) {
        series.t_ns.clear();
        series.raw.clear();
    }
}

}  // namespace landauer
