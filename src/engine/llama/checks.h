// What is looked at in a model file before libllama sees it.
#pragma once

#include <landauer/caveat.h>
#include <landauer/error.h>

#include <vector>

#include "engine/engine.h"
#include "gguf/summary.h"

namespace landauer {

// Damage that libllama answers by ending the program. Invalid: a header whose numbers no
// model can have.
[[nodiscard]] Result<void> check_plausible(const GgufSummary& summary);

// Failed if the model needs more memory than the hooks say there is; a caveat when it fits
// only because mapped pages can be dropped. The projector's weights need room beside it.
[[nodiscard]] Result<std::vector<Caveat>> check_room(const GgufSummary& summary, const EngineSettings& settings,
                                                     const EngineHooks& hooks, std::uint64_t projector_bytes = 0);

}  // namespace landauer
