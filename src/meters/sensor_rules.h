// What a power sensor covers and how true it is, told from its chip and its label.
#pragma once

#include <landauer/rail.h>

#include <string_view>

namespace landauer {

// Half of the 95 % interval of the gain of a chip with its shunt, as a fraction; 0: not stated.
[[nodiscard]] double chip_accuracy(std::string_view chip);

// "5.00%" of error as hwmon's power*_accuracy states the contrary, "95.00%"; 0 for anything else.
[[nodiscard]] double parse_stated_accuracy(std::string_view text);

// What the sensor of that chip and label covers. `chip_number` tells devices of one kind apart.
[[nodiscard]] Rail sensor_rail(std::string_view chip, std::string_view label, int chip_number);

// The number after "Esocket" or "Ecore" in a label of amd_energy; -1 for other labels.
[[nodiscard]] int amd_number(std::string_view label, std::string_view word);

}  // namespace landauer
