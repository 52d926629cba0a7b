#include "run/eta.h"

#include <gtest/gtest.h>

namespace landauer {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(EtaEstimator, KnowsNothingAtFirst) { EXPECT_LT(EtaEstimator().seconds(10, 10), 0.0); }

TEST(EtaEstimator, MultipliesTokensByWhatTheyCostSoFar) {
    EtaEstimator eta;
    eta.learn({{PhaseKind::prefill, 0, 2 * kSecond, 200}, {PhaseKind::decode, 0, 1 * kSecond, 10}});
    EXPECT_DOUBLE_EQ(eta.seconds(100, 5), 1.0 + 0.5);
    eta.learn({{PhaseKind::prefill, 0, 6 * kSecond, 200}});  // slower: 8 s for 400 tokens
    EXPECT_DOUBLE_EQ(eta.seconds(100, 0), 2.0);
}

TEST(EtaEstimator, GuessesAPhaseItHasNotSeen) {
    EtaEstimator eta;
    eta.learn({{PhaseKind::decode, 0, 1 * kSecond, 10}});
    EXPECT_DOUBLE_EQ(eta.seconds(10, 0), 1.0);
}

}  // namespace
}  // namespace landauer
