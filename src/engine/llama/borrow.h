// For the parity bench alone: the model that an engine has loaded, so that a second loop
// can run on the very same weights in memory.
#pragma once

#include "engine/engine.h"
#include "llama.h"

namespace landauer {

// Null if the engine is not a llama engine or has nothing loaded. Valid until the next
// load or unload.
[[nodiscard]] llama_model* borrow_model(Engine& engine);

}  // namespace landauer
