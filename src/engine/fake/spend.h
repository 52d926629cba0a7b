// Spends time as a phase of a model would: idle, busy, or both by turns.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/engine.h"

namespace landauer {

// Spends `seconds` of the real clock in slices, `busy` of each spinning and the rest asleep.
// Stops early when the abort poll says so. True: all was spent.
[[nodiscard]] bool spend(double seconds, double busy, const EngineHooks& hooks,
                         const std::function<void(double fraction)>& progress);

}  // namespace landauer
