#include <algorithm>

#include "compress/collect.h"
#include "compress/moments.h"
#include "grad/head.h"

namespace landauer {
namespace {

constexpr std::uint64_t kProgramBytes = 48U << 20U;  // code, libraries, text and header
constexpr std::uint64_t kThreadBytes = 32U << 20U;   // of BLAS for each thread

// Of one layer: values of its matrices, values a window of n positions takes on its way through, and of its moments.
struct LayerNeeds {
    std::uint64_t weights = 0;
    std::uint64_t tape = 0;
    std::uint64_t gradients = 0;
    std::uint64_t input_sums = 0;
    std::uint64_t gradient_sums = 0;
    std::uint64_t input_triangles = 0;
    std::uint64_t gradient_triangles = 0;
};

LayerNeeds needs_of(const DecoderShape& shape, std::size_t layer, std::uint64_t n, bool all_gradients) {
    const std::uint64_t wide = shape.n_embd;
    const std::uint64_t q = shape.n_head[layer] * shape.head_dim;
    const std::uint64_t kv = shape.n_head_kv[layer] * shape.head_dim;
    const std::uint64_t ff = shape.n_ff[layer];
    LayerNeeds needs;
    needs.weights = 2 * wide * (q + kv) + 3 * wide * ff;
    needs.tape = n * (3 * (q + kv) + 3 * wide + 3 * ff + shape.n_head[layer] * n);
    needs.gradients = n * (2 * (q + kv) + 4 * wide + 3 * ff + 128);
    const auto add = [&](const std::vector<Moment>& moments, std::uint64_t& sums, std::uint64_t& triangles) {
        for (const Moment& moment : moments) {
            if (!moment.always && !all_gradients) continue;
            const std::uint64_t width = moment_width(shape, layer, moment);
            sums += width * width;
            triangles += triangle(width);
        }
    };
    add(input_moments(), needs.input_sums, needs.input_triangles);
    add(gradient_moments(), needs.gradient_sums, needs.gradient_triangles);
    return needs;
}

}  // namespace

Result<CollectNeeds> collect_needs(const std::filesystem::path& model, std::int64_t n_windows,
                                   std::int64_t window_tokens, const CollectSettings& settings) {
    if (n_windows < 1 || window_tokens < 2 || settings.n_threads < 1) {
        return fail(ErrorKind::Invalid, "Statistics were planned over no text or on no threads.",
                    "Ask for at least one window of two tokens, and one thread.");
    }
    const auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    const auto shape = decoder_shape(*file);
    if (!shape) return tl::unexpected(shape.error());
    const auto n = static_cast<std::uint64_t>(window_tokens);
    const auto all = static_cast<std::uint64_t>(n_windows) * n;
    const std::uint64_t back = settings.n_gradient_windows < 0
                                   ? all
                                   : std::min(all, n * static_cast<std::uint64_t>(settings.n_gradient_windows));
    const auto threads = static_cast<std::uint64_t>(std::min<std::int64_t>(settings.n_threads, n_windows));
    LayerNeeds most;
    CollectNeeds needs;
    for (std::size_t layer = 0; layer < shape->n_layer; ++layer) {
        const LayerNeeds own = needs_of(*shape, layer, n, settings.all_gradients);
        most.weights = std::max(most.weights, own.weights);
        most.tape = std::max(most.tape, own.tape);
        most.gradients = std::max(most.gradients, own.gradients);
        most.input_sums = std::max(most.input_sums, own.input_sums);
        most.gradient_sums = std::max(most.gradient_sums, own.gradient_sums);
        needs.file_bytes += 4 * (own.input_triangles + own.gradient_triangles + 2);
        const auto products =
            static_cast<double>(own.weights) + static_cast<double>(shape->n_head[layer] * shape->head_dim * n);
        needs.flops += 2.0 * products * (static_cast<double>(all) + 2.0 * static_cast<double>(back)) +
                       2.0 * (static_cast<double>(own.input_triangles) * static_cast<double>(all) +
                              static_cast<double>(own.gradient_triangles) * static_cast<double>(back));
    }
    const std::uint64_t head = shape->n_vocab * shape->n_embd;
    needs.flops += 4.0 * static_cast<double>(head) * static_cast<double>(back);
    const std::uint64_t kept = shape->n_layer * back * shape->n_embd;
    const std::uint64_t streams = (all + threads * n) * shape->n_embd;
    const std::uint64_t forward = most.weights + 2 * most.input_sums + threads * most.tape;
    const std::uint64_t end = head + threads * head_scratch(shape->n_vocab, shape->n_embd) + back * shape->n_embd;
    const std::uint64_t backward =
        most.weights + 2 * most.gradient_sums + threads * (most.tape + most.gradients) + back * shape->n_embd;
    needs.memory_bytes = kProgramBytes + kThreadBytes * static_cast<std::uint64_t>(settings.n_threads) +
                         4 * (kept + streams + std::max({forward, end, backward}));
    return needs;
}

}  // namespace landauer
