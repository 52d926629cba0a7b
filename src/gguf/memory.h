// How much memory a model will take, told from its header before anything is loaded.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>

#include "gguf/summary.h"

namespace landauer {

// How the model will be run.
struct MemoryPlan {
    std::int64_t n_ctx = 0;  // 0: without a context
    std::int64_t n_ubatch = 512;
    std::string type_k = "f16";  // ggml's names; unknown ones count as f32
    std::string type_v = "f16";
    bool flash_attn = true;
    bool repack = true;
    bool mmap = true;
};

// Bytes.
struct MemoryNeed {
    std::uint64_t weights = 0;
    std::uint64_t repack_copy = 0;  // of mapped weights, at most; their mapped pages may then be dropped
    std::uint64_t kv = 0;           // key-value cache
    std::uint64_t compute = 0;      // scratch for one batch, at most
    // What must be in memory at once for the model to run.
    [[nodiscard]] std::uint64_t least() const { return weights + kv + compute; }
    // What the resident set may show.
    [[nodiscard]] std::uint64_t resident() const { return least() + repack_copy; }
};

// The cache is exact for plain attention (both sides of every layer, the context rounded up
// to 256 as llama.cpp does) and a lower bound for models with sliding windows.
[[nodiscard]] MemoryNeed estimate_memory(const GgufSummary& summary, const MemoryPlan& plan);

// Failed, with the numbers and what to change, if the least need exceeds `available` bytes
// (MemAvailable: what can be had without swapping).
[[nodiscard]] Result<void> check_memory(const GgufSummary& summary, const MemoryPlan& plan, std::uint64_t available);

}  // namespace landauer
