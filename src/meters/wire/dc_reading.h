// What a USB power tester tells at one instant.
#pragma once

#include <cstdint>

namespace landauer {

struct DcReading {
    std::int64_t microvolts = 0;
    std::int64_t microamps = 0;  // never negative: testers differ in which way they call forward
    std::int64_t microwatts = 0;
    friend bool operator==(const DcReading&, const DcReading&) = default;
};

// USB knows no more than 48 V and 5 A; testers are built for somewhat more. A reading beyond that is a
// broken packet.
[[nodiscard]] constexpr bool is_plausible(const DcReading& reading) noexcept {
    constexpr std::int64_t kMostMicrovolts = 60'000'000;
    constexpr std::int64_t kMostMicroamps = 12'000'000;
    return reading.microvolts >= 0 && reading.microvolts <= kMostMicrovolts && reading.microamps >= 0 &&
           reading.microamps <= kMostMicroamps && reading.microwatts >= 0 &&
           reading.microwatts <= kMostMicrovolts / 1000 * (kMostMicroamps / 1000);
}

}  // namespace landauer
