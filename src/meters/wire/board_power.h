// Idle and full-load watts for the estimate: the user's own, or published ones of known boards.
#pragma once

#include <landauer/error.h>

#include <string>
#include <string_view>

namespace landauer {

struct BoardPower {
    std::string board;  // "Raspberry Pi 5"; empty: the user's own figures
    double idle_w = 0.0;
    double load_w = 0.0;
    // Half of the 95 % interval, as a fraction, of a line between two points that takes no notice of what
    // the cores compute, of memory, clock or temperature.
    double accuracy = 0.0;
    std::string source;  // where the figures come from
};

// "idle=2.5,load=8", or a board's short name ("pi5"). Invalid for anything else.
[[nodiscard]] Result<BoardPower> board_power_from(std::string_view argument);

// By the text of /proc/device-tree/model; Invalid for a machine whose watts nobody published, since a guess would
// look like a figure.
[[nodiscard]] Result<BoardPower> board_power_of_model(std::string_view model);

}  // namespace landauer
