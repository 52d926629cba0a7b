// The Raspberry Pi 5's power chip, as its firmware prints it:
//   VDD_CORE_A current(7)=10.87674000A
//   VDD_CORE_V volt(15)=0.87V
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace landauer {

// The rails that have both a voltage and a current; EXT5V and BATT have a voltage only.
inline constexpr std::array<std::string_view, 12> kPmicRails = {"3V7_WL_SW", "3V3_SYS", "1V8_SYS", "DDR_VDD2",
                                                                "DDR_VDDQ",  "1V1_SYS", "0V8_SW",  "VDD_CORE",
                                                                "3V3_DAC",   "3V3_ADC", "0V8_AON", "HDMI"};

struct PmicReading {
    std::array<std::optional<double>, kPmicRails.size()> volt;
    std::array<std::optional<double>, kPmicRails.size()> ampere;
};

// Whatever of the reply can be understood; never fails, allocates nothing.
[[nodiscard]] PmicReading parse_pmic_adc(std::string_view reply) noexcept;

// Power of all rails together in microwatts; empty when a single one of them is missing.
[[nodiscard]] std::optional<std::int64_t> pmic_power_uw(const PmicReading& reading) noexcept;

// What a USB-C meter would show at the plug for that sum, by a published straight line.
[[nodiscard]] std::int64_t pmic_wall_fit_uw(std::int64_t pmic_uw) noexcept;

}  // namespace landauer
