// The backward pass against finite differences of the forward pass, over kinds of blocks and many seeds.
#include <gtest/gtest.h>

#include <functional>

#include "decoder_testing.h"
#include "grad/decoder.h"
#include "tensor/products.h"

namespace landauer {
namespace {

using testing::block_kinds;
using testing::dot_of;
using testing::move_along;
using testing::random_matrix;

constexpr std::size_t kPositions = 11;
constexpr double kStep = 4e-3;
// Single precision leaves about 1e-5 of a loss of order 10 in either value; curvature as much.
constexpr double kTolerance = 1.5e-2;

// A block, its input, and a loss that is linear in its output.
struct Case {
    DecoderShape shape;
    BlockWeights weights;
    MatrixF in;
    MatrixF loss_weights;

    Case(const testing::BlockKind& kind, unsigned seed, std::size_t n_positions = kPositions) {
        std::mt19937 random(seed);
        shape = testing::shape_of(kind);
        weights = testing::random_block(shape, kind, random);
        in = random_matrix(n_positions, shape.n_embd, 1.0, random);
        loss_weights = random_matrix(n_positions, shape.n_embd, 1.0, random);
    }
    [[nodiscard]] double loss() const {
        BlockTape tape;
        MatrixF out;
        block_forward(shape, weights, 0, in, tape, out);
        return dot_of(out, loss_weights);
    }
    // The loss's slope when `values`, a part of this case, moves along `direction`.
    [[nodiscard]] double slope(std::span<float> values, std::span<const float> direction) const {
        const std::vector<float> before(values.begin(), values.end());
        move_along(values, direction, kStep);
        const double up = loss();
        std::ranges::copy(before, values.begin());
        move_along(values, direction, -kStep);
        const double down = loss();
        std::ranges::copy(before, values.begin());
        return (up - down) / (2.0 * kStep);
    }
};

struct Way {
    BlockTape tape;
    BlockGradients gradients;
    MatrixF d_in;
};

Way back(const Case& one) {
    Way way;
    block_tape(one.shape, one.weights, 0, one.in, way.tape);
    way.d_in = one.loss_weights;
    block_backward(one.shape, one.weights, 0, one.in, way.tape, way.d_in, way.gradients);
    return way;
}

void expect_slope(double found, double wanted, const std::string& what) {
    EXPECT_NEAR(found, wanted, kTolerance * (1.0 + std::abs(wanted))) << what;
}

TEST(Block, GradientOfItsInputIsThatOfFiniteDifferences) {
    std::size_t number = 0;
    for (const auto& kind : block_kinds()) {
        for (unsigned seed = 1; seed <= 12; ++seed) {
            Case one(kind, seed);
            const Way way = back(one);
            std::mt19937 random(seed + 100);
            const MatrixF direction = random_matrix(kPositions, one.shape.n_embd, 1.0, random);
            const double found = one.slope(one.in.values(), direction.values());
            expect_slope(found, dot_of(way.d_in, direction),
                         "kind " + std::to_string(number) + ", seed " + std::to_string(seed));
        }
        ++number;
    }
}

TEST(Block, GradientsCrossTheTilesOfLongWindows) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        Case one(block_kinds()[3], seed, 270);
        const Way way = back(one);
        std::mt19937 random(seed + 400);
        const MatrixF direction = random_matrix(270, one.shape.n_embd, 0.5, random);
        expect_slope(one.slope(one.in.values(), direction.values()), dot_of(way.d_in, direction),
                     "seed " + std::to_string(seed));
    }
}

// What an earlier window left in tape and gradients changes nothing.
TEST(Block, BuffersMayBeUsedAgain) {
    for (const auto& kind : block_kinds()) {
        const Case one(kind, 5);
        const Case other(kind, 6);
        Way used = back(other);
        block_tape(one.shape, one.weights, 0, one.in, used.tape);
        used.d_in = one.loss_weights;
        block_backward(one.shape, one.weights, 0, one.in, used.tape, used.d_in, used.gradients);
        const Way fresh = back(one);
        EXPECT_TRUE(std::ranges::equal(used.d_in.values(), fresh.d_in.values()));
        EXPECT_TRUE(std::ranges::equal(used.gradients.k.values(), fresh.gradients.k.values()));
        EXPECT_TRUE(std::ranges::equal(used.gradients.v.values(), fresh.gradients.v.values()));
    }
}

