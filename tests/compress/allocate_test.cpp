// One budget over many choices: held against every combination, and at its edges.
#include "compress/allocate.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace landauer {
namespace {

std::vector<Unit> random_units(std::uint64_t seed, bool convex) {
    std::mt19937_64 random(seed);
    const auto draw = [&] { return static_cast<double>(random() % 1000) / 1000.0; };
    std::vector<Unit> units(1 + random() % 4);
    for (std::size_t u = 0; u < units.size(); ++u) {
        units[u].name = "unit " + std::to_string(u);
        const std::size_t n = 1 + random() % 5;
        double cost = 10.0 + 10.0 * draw();
        double loss = 0.0;
        double slope = 0.0;
        for (std::size_t k = 0; k <= n; ++k) {
            units[u].choices.push_back({cost, loss, 0, k});
            const double step = 0.5 + draw();
            slope += draw();
            cost -= step;
            loss += step * (convex ? slope : 3.0 * draw());
        }
        std::shuffle(units[u].choices.begin(), units[u].choices.end(), random);
    }
    return units;
}

// Every combination.
double best_loss(const std::vector<Unit>& units, double budget, std::size_t u = 0, double cost = 0.0,
                 double loss = 0.0) {
    if (u == units.size()) return cost <= budget ? loss : HUGE_VAL;
    double best = HUGE_VAL;
    for (const Choice& c : units[u].choices) {
        best = std::min(best, best_loss(units, budget, u + 1, cost + c.cost, loss + c.loss));
    }
    return best;
}

double extreme_cost(const std::vector<Unit>& units, bool most) {
    double sum = 0.0;
    for (const Unit& unit : units) {
        const auto [low, high] = std::minmax_element(unit.choices.begin(), unit.choices.end(),
                                                     [](const Choice& a, const Choice& b) { return a.cost < b.cost; });
        sum += most ? high->cost : low->cost;
    }
    return sum;
}

// The largest loss that one step on a hull adds: what whole steps may cost over fractions of them.
double largest_step(const std::vector<Unit>& units) {
    double out = 0.0;
    for (const Unit& unit : units) {
        const auto points = hull(unit.choices);
        for (std::size_t k = 1; k < points.size(); ++k) {
            out = std::max(out, unit.choices[points[k]].loss - unit.choices[points[k - 1]].loss);
        }
    }
    return out;
}

TEST(Allocate, IsWithinOneStepOfTheBestAndNeverOverTheBudget) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const auto units = random_units(seed, seed % 2 == 0);
        const double least = extreme_cost(units, false);
        const double most = extreme_cost(units, true);
        for (const double share : {0.0, 0.2, 0.5, 0.8, 1.0}) {
            const double budget = least + share * (most - least) + 1e-9;
            const auto found = allocate(units, budget);
            ASSERT_TRUE(found) << found.error().sentence;
            double cost = 0.0;
            double loss = 0.0;
            for (std::size_t u = 0; u < units.size(); ++u) {
                cost += units[u].choices[found->chosen[u]].cost;
                loss += units[u].choices[found->chosen[u]].loss;
            }
            EXPECT_LE(cost, budget);
            EXPECT_NEAR(found->cost, cost, 1e-12);
            EXPECT_NEAR(found->loss, loss, 1e-12);
            const double best = best_loss(units, budget);
            EXPECT_GE(loss, best - 1e-9);
            EXPECT_LE(loss, best + largest_step(units) + 1e-9) << seed << " " << share;
        }
    }
}

// Sums of decimals differ by their order in the last bits.
TEST(Allocate, KeepsABudgetToTheLastBit) {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        std::mt19937_64 random(seed);
        std::vector<Unit> units(4 + random() % 5);
        double budget = 0.0;
        for (Unit& unit : units) {
            for (std::size_t k = 0; k <= 4; ++k) {
                unit.choices.push_back(
                    {0.1 * static_cast<double>(k * (1 + random() % 3)), 5.0 - static_cast<double>(k), 0, k});
            }
        }
        for (std::size_t u = units.size(); u-- > 0;) budget += units[u].choices[random() % 5].cost;
        const auto found = allocate(units, budget);
        ASSERT_TRUE(found) << found.error().sentence;
        EXPECT_LE(found->cost, budget) << seed;
        double sum = 0.0;
        for (std::size_t u = 0; u < units.size(); ++u) sum += units[u].choices[found->chosen[u]].cost;
        EXPECT_EQ(found->cost, sum);
    }
}

// At a budget that is the cost of a point of the common hull, nothing is better.
TEST(Allocate, IsExactWhereTheBudgetMeetsTheHull) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto units = random_units(seed, true);
        const double least = extreme_cost(units, false);
        const auto found = allocate(units, least + 0.5 * (extreme_cost(units, true) - least));
        ASSERT_TRUE(found);
        // The Lagrangian's minimum at a multiplier between two slopes is such a point.
        const double multiplier = found->multiplier * 1.0000001;
        double cost = 0.0;
        double loss = 0.0;
        for (const Unit& unit : units) {
            const auto best =
                std::min_element(unit.choices.begin(), unit.choices.end(), [&](const Choice& a, const Choice& b) {
                    return a.loss + multiplier * a.cost < b.loss + multiplier * b.cost;
                });
            cost += best->cost;
            loss += best->loss;
        }
        const auto exact = allocate(units, cost + 1e-9);
        ASSERT_TRUE(exact);
        EXPECT_NEAR(exact->loss, loss, 1e-9) << seed;
        EXPECT_NEAR(best_loss(units, cost + 1e-9), loss, 1e-9) << seed;
    }
}

