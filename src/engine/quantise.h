// A model in another type, by libllama's own quantiser.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace landauer {

// Types by llama-quantize's names: "Q4_K_M", "Q3_K_M", ...
[[nodiscard]] const std::vector<std::string>& quantisation_names();

// Bytes of the tensors that `model` would have in that type; writes nothing.
[[nodiscard]] Result<std::uint64_t> quantised_bytes(const std::filesystem::path& model, const std::string& type);

// Requantises quantised files too. Writes OUT whole or not at all. Invalid: unknown type, no GGUF.
[[nodiscard]] Result<void> quantise(const std::filesystem::path& model, const std::string& type,
                                    const std::filesystem::path& out, std::int32_t n_threads);

// How much each input of a matrix matters: the mean of its square over some text.
struct TensorImportance {
    std::string tensor;
    std::vector<float> weights;  // one a column
};

// The same with rounding errors weighted by importance; matrices that have none are rounded as they would be without.
// Types that need it (quantisation_names() leaves them out: "IQ2_M", "IQ3_XXS", ...) can be had too. Invalid as well:
// an importance that is no number or of another width than its matrix.
[[nodiscard]] Result<void> quantise(const std::filesystem::path& model, const std::string& type,
                                    const std::filesystem::path& out, std::int32_t n_threads,
                                    const std::vector<TensorImportance>& importance);

// The type whose file is nearest to `bytes`, not above it where one is not; Absent when none is within 10 %.
// Ternary types (TQ1_0, TQ2_0) are never it: they ruin a model that was not trained for them.
[[nodiscard]] Result<std::string> type_of_size(const std::filesystem::path& model, std::uint64_t bytes);

}  // namespace landauer
