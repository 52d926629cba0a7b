#include "compress/heal/teacher.h"

#include <utility>

#include "compress/heal/kept_matrices.h"
#include "compress/parallel.h"

namespace landauer {
namespace {

// All windows through a layer, then through the next: a layer's weights in memory at a time.
Result<std::vector<MatrixF>> last_streams(const WeightFile& base, const std::vector<TokenWindow>& windows,
                                          std::size_t n_threads, const std::function<bool()>& abort,
                                          const std::function<void(double)>& done) {
    const auto shape = decoder_shape(base);
    if (!shape) return tl::unexpected(shape.error());
    std::vector<MatrixF> streams;
    for (const TokenWindow& window : windows) {
        auto stream = read_embeddings(base, *shape, window);
        if (!stream) return tl::unexpected(stream.error());
        streams.push_back(std::move(*stream));
    }
    for (std::size_t layer = 0; layer < shape->n_layer; ++layer) {
        if (abort && abort()) return fail(ErrorKind::Interrupted, "Healing was interrupted.", "");
        const auto weights = read_block(base, *shape, layer);
        if (!weights) return tl::unexpected(weights.error());
        in_parallel(n_threads, streams.size(), [&](std::size_t w) {
            BlockTape tape;
            MatrixF out;
            block_forward(*shape, *weights, layer, streams[w], tape, out);
            streams[w] = std::move(out);
        });
        if (done) done(static_cast<double>(layer + 1) / static_cast<double>(shape->n_layer));
    }
    return streams;
}

}  // namespace

Result<Teacher> teach(const WeightFile& base, const std::vector<TokenWindow>& windows, const std::string& key,
                      const std::filesystem::path& cache, std::size_t n_threads, const std::function<bool()>& abort,
                      const std::function<void(double)>& done) {
    const auto shape = decoder_shape(base);
    if (!shape) return tl::unexpected(shape.error());
    auto head = read_head(base, *shape);
    if (!head) return tl::unexpected(head.error());
    if (auto kept = kept_matrices(cache, key); kept && kept->matrices.size() == windows.size()) {
        return Teacher{std::move(*head), std::move(kept->matrices)};
    }
    auto streams = last_streams(base, windows, n_threads, abort, done);
    if (!streams) return tl::unexpected(streams.error());
    std::vector<const MatrixF*> all;
    for (const MatrixF& stream : *streams) all.push_back(&stream);
    if (cache.empty()) return Teacher{std::move(*head), std::move(*streams)};
    if (auto kept = keep_matrices(cache, key, {}, all); !kept) return tl::unexpected(kept.error());
    return Teacher{std::move(*head), std::move(*streams)};
}

}  // namespace landauer
