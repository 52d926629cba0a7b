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

// The type whose file is nearest to `bytes`, not above it where one is not; Absent when none is within 10 %.
[[nodiscard]] Result<std::string> type_of_size(const std::filesystem::path& model, std::uint64_t bytes);

}  // namespace landauer
