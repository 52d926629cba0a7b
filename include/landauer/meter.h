// Something that can be read at an instant: CPU time, memory, frequency, energy.
#pragma once

#include <landauer/error.h>
#include <landauer/trace.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

// What a channel holds when it could not be read this time; never stored, so that a
// failed read is a gap and not a zero.
inline constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();

class Clock;

struct MeterInfo {
    std::string name;               // as users name it: "powercap", "machine"
    std::string covers;             // one phrase: what the readings include
    std::vector<Channel> channels;  // in the order that read() fills; energy channels carry their rail
    // A reading may block (serial line, HTTP, USB): it gets a thread of its own, is stamped at its
    // middle, and is never taken at the edges of a trial.
    bool blocks = false;
    double period_s = 0.0;           // blocking meters: how often a reading is worth asking for
    std::string permission;          // what reading it takes, where that is more than any user has
    std::vector<std::string> notes;  // what a user must know: loads not covered, a formula's source

    [[nodiscard]] bool is_energy() const;  // has at least one rail
};

class Meter {
   public:
    Meter() = default;
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;
    Meter(Meter&&) = delete;
    Meter& operator=(Meter&&) = delete;
    virtual ~Meter() = default;

    [[nodiscard]] virtual const MeterInfo& info() const noexcept = 0;

    // Fills `values` (one per channel; kMissing where a channel could not be read) and
    // returns how many channels were read. Allocates nothing, keeps its files open.
    virtual int read(std::span<std::int64_t> values) noexcept = 0;
};

// A meter that is used only when asked for: --meter NAME:ARGUMENT.
struct MeterRequest {
    std::string name;      // "plug-shelly", "estimate"
    std::string argument;  // what follows the first colon: a host, a device, a file; may be empty
};
// "NAME" or "NAME:ARGUMENT"; Invalid when no meter has that name.
[[nodiscard]] Result<MeterRequest> meter_request_from(std::string_view text);

// Where meters read from. Tests and the self-test give their own.
struct MeterSources {
    std::filesystem::path root = "/";
    std::vector<MeterRequest> requests = {};
    Clock* clock = nullptr;  // null: the system's
    // Opens a counter of the perf power unit on one CPU and returns its descriptor, or Absent,
    // Denied, Failed; null: the kernel's perf_event_open.
    std::function<Result<int>(std::uint32_t type, std::uint64_t config, int cpu)> open_perf = {};
};

// What one line of the meter table found on this machine.
struct MeterProbe {
    std::string name;
    std::string argument;                  // of a requested meter
    Result<std::unique_ptr<Meter>> meter;  // Absent and Denied are answers, not failures
};

// Tries every meter that needs no argument and the requested ones, in table order.
[[nodiscard]] std::vector<MeterProbe> probe_meters(const MeterSources& sources);
// One meter by name. Invalid when there is none of that name.
[[nodiscard]] Result<std::unique_ptr<Meter>> probe_meter(const MeterSources& sources, const MeterRequest& request);
[[nodiscard]] std::vector<MeterProbe> probe_meters(const std::filesystem::path& root = "/");

}  // namespace landauer
