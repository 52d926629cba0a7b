// Power gauges as energy steps; energy_steps.h says how.
#pragma once

#include <landauer/windows.h>

#include <span>

#include "analysis/energy_steps.h"
#include "analysis/series_view.h"

namespace landauer {

// No CPU machine draws more: such a reading is in another unit, or nonsense.
inline constexpr double kMostPlausibleWatts = 5000.0;
[[nodiscard]] bool is_plausible_power(double watts);

[[nodiscard]] EnergySteps gauge_steps(const SeriesView& series, std::span<const Window> busy);

}  // namespace landauer
