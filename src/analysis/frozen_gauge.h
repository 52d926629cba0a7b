// A gauge that still answers and tells nothing any more.
#pragma once

#include <cstddef>
#include <optional>

#include "analysis/series_view.h"

namespace landauer {

// The reading from which on the value never changed again, for at least some seconds and for much longer
// than it ever stayed before; empty when it went on changing, or never changed at all.
[[nodiscard]] std::optional<std::size_t> frozen_from(const SeriesView& gauge);

}  // namespace landauer
