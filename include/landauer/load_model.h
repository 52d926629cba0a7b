// Model files for a program that links libllama itself: dense ones as ever, and files of factors (docs/format.md).
#pragma once

#include <landauer/error.h>

#include <filesystem>

struct llama_model;
struct llama_model_params;  // NOLINT(readability-identifier-naming): libllama's

namespace landauer {

// In the place of llama_model_load_from_file(): the model is freed, and used, as any other. Errors, for a file of
// factors: Invalid (damaged, from a later version), Absent (a build or a system that cannot run one). Failed: libllama
// refused, and its log says why.
[[nodiscard]] Result<llama_model*> load_llama_model(const std::filesystem::path& file,
                                                    const llama_model_params& params);

}  // namespace landauer
