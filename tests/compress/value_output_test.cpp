// Values and output narrowed together: through attention, against loss_of(), and in stock shapes.
#include "compress/methods/value_output.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "compress/methods/low_rank.h"
#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::identity;
using test::random_matrix;
using test::random_moment;

constexpr std::size_t kEmbd = 10;

ValueOutputSettings heads(std::size_t n_head, std::size_t n_head_kv) { return {n_head, n_head_kv, 0.0, 0.0}; }

ValueOutputWeights random_weights(std::size_t n_head, std::size_t n_head_kv, std::size_t head_dim, std::uint64_t seed) {
    ValueOutputWeights out{random_matrix<float>(n_head_kv * head_dim, kEmbd, seed),
                           {},
                           random_matrix<float>(kEmbd, n_head * head_dim, seed + 1)};
    for (std::size_t i = 0; i < out.v.rows(); ++i) out.v_bias.push_back(0.1F * static_cast<float>(i % 7) - 0.2F);
    return out;
}

// What the layer adds to the stream where head h attends to the tokens x with the weights of row h.
std::vector<double> attend(const ValueOutputWeights& w, const MatrixD& x, const MatrixD& attention,
                           std::size_t n_head_kv) {
    const std::size_t n_head = attention.rows();
    const std::size_t width = w.v.rows() / n_head_kv;
    std::vector<double> out(w.o.rows(), 0.0);
    for (std::size_t h = 0; h < n_head; ++h) {
        for (std::size_t i = 0; i < width; ++i) {
            const std::size_t row = h / (n_head / n_head_kv) * width + i;
            double value = 0.0;
            for (std::size_t t = 0; t < x.rows(); ++t) {
                double one = w.v_bias.empty() ? 0.0 : static_cast<double>(w.v_bias[row]);
                for (std::size_t j = 0; j < x.cols(); ++j) one += static_cast<double>(w.v(row, j)) * x(t, j);
                value += attention(h, t) * one;
            }
            for (std::size_t r = 0; r < w.o.rows(); ++r) out[r] += static_cast<double>(w.o(r, h * width + i)) * value;
        }
    }
    return out;
}

MatrixD random_attention(std::size_t n_head, std::size_t tokens, std::uint64_t seed) {
    MatrixD out = random_matrix(n_head, tokens, seed);
    for (std::size_t h = 0; h < n_head; ++h) {
        double sum = 0.0;
        for (double& v : out.row(h)) sum += v = std::exp(v);
        for (double& v : out.row(h)) v /= sum;
    }
    return out;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
    double out = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(a[i] - b[i]));
    return out;
}

TEST(ValueOutput, AtFullWidthAttentionSaysTheSame) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const auto w = random_weights(6, 2, 4, seed);
        const auto same =
            narrow_value_output(w, random_moment(24, 200, seed), random_moment(kEmbd, 50, seed), 4, heads(6, 2));
        ASSERT_TRUE(same) << same.error().sentence;
        const MatrixD x = random_matrix(5, kEmbd, seed);
        const MatrixD attention = random_attention(6, 5, seed);
        EXPECT_LT(distance(attend(*same, x, attention, 2), attend(w, x, attention, 2)), 1e-4);
    }
}

TEST(ValueOutput, WidenedItSaysTheSameInTheShapesOfBefore) {
    for (std::size_t width = 1; width <= 4; ++width) {
        const auto w = random_weights(6, 3, 4, width);
        const auto narrow = narrow_value_output(w, random_moment(24, 200, 1), {}, width, heads(6, 3));
        ASSERT_TRUE(narrow);
        EXPECT_EQ(narrow->v.rows(), 3 * width);
        EXPECT_EQ(narrow->v_bias.size(), 3 * width);
        EXPECT_EQ(narrow->o.cols(), 6 * width);
        const auto wide = widen_value_output(*narrow, 4, heads(6, 3));
        EXPECT_EQ(wide.v.rows(), w.v.rows());
        EXPECT_EQ(wide.o.cols(), w.o.cols());
        const MatrixD x = random_matrix(5, kEmbd, 2);
        const MatrixD attention = random_attention(6, 5, 3);
        EXPECT_LT(distance(attend(*narrow, x, attention, 3), attend(wide, x, attention, 3)), 1e-6);
    }
}

