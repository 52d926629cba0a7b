// A Hugging Face folder as a GGUF file, written tensor by tensor in little memory.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gguf/header.h"
#include "gguf/hf/config.h"
#include "gguf/hf/folder.h"
#include "gguf/hf/tensors.h"

namespace landauer {

struct ImportRequest {
    std::filesystem::path folder;
    std::string type;     // of matrices: "F32", "F16", "BF16", "Q8_0"; empty: as they are
    std::string pre;      // how text is cut, instead of recognising it
    std::string version;  // of this program, kept in the file
};

struct ImportPlan {
    std::string name;  // of the model
    HfConfig config;
    HfWeights weights;
    std::vector<ImportTensor> tensors;
    GgufHeader header;
    std::vector<std::string> notes;  // what llama.cpp will do otherwise than the folder says
    std::string tokenizer;           // "gpt2, qwen2"

    [[nodiscard]] std::uint64_t n_params() const;
    [[nodiscard]] std::uint64_t source_bytes() const;
};

// Reads everything but the weights themselves. Errors as read_hf_config(), read_hf_tokenizer(), HfWeights::open() and
// import_tensors(); Invalid: no such folder, or not a model's.
[[nodiscard]] Result<ImportPlan> plan_import(const ImportRequest& request);

// Bytes written so far; false: stop.
using ImportProgress = std::function<bool(std::uint64_t bytes)>;

// Errors as GgufWriter and HfWeights::read(). Invalid: a weight that is no number, or too large for its new type.
// Interrupted: `progress` said so. In every case FILE is whole or as it was.
[[nodiscard]] Result<void> write_import(const ImportPlan& plan, const std::filesystem::path& file, bool replace,
                                        const ImportProgress& progress);

// Whether `file` is what write_import() would write, and newer than all that it is made from.
[[nodiscard]] bool is_import_of(const ImportPlan& plan, const std::filesystem::path& file);

}  // namespace landauer
