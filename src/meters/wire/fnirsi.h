// The FNIRSI testers' HID reports (FNB48, FNB48S, FNB58, C1): four samples a report, 100 a second.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "meters/wire/bytes.h"
#include "meters/wire/dc_reading.h"

namespace landauer {

inline constexpr std::size_t kFnirsiReportBytes = 64;
inline constexpr std::size_t kFnirsiSamples = 4;
inline constexpr std::int64_t kFnirsiSample_ns = 10'000'000;

using FnirsiReport = std::array<std::uint8_t, kFnirsiReportBytes>;
using FnirsiSamples = std::array<DcReading, kFnirsiSamples>;

// What the host says: `command` 0x81 greets, 0x82 starts the data, 0x83 keeps it coming.
[[nodiscard]] FnirsiReport fnirsi_request(std::uint8_t command) noexcept;

// Empty for other reports, a wrong checksum, and readings that no tester can see.
[[nodiscard]] std::optional<FnirsiSamples> parse_fnirsi(Bytes report) noexcept;

// Adds samples up to a cumulative energy, and notices by the host's clock when reports were lost.
class FnirsiEnergy {
   public:
    // Samples that were read at `now_ns`, in order; several reports may have waited until then.
    void add(const FnirsiSamples& samples, std::int64_t now_ns) noexcept;

    // The counter in microjoules; empty before the first report, and once after reports were lost. After a
    // loss it goes on from kStepBack_uj lower, so that whoever takes differences sees a counter that was
    // reset, hence a gap, and not a time without consumption.
    [[nodiscard]] std::optional<std::int64_t> counter_uj(std::int64_t now_ns) noexcept;

    // The next report starts a new count, for example after the tester was unplugged.
    void interrupt() noexcept;

    static constexpr std::int64_t kStart_uj = std::int64_t{1} << 50U;
    static constexpr std::int64_t kStepBack_uj = 1'000'000'000;  // 1 kJ, more than passes between two readings

   private:
    std::int64_t energy_pj_ = 0;  // below one microjoule
    std::int64_t counter_uj_ = kStart_uj;
    std::int64_t told_ns_ = 0;  // up to when the samples reach, on the host's clock
    bool running_ = false;
    bool interrupted_ = false;
};

}  // namespace landauer
