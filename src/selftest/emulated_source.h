// Files that behave like an energy counter or a power gauge of a machine whose power is known, with
// the habits and faults of real ones.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "platform/scratch.h"
#include "selftest/machine_power.h"

namespace landauer {

// What a rail sees of the machine's power.
struct RailShare {
    double part = 1.0;
    double offset_w = 0.0;
};

struct SourceFault {
    enum class Kind : std::uint8_t {
        none,
        reset,       // the counter starts again from 0
        stuck,       // it stands still for a while, and what flowed meanwhile is lost
        held,        // it stands still for a while, and catches up
        unreadable,  // the file is empty for a while
        gone,        // the file is empty from then on
        nonsense,    // single readings are negative, far too great, or no numbers
    };
    Kind kind = Kind::none;
    Window when;
};

// When a source publishes: every period, give or take, and not at multiples of anything.
struct Publication {
    double period_s = 1e-3;
    double jitter = 0.2;  // of the period, to either side
    double lag_s = 0.0;   // what is published is this old
    std::uint64_t seed = 0;
    // The instant that a reading at t_ns tells of.
    [[nodiscard]] std::int64_t seen_at(std::int64_t t_ns) const;
};

struct SourceModel {
    RailShare share;
    Publication publication;
    double unit = 1e-6;     // J of a counter, W of a gauge: values are whole multiples
    double written = 1e-6;  // what the file counts in
    double gain = 1.0;
    double start_j = 0.0;         // counters: where it stands at the beginning
    std::int64_t wrap_range = 0;  // counters: in what the file counts; 0: never
    double averaging_s = 0.0;     // gauges: 0: of an instant
    bool is_gauge = false;
    bool is_binary = false;  // 8 bytes, as perf counters have them
    SourceFault fault;
};

class EmulatedSource {
   public:
    [[nodiscard]] static Result<EmulatedSource> create(const std::filesystem::path& file, const SourceModel& model);

    // Makes the file what it would be at that instant. False when it could not be written.
    bool show(const MachinePower& machine, std::int64_t t_ns);
    [[nodiscard]] Result<int> share() const { return file_.share(); }
    [[nodiscard]] const SourceModel& model() const { return model_; }

   private:
    EmulatedSource(ScratchFile file, const SourceModel& model) : file_(std::move(file)), model_(model) {}
    [[nodiscard]] double rail_j(const MachinePower& machine, std::int64_t t_ns) const;
    [[nodiscard]] std::int64_t counter_value(const MachinePower& machine, std::int64_t t_ns) const;
    [[nodiscard]] std::int64_t gauge_value(const MachinePower& machine, std::int64_t t_ns) const;
    bool write(std::int64_t value);
    bool write_nonsense(std::int64_t value);
    [[nodiscard]] bool has_fault(SourceFault::Kind kind, std::int64_t t_ns) const;

    ScratchFile file_;
    SourceModel model_;
    std::uint64_t n_shown_ = 0;
};

}  // namespace landauer
