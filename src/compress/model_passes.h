// How long a whole model's passes take in the engine: what the matrices alone do not say.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "engine/engine.h"
#include "engine/kernel_times.h"

namespace landauer {

// Quiet times of the passes with nothing before them, and with `depth` tokens: the difference is what attention to
// those costs.
struct ModelPasses {
    std::int64_t depth = 0;
    double decode = 0.0;  // seconds of a token
    double decode_deep = 0.0;
    double prefill = 0.0;  // seconds of kPrefillTokens
    double prefill_deep = 0.0;
};

struct PassSettings {
    std::int32_t n_threads = 1;
    std::int32_t n_rounds = 4;
    std::int32_t n_decode = 8;  // tokens that a decode is timed over, four times a round
    std::int32_t depth = 512;
    std::function<std::uint64_t()> memory;  // bytes that may be taken now; empty: not asked
};

// The four in turns, round by round, after one that is not counted. Errors as Engine::load() and run().
[[nodiscard]] Result<ModelPasses> measure_passes(const std::filesystem::path& model, const PassSettings& settings,
                                                 const std::function<bool()>& abort,
                                                 const std::function<void(double)>& done);

// A prompt and its answer on two models in turns.
struct PassRatio {
    KernelTime base;   // seconds
    KernelTime small;  // seconds
    KernelTime ratio;  // of base to small, round by round: above 1 is faster
};
struct PassComparison {
    PassRatio prefill;  // of n_in tokens
    PassRatio decode;   // of a token, at the middle of the answer
};
[[nodiscard]] Result<PassComparison> compare_passes(const std::filesystem::path& base,
                                                    const std::filesystem::path& small, std::int64_t n_in,
                                                    std::int64_t decode_depth, const PassSettings& settings,
                                                    const std::function<bool()>& abort,
                                                    const std::function<void(double)>& done);

}  // namespace landauer
