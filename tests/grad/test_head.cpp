#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoder_testing.h"
#include "grad/head.h"

namespace landauer {
namespace {

using testing::dot_of;
using testing::move_along;
using testing::random_matrix;

HeadWeights random_head(std::size_t n_vocab, std::size_t n_embd, std::mt19937& random) {
    HeadWeights head;
    head.norm = testing::random_vector(n_embd, 1.0, 0.3, random);
    head.matrix = random_matrix(n_vocab, n_embd, 1.5 / std::sqrt(static_cast<double>(n_embd)), random);
    head.rms_eps = 1e-5;
    return head;
}

// In double precision, the slow way.
MatrixD slow_log_probabilities(const HeadWeights& head, const MatrixF& stream) {
    MatrixD all(stream.rows(), head.matrix.rows());
    for (std::size_t t = 0; t < stream.rows(); ++t) {
        double squares = 0.0;
        for (const float x : stream.row(t)) squares += static_cast<double>(x) * static_cast<double>(x);
        const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(stream.cols()) + head.rms_eps);
        double sum = 0.0;
        for (std::size_t v = 0; v < all.cols(); ++v) {
            for (std::size_t i = 0; i < stream.cols(); ++i) {
                all(t, v) += static_cast<double>(head.matrix(v, i)) * static_cast<double>(stream(t, i)) * inverse *
                             static_cast<double>(head.norm[i]);
            }
            sum += std::exp(all(t, v));
        }
        for (double& value : all.row(t)) value -= std::log(sum);
    }
    return all;
}

struct Case {
    HeadWeights head;
    MatrixF stream;
    std::vector<std::int32_t> labels;
    MatrixF direction;

    explicit Case(unsigned seed, std::size_t n_positions = 7, std::size_t n_vocab = 61) {
        std::mt19937 random(seed);
        head = random_head(n_vocab, 20, random);
        stream = random_matrix(n_positions, 20, 1.0, random);
        direction = random_matrix(n_positions, 20, 1.0, random);
        for (std::size_t t = 0; t < n_positions; ++t) labels.push_back(static_cast<std::int32_t>(random() % n_vocab));
    }
    template <class Loss>
    [[nodiscard]] double slope(const Loss& loss) const {
        constexpr double kStep = 4e-3;
        MatrixF up = stream;
        MatrixF down = stream;
        move_along(up.values(), direction.values(), kStep);
        move_along(down.values(), direction.values(), -kStep);
        return (loss(up) - loss(down)) / (2.0 * kStep);
    }
};

TEST(Head, LogProbabilitiesAreThoseOfDoublePrecision) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const Case one(seed);
        const MatrixF fast = log_probabilities(one.head, one.stream);
        const MatrixD slow = slow_log_probabilities(one.head, one.stream);
        for (std::size_t i = 0; i < fast.values().size(); ++i) {
            ASSERT_NEAR(static_cast<double>(fast.values()[i]), slow.values()[i], 1e-5) << seed;
        }
    }
}

// More positions than one chunk holds.
TEST(Head, ChunksOfPositionsMakeNoDifference) {
    const Case one(3, 600);
    MatrixF gradient;
    const double loss = cross_entropy(one.head, one.stream, one.labels, &gradient);
    const MatrixD slow = slow_log_probabilities(one.head, one.stream);
    double wanted = 0.0;
    for (std::size_t t = 0; t < 600; ++t) wanted -= slow(t, static_cast<std::size_t>(one.labels[t]));
    EXPECT_NEAR(loss, wanted, 1e-6 * wanted);
    const double found = one.slope([&](const MatrixF& at) { return cross_entropy(one.head, at, one.labels, nullptr); });
    EXPECT_NEAR(found, dot_of(gradient, one.direction), 0.02 * (1.0 + std::abs(found)));
}

TEST(Head, CrossEntropyHasTheSlopeOfFiniteDifferences) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        const Case one(seed);
        MatrixF gradient;
        cross_entropy(one.head, one.stream, one.labels, &gradient);
        const double found =
            one.slope([&](const MatrixF& at) { return cross_entropy(one.head, at, one.labels, nullptr); });
        EXPECT_NEAR(found, dot_of(gradient, one.direction), 0.01 * (1.0 + std::abs(found))) << seed;
    }
}

TEST(Head, OwnLabelsGiveTheGradientOfThoseLabels) {
    const Case one(4, 40);
    MatrixF drawn;
    MatrixF given;
    std::vector<std::int32_t> labels;
    const double loss = own_cross_entropy(one.head, one.stream, {17, 3}, &drawn, labels);
    EXPECT_EQ(loss, cross_entropy(one.head, one.stream, labels, &given));
    EXPECT_TRUE(std::ranges::equal(drawn.values(), given.values()));
    std::vector<std::int32_t> again;
    own_cross_entropy(one.head, one.stream, {17, 3}, nullptr, again);
    EXPECT_EQ(labels, again);
    own_cross_entropy(one.head, one.stream, {17, 4}, nullptr, again);
    EXPECT_NE(labels, again) << "another window draws others";
    own_cross_entropy(one.head, one.stream, {18, 3}, nullptr, again);
    EXPECT_NE(labels, again) << "another seed draws others";
}

// The same position 4000 times: chi-square of the labels against the softmax, 60 degrees of freedom.
TEST(Head, OwnLabelsFollowTheSoftmax) {
    const Case one(6);
    MatrixF stream(4000, 20);
    for (std::size_t t = 0; t < stream.rows(); ++t) std::ranges::copy(one.stream.row(0), stream.row(t).begin());
    std::vector<std::int32_t> labels;
    own_cross_entropy(one.head, stream, {5, 0}, nullptr, labels);
    std::vector<double> counts(61, 0.0);
    for (const std::int32_t label : labels) ++counts[static_cast<std::size_t>(label)];
    const MatrixD slow = slow_log_probabilities(one.head, one.stream);
    double chi2 = 0.0;
    for (std::size_t v = 0; v < counts.size(); ++v) {
        const double wanted = 4000.0 * std::exp(slow(0, v));
        chi2 += (counts[v] - wanted) * (counts[v] - wanted) / wanted;
    }
    EXPECT_LT(chi2, 110.0);  // beyond it lies 1 draw in 10 000
    EXPECT_GT(chi2, 25.0);
}

TEST(Head, DivergenceIsZeroOfItselfAndHasTheSlopeOfFiniteDifferences) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const Case one(seed, 300);
        const Case teacher(seed + 50, 300);
        MatrixF gradient;
        EXPECT_NEAR(kl_divergence(one.head, one.stream, one.head, one.stream, &gradient), 0.0, 1e-3);
        for (const float value : gradient.values()) ASSERT_NEAR(value, 0.0F, 1e-5F);
        const double loss = kl_divergence(teacher.head, teacher.stream, one.head, one.stream, &gradient);
        const MatrixD p = slow_log_probabilities(teacher.head, teacher.stream);
        const MatrixD s = slow_log_probabilities(one.head, one.stream);
        double wanted = 0.0;
        for (std::size_t i = 0; i < p.values().size(); ++i) {
            wanted += std::exp(p.values()[i]) * (p.values()[i] - s.values()[i]);
        }
        EXPECT_NEAR(loss, wanted, 1e-5 * wanted);
        const double found = one.slope(
            [&](const MatrixF& at) { return kl_divergence(teacher.head, teacher.stream, one.head, at, nullptr); });
        EXPECT_NEAR(found, dot_of(gradient, one.direction), 0.02 * (1.0 + std::abs(found))) << seed;
    }
}

}  // namespace
}  // namespace landauer