// o with D E^T behind every head: what the narrow pair makes of the values of before. E^T v is the narrow values, for
// values that are the unit vectors.
MatrixF output_seen_by_full_values(const ValueOutputWeights& w, const MatrixD& c, const MatrixD& g, std::size_t width,
                                   const ValueOutputSettings& settings) {
    const std::size_t head_dim = w.v.rows() / settings.n_head_kv;
    ValueOutputWeights units{MatrixF(w.v.rows(), head_dim), {}, w.o};
    for (std::size_t i = 0; i < w.v.rows(); ++i) units.v(i, i % head_dim) = 1.0F;
    const auto narrow = narrow_value_output(units, c, g, width, settings);
    EXPECT_TRUE(narrow);
    MatrixF out(w.o.rows(), w.o.cols());
    for (std::size_t r = 0; r < out.rows(); ++r) {
        for (std::size_t h = 0; h < settings.n_head; ++h) {
            const std::size_t group = h / (settings.n_head / settings.n_head_kv);
            for (std::size_t j = 0; j < head_dim; ++j) {
                for (std::size_t k = 0; k < width; ++k) {
                    out(r, h * head_dim + j) += narrow->o(r, h * width + k) * narrow->v(group * width + k, j);
                }
            }
        }
    }
    return out;
}

// Moments in which no head knows of another.
MatrixD block_diagonal(const MatrixD& c, std::size_t block) {
    MatrixD out = c;
    for (std::size_t i = 0; i < c.rows(); ++i) {
        for (std::size_t j = 0; j < c.cols(); ++j) {
            if (i / block != j / block) out(i, j) = 0.0;
        }
    }
    return out;
}

TEST(ValueOutput, TheTailIsTheLossWhereEveryHeadHasItsOwnValues) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const auto w = random_weights(3, 3, 5, seed);
        const MatrixD c = block_diagonal(random_moment(15, 100, seed), 5);
        const MatrixD g = random_moment(kEmbd, 60, seed);
        const auto curve = plan_value_output(w, c, g, heads(3, 3));
        ASSERT_TRUE(curve);
        ASSERT_EQ(curve->tail.size(), 6U);
        EXPECT_EQ(curve->tail[5], 0.0);
        EXPECT_NEAR(curve->tail[0], loss_of(w.o, MatrixF(kEmbd, 15), c, g), 1e-8 * curve->tail[0]);
        for (std::size_t width = 1; width <= 5; ++width) {
            const MatrixF changed = output_seen_by_full_values(w, c, g, width, heads(3, 3));
            EXPECT_NEAR(loss_of(w.o, changed, c, g), curve->tail[width], 1e-5 * curve->tail[0]) << seed << " " << width;
        }
    }
}

TEST(ValueOutput, SharedValuesLoseAtMostTheTailWhereHeadsAreStrangers) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const auto w = random_weights(6, 2, 4, seed);
        const MatrixD c = block_diagonal(random_moment(24, 100, seed), 4);
        const MatrixD g = random_moment(kEmbd, 60, seed);
        const auto curve = plan_value_output(w, c, g, heads(6, 2));
        ASSERT_TRUE(curve);
        for (std::size_t width = 1; width <= 4; ++width) {
            const MatrixF changed = output_seen_by_full_values(w, c, g, width, heads(6, 2));
            EXPECT_LE(loss_of(w.o, changed, c, g), curve->tail[width] + 1e-5 * curve->tail[0]);
            EXPECT_LE(curve->tail[width], curve->tail[width - 1]);
        }
    }
}

TEST(ValueOutput, FindsThePlantedWidth) {
    // Two of the four values of each group never leave: the outputs' columns for them are zero.
    auto w = random_weights(4, 2, 4, 3);
    for (std::size_t r = 0; r < kEmbd; ++r) {
        for (std::size_t h = 0; h < 4; ++h) w.o(r, h * 4 + 1) = w.o(r, h * 4 + 3) = 0.0F;
    }
    const auto curve = plan_value_output(w, random_moment(16, 90, 1), random_moment(kEmbd, 50, 2), heads(4, 2));
    ASSERT_TRUE(curve);
    EXPECT_GT(curve->tail[1], 1e-3 * curve->tail[0]);
    EXPECT_LT(curve->tail[2], 1e-10 * curve->tail[0]);
}

TEST(ValueOutput, RefusesWhatDoesNotFit) {
    const auto w = random_weights(4, 2, 4, 3);
    const MatrixD c = random_moment(16, 90, 1);
    const auto expect_invalid = [](const auto& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    };
    expect_invalid(plan_value_output(w, c, {}, heads(3, 2)));
    expect_invalid(plan_value_output(w, c, {}, heads(4, 0)));
    expect_invalid(plan_value_output(w, c, {}, heads(2, 2)));
    expect_invalid(plan_value_output(w, identity(3), {}, heads(4, 2)));
    expect_invalid(plan_value_output(w, c, identity(3), heads(4, 2)));
    expect_invalid(narrow_value_output(w, c, {}, 0, heads(4, 2)));
    expect_invalid(narrow_value_output(w, c, {}, 5, heads(4, 2)));
    auto bad = w;
    bad.v(0, 0) = std::numeric_limits<float>::quiet_NaN();
    expect_invalid(plan_value_output(bad, c, {}, heads(4, 2)));
    bad = w;
    bad.v_bias.pop_back();
    expect_invalid(plan_value_output(bad, c, {}, heads(4, 2)));
}

}  // namespace
}  // namespace landauer
