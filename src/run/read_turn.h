// Two readers of one meter take turns, so that their samples, merged in order of time, are
// also in order of value: a counter never seems to go back.
#pragma once

#include <mutex>
#include <string_view>

namespace landauer {

// The turn of all meters of that name in this program. Hold it from before the clock is
// read until after the meter was. Look it up once, not in every tick.
[[nodiscard]] std::mutex& read_turn(std::string_view meter);

}  // namespace landauer