TEST(Allocate, AMultiplierFallsAsTheBudgetGrows) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto units = random_units(seed, true);
        const double least = extreme_cost(units, false);
        const double most = extreme_cost(units, true);
        double before = HUGE_VAL;
        for (int i = 0; i <= 20; ++i) {
            const auto found = allocate(units, least + 1e-9 + i / 20.0 * (most - least));
            ASSERT_TRUE(found);
            EXPECT_LE(found->multiplier, before);
            before = found->multiplier;
        }
        EXPECT_EQ(before, 0.0);
    }
}

// With steps of one size the loss falls with the budget: a smooth curve, as ranks give one.
TEST(Allocate, LosesLessWithMore) {
    std::vector<Unit> units(6);
    for (std::size_t u = 0; u < units.size(); ++u) {
        for (std::size_t r = 0; r <= 50; ++r) {
            const double gone = 50.0 - static_cast<double>(r);
            units[u].choices.push_back({static_cast<double>(r), gone * gone * (1.0 + static_cast<double>(u)), 0, r});
        }
    }
    double before = HUGE_VAL;
    for (int budget = 0; budget <= 300; budget += 7) {
        const auto found = allocate(units, budget);
        ASSERT_TRUE(found);
        EXPECT_LE(found->loss, before);
        EXPECT_EQ(found->cost, budget);
        before = found->loss;
    }
}

TEST(Allocate, SpendsWhatIsLeftBesideTheHull) {
    // The hull of b is {10, 0}; half of it lies above the hull, and fits what is left.
    const std::vector<Unit> units = {{"a", {{10, 0, 0, 0}, {0, 1, 0, 1}}},
                                     {"b", {{10, 0, 0, 0}, {5, 8, 0, 1}, {0, 10, 0, 2}}}};
    const auto found = allocate(units, 9);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->chosen, (std::vector<std::size_t>{1, 1}));
    EXPECT_EQ(found->cost, 5);
    EXPECT_EQ(found->loss, 9);
}

TEST(Allocate, LeavesEverythingAloneWhereTheBudgetAllows) {
    const std::vector<Unit> units = {{"a", {{0, 1, 0, 0}, {10, 0, 0, 1}}}};
    for (const double budget : {10.0, 11.0, HUGE_VAL}) {
        const auto found = allocate(units, budget);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->chosen[0], 1U);
        EXPECT_EQ(found->multiplier, 0.0);
    }
}

TEST(Allocate, RefusesABudgetBelowTheLeastAndSaysIt) {
    const std::vector<Unit> units = {{"a", {{3, 1, 0, 0}, {10, 0, 0, 1}}}, {"b", {{4, 1, 0, 0}, {10, 0, 0, 1}}}};
    const auto found = allocate(units, 6.5);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(found.error().remedy, testing::HasSubstr("at least 7"));
    EXPECT_TRUE(allocate(units, 7.0));
}

TEST(Allocate, RefusesNothingAndWhatIsNotANumber) {
    const auto expect_invalid = [](const std::vector<Unit>& units, double budget, const char* words) {
        const auto found = allocate(units, budget);
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(found.error().sentence, testing::HasSubstr(words));
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    expect_invalid({}, 1, "nothing");
    expect_invalid({{"a", {}}}, 1, "a");
    expect_invalid({{"blk.3.ffn", {{nan, 0, 0, 0}}}}, 1, "blk.3.ffn");
    expect_invalid({{"blk.3.ffn", {{1, nan, 0, 0}}}}, 1, "blk.3.ffn");
    expect_invalid({{"a", {{1, 0, 0, 0}}}}, nan, "not a number");
}

TEST(Hull, KeepsWhatNothingElseBeats) {
    const std::vector<Choice> choices = {{0, 10, 0, 0}, {5, 9, 0, 0},  {5, 2, 0, 0},
                                         {10, 0, 0, 0}, {12, 0, 0, 0}, {7, 4, 0, 0}};
    EXPECT_THAT(hull(choices), testing::ElementsAre(3, 2, 0));
}

TEST(Hull, KeepsPointsOnALineForFinerSteps) {
    const std::vector<Choice> choices = {{2, 0, 0, 0}, {1, 1, 0, 0}, {0, 2, 0, 0}};
    EXPECT_THAT(hull(choices), testing::ElementsAre(0, 1, 2));
}

TEST(Hull, OfOneOrTheSameTwiceIsOne) {
    EXPECT_THAT(hull(std::vector<Choice>{{1, 1, 0, 0}}), testing::ElementsAre(0));
    EXPECT_THAT(hull(std::vector<Choice>{{1, 1, 0, 0}, {1, 1, 0, 0}}), testing::ElementsAre(0));
    EXPECT_TRUE(hull(std::vector<Choice>{}).empty());
}

}  // namespace
}  // namespace landauer