// d loss / d W = sum over positions of d_out x in^T: holds the gradients at the outputs of all matrices.
TEST(Block, GradientsAtTheMatricesAreThoseOfFiniteDifferences) {
    for (const auto& kind : block_kinds()) {
        for (unsigned seed = 1; seed <= 8; ++seed) {
            Case one(kind, seed);
            const Way way = back(one);
            std::mt19937 random(seed + 200);
            const auto check = [&](const char* name, MatrixF& weights, const MatrixF& d_out, const MatrixF& in) {
                if (weights.empty()) return;
                MatrixF d_weights(weights.rows(), weights.cols());
                multiply(d_out, Turn::Yes, in, Turn::No, d_weights);
                const MatrixF direction = random_matrix(weights.rows(), weights.cols(), 0.5, random);
                const double found = one.slope(weights.values(), direction.values());
                expect_slope(found, dot_of(d_weights, direction), name + (" seed " + std::to_string(seed)));
            };
            check("q", one.weights.q, way.gradients.q, way.tape.attn_in);
            check("k", one.weights.k, way.gradients.k, way.tape.attn_in);
            check("v", one.weights.v, way.gradients.v, way.tape.attn_in);
            check("o", one.weights.o, way.gradients.o, way.tape.attn_out);
            check("gate", one.weights.gate, way.gradients.gate, way.tape.ffn_in);
            check("up", one.weights.up, way.gradients.up, way.tape.ffn_in);
            check("down", one.weights.down, way.gradients.down, way.tape.hidden);
        }
    }
}

// A gain's slope is the sum over positions of (gradient at the norm's output) x (normed input before the gain).
TEST(Block, GradientsAtTheInputsTrainTheGains) {
    for (const auto& kind : block_kinds()) {
        for (unsigned seed = 1; seed <= 8; ++seed) {
            Case one(kind, seed);
            const Way way = back(one);
            std::mt19937 random(seed + 300);
            const auto check = [&](std::vector<float>& gain, const MatrixF& d_normed, const MatrixF& in,
                                   const std::vector<float>& inverse_rms) {
                if (gain.empty()) return;
                const auto direction = testing::random_vector(gain.size(), 0.0, 1.0, random);
                double wanted = 0.0;
                for (std::size_t t = 0; t < kPositions; ++t) {
                    for (std::size_t i = 0; i < gain.size(); ++i) {
                        wanted += static_cast<double>(d_normed(t, i) * in(t, i) * inverse_rms[t] * direction[i]);
                    }
                }
                expect_slope(one.slope(gain, direction), wanted, "seed " + std::to_string(seed));
            };
            check(one.weights.attn_norm, way.gradients.attn_in, one.in, way.tape.attn_rms);
            check(one.weights.ffn_norm, way.gradients.ffn_in, way.tape.stream, way.tape.ffn_rms);
        }
    }
}

TEST(Block, NoPositionSeesALaterOne) {
    Case one({}, 5);
    BlockTape tape;
    MatrixF before;
    block_forward(one.shape, one.weights, 0, one.in, tape, before);
    for (float& value : one.in.row(7)) value += 1.0F;
    MatrixF after;
    block_forward(one.shape, one.weights, 0, one.in, tape, after);
    for (std::size_t t = 0; t < kPositions; ++t) {
        const bool same = std::ranges::equal(before.row(t), after.row(t));
        EXPECT_EQ(same, t < 7) << t;
    }
}

// Several tiles of queries: the first positions come out the same whatever follows.
TEST(Block, LongWindowsAreTheirBeginningsFirst) {
    std::mt19937 random(9);
    const auto kind = block_kinds()[2];
    Case one(kind, 9);
    one.in = random_matrix(300, one.shape.n_embd, 1.0, random);
    MatrixF beginning(140, one.shape.n_embd);
    std::copy_n(one.in.values().begin(), beginning.values().size(), beginning.values().begin());
    BlockTape tape;
    MatrixF whole;
    MatrixF part;
    block_forward(one.shape, one.weights, 0, one.in, tape, whole);
    block_forward(one.shape, one.weights, 0, beginning, tape, part);
    for (std::size_t i = 0; i < part.values().size(); ++i) {
        ASSERT_NEAR(part.values()[i], whole.values()[i], 1e-4F) << i;
    }
}

TEST(Block, InputAndOutputMayBeTheSame) {
    Case one(block_kinds()[3], 3);
    BlockTape tape;
    MatrixF apart;
    block_forward(one.shape, one.weights, 0, one.in, tape, apart);
    block_forward(one.shape, one.weights, 0, one.in, tape, one.in);
    EXPECT_TRUE(std::ranges::equal(apart.values(), one.in.values()));
}

}  // namespace
}  // namespace landauer
