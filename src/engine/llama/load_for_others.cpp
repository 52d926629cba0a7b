#include <fmt/format.h>
#include <landauer/load_model.h>

#include "engine/llama/factors/factor_model.h"
#include "gguf/factor_format.h"
#include "gguf/summary.h"

namespace landauer {

Result<llama_model*> load_llama_model(const std::filesystem::path& file, const llama_model_params& params) {
    const auto summary = inspect_gguf(file);
    if (!summary) return tl::unexpected(summary.error());
    auto model = has_factors(*summary) && !params.vocab_only
                     ? load_factor_model(*summary, params)
                     : Result<ModelPtr>(ModelPtr(llama_model_load_from_file(file.c_str(), params)));
    if (!model) return tl::unexpected(model.error());
    if (*model) return model->release();
    return fail(ErrorKind::Failed, fmt::format("llama.cpp could not load {}.", file.string()),
                "Its log says why (llama_log_set).");
}

}  // namespace landauer
