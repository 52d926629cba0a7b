// The traffic scene at the sizes that were measured, drawn again for the page.
#pragma once

#include <cstddef>
#include <string>

#include "analysis/run_analysis.h"

namespace landauer {

// A section with at most five pictures, each with what it cost, as large as `most_bytes` allow; empty for runs
// without the built-in scene, and where even small pictures would need more.
[[nodiscard]] std::string scene_section(const RunAnalysis& run, std::size_t most_bytes);

}  // namespace landauer
