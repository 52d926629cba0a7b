// When a making is paid back: planted costs, and savings that may be nothing.
#include "analysis/compare/payback.h"

#include <gtest/gtest.h>

#include <random>

namespace landauer {
namespace {

Comparison cpu(double base, double ratio, double low, double high) {
    Comparison cost;
    cost.metric = find_metric("cpu_s");
    cost.base = {base, {base, base}};
    cost.effect = {ratio, {low, high}};
    return cost;
}

TEST(Payback, APlantedSavingIsPaidBackAfterWhatItTakes) {
    const Payback payback = payback_of(263.0, "CPU s", cpu(3.1, 0.9, 0.88, 0.92));
    EXPECT_NEAR(payback.saved.value, 0.31, 1e-12);
    EXPECT_NEAR(payback.saved.ci95.low, 0.248, 1e-12);
    EXPECT_NEAR(payback.saved.ci95.high, 0.372, 1e-12);
    ASSERT_TRUE(payback.prompts);
    EXPECT_NEAR(payback.prompts->value, 263.0 / 0.31, 1e-9);
    EXPECT_NEAR(payback.prompts->ci95.low, 263.0 / 0.372, 1e-9);
    EXPECT_NEAR(payback.prompts->ci95.high, 263.0 / 0.248, 1e-9);
}

TEST(Payback, WhatMaySaveNothingIsNotPaidBack) {
    EXPECT_FALSE(payback_of(10.0, "CPU s", cpu(3.0, 0.99, 0.97, 1.01)).prompts);
    EXPECT_FALSE(payback_of(10.0, "CPU s", cpu(3.0, 0.99, 0.97, 1.0)).prompts);
    EXPECT_FALSE(payback_of(10.0, "CPU s", cpu(3.0, 1.2, 1.1, 1.3)).prompts);
}

TEST(Payback, IntervalsAreInOrderAndHoldTheirValue) {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    for (int i = 0; i < 500; ++i) {
        const double ratio = 1.4 * unit(random);
        const double half = 0.3 * unit(random);
        const Payback payback =
            payback_of(100.0 * unit(random), "Wh", cpu(unit(random), ratio, ratio - half, ratio + half));
        EXPECT_LE(payback.saved.ci95.low, payback.saved.value);
        EXPECT_GE(payback.saved.ci95.high, payback.saved.value);
        if (!payback.prompts) continue;
        EXPECT_LE(payback.prompts->ci95.low, payback.prompts->value);
        EXPECT_GE(payback.prompts->ci95.high, payback.prompts->value);
        EXPECT_NEAR(payback.prompts->value * payback.saved.value, payback.spent, 1e-9 * payback.spent);
    }
}

}  // namespace
}  // namespace landauer
