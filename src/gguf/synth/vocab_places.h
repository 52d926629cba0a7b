// Where llama.cpp's vocabulary-only GGUF files lie on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace landauer {

// "ggml-vocab-NAME.gguf" in $LANDAUER_VOCAB_DIR, beside the installed program, or in the llama.cpp source that
// landauer was built with. Nothing: in none of them.
[[nodiscard]] std::optional<std::filesystem::path> find_vocabulary(const std::string& name);

}  // namespace landauer
