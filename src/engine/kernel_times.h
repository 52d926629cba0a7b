// How long the CPU's matrix products take, in the shapes and types that a model has or would have.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace landauer {

// y = W x of one pass: W is rows x cols, x has n_tokens columns.
struct KernelShape {
    std::string type;  // of W, ggml's name: "q4_1"
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t n_tokens = 1;
    friend bool operator==(const KernelShape&, const KernelShape&) = default;
};

struct KernelSettings {
    std::int32_t n_threads = 1;
    bool repack = true;  // llama.cpp's extra buffer types, as the loader would pick them
    // Weights that go by before the same ones are read again: more than a cache holds, as in a model of that size.
    std::uint64_t rotate_bytes = 64U << 20U;
    int n_rounds = 20;  // each visits every shape, those of a few tokens several times
    int least_rounds = 5;
    double most_seconds = 30.0;  // no round begins after that, once the least are done
};

// Of one product, its share of the threads' waiting for each other included.
struct KernelTime {
    double seconds = 0.0;
    double low = 0.0;  // its 95 % interval, by order statistics
    double high = 0.0;
    std::string buffer;  // "CPU", "CPU_REPACK", "AMX": where libllama would put such weights
};

// In the order of `shapes`, as quiet_time() says. Invalid: a type that is not known or cannot be written, cols that do
// not fit its blocks, an empty shape. Failed: no memory for the weights. Interrupted: `abort`.
[[nodiscard]] Result<std::vector<KernelTime>> kernel_times(std::span<const KernelShape> shapes,
                                                           const KernelSettings& settings,
                                                           const std::function<bool()>& abort,
                                                           const std::function<void(double fraction)>& progress);

// The lower quartile: what else runs on a machine only ever adds to a time. With its distribution-free 95 % interval,
// the extremes where there are too few.
[[nodiscard]] KernelTime quiet_time(std::vector<double> seconds);
// The median, in the same way: for what may err to both sides.
[[nodiscard]] KernelTime median_time(std::vector<double> seconds);

}  // namespace landauer
