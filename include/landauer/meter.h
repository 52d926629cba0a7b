// Something that can be read at an instant: CPU time, memory, frequency, energy.
#pragma once

#include <landauer/error.h>
#include <landauer/trace.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace landauer {

// What a channel holds when it could not be read this time; never stored, so that a
// failed read is a gap and not a zero.
inline constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();

enum class Provenance : std::uint8_t { measured, modelled, calibrated };

struct MeterInfo {
    std::string name;                // as users name it: "powercap", "machine"
    std::string covers;              // one phrase: what the readings include
    std::vector<Channel> channels;   // in the order that read() fills
    std::vector<std::string> rails;  // energy meters: rails covered, e.g. "package-0"
    Provenance provenance = Provenance::measured;
    double nominal_period_s = 0.0;  // how often the source itself updates; 0: at every read
    bool is_energy = false;
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

// What one line of the meter table found on this machine.
struct MeterProbe {
    std::string name;
    Result<std::unique_ptr<Meter>> meter;  // Absent and Denied are answers, not failures
};

// Tries every known meter under `root` (another folder for tests), in table order.
[[nodiscard]] std::vector<MeterProbe> probe_meters(const std::filesystem::path& root = "/");

}  // namespace landauer
