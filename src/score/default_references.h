// The references that belong to a run without being named: ours for the built-in ladder, the scene's for the scene.
#pragma once

#include <landauer/error.h>

#include "core/records.h"
#include "score/references.h"

namespace landauer {

// Absent for a run of the user's own prompts, question or picture. Invalid for one that asks nothing.
[[nodiscard]] Result<References> default_references(const RunRecord& run);

}  // namespace landauer
