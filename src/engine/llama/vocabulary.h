// A model's vocabulary without its weights.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <memory>

#include "engine/engine.h"

namespace landauer {

[[nodiscard]] Result<std::unique_ptr<Engine>> open_llama_vocabulary(const std::filesystem::path& model);

}  // namespace landauer
