// Readings on the main thread at the very edges of trials and phases, beside the sampler
// thread's own, so that counters over a window are exact and not interpolated.
#pragma once

#include <landauer/meter.h>
#include <landauer/trace.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace landauer {

// Which side of a trial is read: all but the process meter are read outside it.
enum class Edge : std::uint8_t { begin, end };

class EdgeRecorder {
   public:
    // Takes its own instances of the meters. Those that need longer than slow_s for a
    // reading are left to the sampler thread: their stamp would say too little.
    explicit EdgeRecorder(std::vector<std::unique_ptr<Meter>> meters, double slow_s = 20e-3);

    // Reads every fast meter and stamps all of them with one time, which it returns: the
    // trial's begin or end. The process meter is read at that very instant, the others
    // before it (begin) or after it (end), the quickest nearest to it: within tens of
    // microseconds for all but sensors on a slow bus. None of it falls inside the trial.
    std::int64_t record_all(Edge edge = Edge::begin);

    // The edge of a phase inside a trial: reads the process meter, about a microsecond, and the
    // energy counters that are quick enough not to be felt; returns the time they are stamped with.
    std::int64_t record_phase();

    // Moves what was recorded since the last call into `into`.
    void drain(Trace& into);

    // Names of the meters that were found too slow.
    [[nodiscard]] const std::vector<std::string>& slow_meters() const { return slow_; }

   private:
    struct Slot {
        std::unique_ptr<Meter> meter;
        std::mutex* turn = nullptr;
        std::vector<std::int64_t> values;
        double reading_s = 0.0;
        std::size_t first_series = 0;
        bool at_phases = false;
    };
    void take(std::unique_ptr<Meter> meter, double slow_s);
    [[nodiscard]] std::int64_t stamp();
    void append(const Slot& slot, std::int64_t t_ns);

    std::vector<Slot> slots_;         // the process meter first, then the quickest
    std::vector<std::mutex*> turns_;  // in the one order in which all take several turns
    std::vector<std::string> slow_;
    Trace trace_;
    std::int64_t last_ns_ = 0;
};

}  // namespace landauer
