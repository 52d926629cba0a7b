// Blocks and head together: the slope of the whole loss along a change of the embeddings, for every architecture.
#include <gtest/gtest.h>

#include "decoder_testing.h"
#include "grad/head.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer {
namespace {

struct Decoder {
    DecoderShape shape;
    std::vector<BlockWeights> blocks;
    HeadWeights head;
};

Result<Decoder> read_decoder(const WeightFile& file) {
    Decoder decoder;
    auto shape = decoder_shape(file);
    if (!shape) return tl::unexpected(shape.error());
    decoder.shape = std::move(*shape);
    for (std::size_t layer = 0; layer < decoder.shape.n_layer; ++layer) {
        auto block = read_block(file, decoder.shape, layer);
        if (!block) return tl::unexpected(block.error());
        decoder.blocks.push_back(std::move(*block));
    }
    auto head = read_head(file, decoder.shape);
    if (!head) return tl::unexpected(head.error());
    decoder.head = std::move(*head);
    return decoder;
}

// The streams before each block and after the last.
std::vector<MatrixF> forward(const Decoder& decoder, const MatrixF& in) {
    std::vector<MatrixF> streams = {in};
    BlockTape tape;
    for (std::size_t layer = 0; layer < decoder.blocks.size(); ++layer) {
        MatrixF out;
        block_forward(decoder.shape, decoder.blocks[layer], layer, streams.back(), tape, out);
        streams.push_back(std::move(out));
    }
    return streams;
}

MatrixF gradient_at_the_embeddings(const Decoder& decoder, const MatrixF& in, const std::vector<std::int32_t>& labels) {
    const std::vector<MatrixF> streams = forward(decoder, in);
    MatrixF d_stream;
    cross_entropy(decoder.head, streams.back(), labels, &d_stream);
    BlockTape tape;
    BlockGradients gradients;
    for (std::size_t layer = decoder.blocks.size(); layer-- > 0;) {
        block_tape(decoder.shape, decoder.blocks[layer], layer, streams[layer], tape);
        block_backward(decoder.shape, decoder.blocks[layer], layer, streams[layer], tape, d_stream, gradients);
    }
    return d_stream;
}

TEST(Decoder, GradientAtTheEmbeddingsIsThatOfFiniteDifferences) {
    constexpr double kStep = 2e-3;
    const testing::TempFolder folder;
    for (testing::TinyModel model : testing::tiny_variants()) {
        for (unsigned seed = 1; seed <= 5; ++seed) {
            model.seed = seed;
            testing::write_tiny(model, folder / "m.gguf");
            const auto file = WeightFile::open(folder / "m.gguf");
            const auto decoder = read_decoder(*file);
            ASSERT_TRUE(decoder) << decoder.error().sentence;
            std::mt19937 random(seed);
            const MatrixF in = testing::random_matrix(20, 48, 0.7, random);
            const MatrixF direction = testing::random_matrix(20, 48, 0.3, random);
            std::vector<std::int32_t> labels(20);
            for (auto& label : labels) label = static_cast<std::int32_t>(random() % 97);
            const auto loss_at = [&](double away) {
                MatrixF moved = in;
                testing::move_along(moved.values(), direction.values(), away);
                return cross_entropy(decoder->head, forward(*decoder, moved).back(), labels, nullptr);
            };
            const double found = (loss_at(kStep) - loss_at(-kStep)) / (2.0 * kStep);
            const double wanted = testing::dot_of(gradient_at_the_embeddings(*decoder, in, labels), direction);
            EXPECT_NEAR(found, wanted, 0.02 * (1.0 + std::abs(wanted))) << model.architecture << " seed " << seed;
        }
    }
}

}  // namespace
}  // namespace landauer
