#include "run/edge_recorder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/clock.h"
#include "run/read_turn.h"

namespace landauer {
namespace {

constexpr const char* kProcess = "process";

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
    std::erase(meters, nullptr);
    // One order for all who take several turns, so that no two wait for each other.
    std::sort(meters.begin(), meters.end(), [](const auto& a, const auto& b) {
        return std::pair(a->info().name != kProcess, a->info().name) <
               std::pair(b->info().name != kProcess, b->info().name);
    });
    for (auto& meter : meters) {
        const MeterInfo& info = meter->info();
        const bool twice = !slots_.empty() && slots_.back().meter->info().name == info.name;
        std::vector<std::int64_t> values(info.channels.size());
        if (twice || quickest_reading_s(*meter, values) > slow_s) {
            slow_.push_back(info.name);
            continue;
        }
        has_process_ = has_process_ || info.name == kProcess;
        const std::size_t first = trace_.series.size();
        for (const Channel& channel : info.channels) {
            trace_.series.push_back({channel, {}, {}});
        }
        std::mutex& turn = read_turn(info.name);
        slots_.push_back({std::move(meter), &turn, std::move(values), first});
    }
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
    for (const Slot& slot : slots_) {
        slot.turn->lock();
    }
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
    std::for_each(slots_.rbegin(), slots_.rend(), [](const Slot& slot) { slot.turn->unlock(); });
    for (const Slot& slot : slots_) {
        append(slot, t_ns);
    }
    return t_ns;
}

std::int64_t EdgeRecorder::record_process() {
    if (!has_process_) {
        return stamp();
    }
    Slot& slot = slots_.front();
    std::int64_t t_ns = 0;
    {
        const std::scoped_lock turn(*slot.turn);
        t_ns = stamp();
        slot.meter->read(slot.values);
    }
    append(slot, t_ns);
    return t_ns;
}

void EdgeRecorder::drain(Trace& into) {
    into.merge(trace_);
    for (Series& series : trace_.series) {
        series.t_ns.clear();
        series.raw.clear();
    }
}

}  // namespace landauer
