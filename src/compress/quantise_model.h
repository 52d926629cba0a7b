// A whole model in another type: every matrix of its blocks by error feedback, everything else as it is.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compress/statistics.h"
#include "compress/stock_shape.h"
#include "engine/quantise.h"
#include "gguf/weights.h"

namespace landauer {

// Types by llama-quantize's names that quantise_model() writes: "Q4_0", "IQ4_NL", ...
[[nodiscard]] const std::vector<std::string>& fed_back_names();
// ggml's name of one of them; nothing: another.
[[nodiscard]] std::optional<std::string> fed_back_type(const std::string& name);

struct ModelQuantising {
    std::string type = "Q4_0";
    std::string source_sha256;  // kept in the file's metadata
    std::size_t n_threads = 1;
    std::function<bool()> abort;
    std::function<void(double)> done;
};

// Embedding, head, norms and biases keep the source's type, as do matrices that have the asked one. Written whole or
// not at all, a matrix in memory at a time; returns the file's bytes. Invalid: a type that is not in fed_back_names(),
// a matrix that does not fit its blocks. Errors as encode_matrix() and GgufWriter; Interrupted: `abort`.
[[nodiscard]] Result<std::uint64_t> quantise_model(const WeightFile& source, const StatisticsFile& statistics,
                                                   const ModelQuantising& how, const std::filesystem::path& out);

// The bytes of the file that it would write. Errors as quantise_model().
[[nodiscard]] Result<std::uint64_t> quantised_bytes(const WeightFile& source, const StatisticsFile& statistics,
                                                    const std::string& type);

// Of every matrix in the blocks of the file that keeps so much: the mean square of each of its inputs, as libllama's
// own quantiser takes it.
[[nodiscard]] Result<std::vector<TensorImportance>> importance_of(const WeightFile& source, const StockShape& shape,
                                                                  const std::vector<LayerKeep>& keep,
                                                                  const StatisticsFile& statistics);

// All of the model, each layer in `type` (ggml's name; empty: as it is).
[[nodiscard]] std::vector<LayerKeep> keep_all(const StockShape& shape, const std::string& type);

}  // namespace landauer
