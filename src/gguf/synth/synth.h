// Synthetic models: the true shape, types and tokenizer of a published model with random weights, so that
// what it costs can be measured before it is downloaded.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gguf/header.h"
#include "gguf/synth/file_type.h"
#include "gguf/synth/shape.h"
#include "gguf/synth/tensors.h"
#include "gguf/synth/tokenizer.h"

namespace landauer {

struct SynthRequest {
    std::string shape;
    std::string type;  // as llama-quantize spells it; empty: the shape's default
    std::uint64_t seed = 1;
    std::filesystem::path tokenizer;  // a GGUF file; empty: the shape's own
};

// One file before it is written.
struct SynthFile {
    GgufHeader header;
    std::vector<SynthTensor> tensors;

    [[nodiscard]] std::uint64_t n_params() const;
};

struct SynthPlan {
    SynthShape shape;
    FileType file_type;
    std::uint64_t seed = 0;
    std::string tokenizer;     // its name
    bool is_fallback = false;  // its tokens are bytes, although the shape has a vocabulary of its own
    SynthFile model;
    std::optional<SynthFile> tower;  // of a shape that sees
};

// Everything but the weights. Invalid: an unknown shape or type, a tokenizer that does not fit.
[[nodiscard]] Result<SynthPlan> plan_synth(const SynthRequest& request);
// The same for a shape that is not in the table; request.shape is not looked at.
[[nodiscard]] Result<SynthPlan> plan_synth(const SynthShape& shape, const SynthRequest& request);

// Called with the bytes written so far; false stops.
using SynthProgress = std::function<bool(std::uint64_t written)>;

// Writes one of the plan's files. Errors as GgufWriter::create() and write(); Interrupted.
[[nodiscard]] Result<void> write_synth(const SynthPlan& plan, const SynthFile& part, const std::filesystem::path& file,
                                       bool replace, const SynthProgress& progress);

}  // namespace landauer
