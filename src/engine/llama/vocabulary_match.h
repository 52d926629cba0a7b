// Whether two models read and write the same tokens.
#pragma once

#include <landauer/error.h>

#include <filesystem>

#include "llama.h"

namespace landauer {

// Invalid, naming the first difference.
[[nodiscard]] Result<void> check_same_vocabulary(const llama_vocab* base, const llama_vocab* other,
                                                 const std::filesystem::path& base_file,
                                                 const std::filesystem::path& other_file);

}  // namespace landauer
