// The Raspberry Pi firmware's answer about its power chip.
#include "fuzz/fuzz.h"
#include "meters/pmic_text.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const landauer::PmicReading reading = landauer::parse_pmic_adc(landauer::fuzz::text_of(data, size));
    if (const auto power_uw = landauer::pmic_power_uw(reading)) {
        (void)landauer::pmic_wall_fit_uw(*power_uw);
    }
    return 0;
}
