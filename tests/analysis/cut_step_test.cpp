// Steps of a slow source that windows share: how they are divided, and what one window may owe to another.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "analysis/energy_window.h"
#include "traces.h"

namespace landauer {
namespace {

using test::kSecond;
using test::ns;

Window seconds(double from, double to) { return {ns(from), ns(to)}; }

// Steps of one second over a power that is known, their borders uncertain by u_s.
EnergySteps whole_seconds(int n, const std::function<double(double)>& used_j, double u_s = 0.0) {
    EnergySteps all;
    for (int i = 0; i < n; ++i) {
        all.steps.push_back({i * kSecond, (i + 1) * kSecond, used_j(i + 1) - used_j(i), false, u_s, u_s});
    }
    return all;
}

// Joules of `watts` from `from` on to `to`, up to t.
double part_j(double t, double from, double to, double watts) { return watts * std::clamp(t - from, 0.0, to - from); }

double doubt_of(const WindowEnergy& energy, ErrorCause::Kind kind, std::int64_t at_ns) {
    double sum = 0.0;
    for (const CausedDoubt& doubt : energy.linked) {
        sum += doubt.cause.kind == kind && doubt.cause.at_ns == at_ns ? doubt.signed_j : 0.0;
    }
    return sum;
}

double together(const WindowEnergy& a, const WindowEnergy& b) {
    const auto parts = [](const WindowEnergy& energy) {
        ErrorParts out;
        for (const CausedDoubt& doubt : energy.linked) {
            out.linked.push_back({doubt.cause, doubt.signed_j});
        }
        return out;
    };
    return added(parts(a), parts(b)).half_width();
}

const std::vector<Window> kTwo = {seconds(2.5, 6.4), seconds(6.6, 9.5)};
double two_loads_j(double t) { return 10.0 * t + part_j(t, 2.5, 6.4, 40.0) + part_j(t, 6.6, 9.5, 30.0); }

TEST(CutStep, TwoLoadsOfOneStepOweEachOtherWhatTheyDoubt) {
    const EnergySteps all = whole_seconds(12, two_loads_j);
    const LoadContext load{kTwo, 10.0, 45.0, 0.0};
    const auto first = energy_over(all, kTwo[0], load);
    const auto second = energy_over(all, kTwo[1], load);
    ASSERT_TRUE(first && second);
    EXPECT_GT(first->u_linked_j(), 1.0);
    EXPECT_NEAR(first->u_linked_j(), second->u_linked_j(), 1e-9);
    EXPECT_NEAR(together(*first, *second), 0.0, 1e-9) << "the step's energy is known, only its parts are not";
}

TEST(CutStep, IdlePowerInASharedStepIsOneDoubtAndNotTwo) {
    const EnergySteps all = whole_seconds(12, two_loads_j);
    const LoadContext load{kTwo, 10.0, 45.0, 1.0};
    const auto first = energy_over(all, kTwo[0], load);
    const auto second = energy_over(all, kTwo[1], load);
    ASSERT_TRUE(first && second);
    const double shared_j =
        doubt_of(*first, ErrorCause::Kind::idle, 6 * kSecond) + doubt_of(*second, ErrorCause::Kind::idle, 6 * kSecond);
    EXPECT_NEAR(shared_j, -1.0 * 0.2, 1e-9);  // the pause of 0.2 s in the step from 6 s to 7 s
}

TEST(CutStep, ABorderInAPauseTakesFromOneLoadWhatItGivesToTheOther) {
    const std::vector<Window> busy = {seconds(2.5, 5.5), seconds(6.5, 9.5)};
    const auto used_j = [](double t) { return 10.0 * t + part_j(t, 2.5, 5.5, 40.0) + part_j(t, 6.5, 9.5, 30.0); };
    const EnergySteps all = whole_seconds(12, used_j, 0.02);
    const LoadContext load{busy, 10.0, 45.0, 0.0};
    const auto first = energy_over(all, busy[0], load);
    const auto second = energy_over(all, busy[1], load);
    ASSERT_TRUE(first && second);
    const double lost = doubt_of(*first, ErrorCause::Kind::border, 6 * kSecond);
    EXPECT_NEAR(lost, -10.0 * 0.02, 1e-9);
    EXPECT_NEAR(lost + doubt_of(*second, ErrorCause::Kind::border, 6 * kSecond), 0.0, 1e-12);
    EXPECT_EQ(doubt_of(*first, ErrorCause::Kind::border, 4 * kSecond), 0.0) << "inside a window nothing is moved";
}

TEST(CutStep, ABorderBesideAnEdgeMayHaveMissedIt) {
    const auto doubt_at = [](double edge_s) {
        const std::vector<Window> busy = {seconds(2.5, edge_s)};
        const EnergySteps all =
            whole_seconds(12, [&](double t) { return 10.0 * t + part_j(t, 2.5, edge_s, 40.0); }, 0.02);
        const auto energy = energy_over(all, busy[0], {busy, 10.0, 50.0, 0.0});
        return energy ? std::abs(doubt_of(*energy, ErrorCause::Kind::border, 6 * kSecond)) : -1.0;
    };
    EXPECT_NEAR(doubt_at(5.5), 10.0 * 0.02, 1e-6);
    EXPECT_NEAR(doubt_at(5.999), std::hypot(10.0 * 0.02, 40.0 * 0.02 * std::sqrt(0.5) * std::exp(-0.045)), 1e-3);
}

TEST(CutStep, PublicationsThatAreAllAsLateMoveNoEnergyBetweenIdleAndIdle) {
    const std::vector<Window> busy = {seconds(2.5, 5.5)};
    EnergySteps all = whole_seconds(12, [](double t) { return 10.0 * t + part_j(t, 2.5, 5.5, 40.0); });
    all.u_lag_s = 0.03;
    const auto energy = energy_over(all, busy[0], {busy, 10.0, 50.0, 0.0});
    ASSERT_TRUE(energy);
    EXPECT_NEAR(doubt_of(*energy, ErrorCause::Kind::lag, 0), 0.0, 1e-12);
    const auto half = energy_over(all, seconds(2.5, 4.2), {busy, 10.0, 50.0, 0.0});
    ASSERT_TRUE(half);  // idle before it, load after it
    EXPECT_GT(std::abs(doubt_of(*half, ErrorCause::Kind::lag, 0)), 0.2);
}

TEST(CutStep, MoreLoadsThanCanBeToldApartAreDoubtedForEachAlone) {
    std::vector<Window> busy;
    for (int i = 0; i < 8; ++i) {
        busy.push_back(seconds(3.05 + 0.1 * i, 3.10 + 0.1 * i));
    }
    const EnergySteps all = whole_seconds(8, [&](double t) {
        double sum = 10.0 * t;
        for (int i = 0; i < 8; ++i) {
            sum += part_j(t, 3.05 + 0.1 * i, 3.10 + 0.1 * i, 40.0);
        }
        return sum;
    });
    const auto energy = energy_over(all, busy[3], {busy, 10.0, 50.0, 0.0});
    ASSERT_TRUE(energy);
    EXPECT_NEAR(energy->energy_j, 2.5, 1e-6);
    EXPECT_GT(energy->u_edges_j, 0.1);
    EXPECT_NEAR(energy->u_linked_j(), 0.0, 1e-12);
}

// Other programs draw 15 W from the end of the load on.
double disturbed_j(double t) { return 10.0 * t + part_j(t, 9.7, 13.7, 40.0) + part_j(t, 13.7, 18.0, 15.0); }
const std::vector<Window> kOne = {seconds(9.7, 13.7)};

TEST(CutStep, OtherProgramsBesideTheLoadAreSeenInTheNextWholeStep) {
    const LoadContext load{kOne, 10.0, 50.0, 0.5};
    const auto energy = energy_over(whole_seconds(20, disturbed_j), kOne[0], load);
    ASSERT_TRUE(energy);
    EXPECT_NEAR(energy->energy_j, 200.0, 1e-9);
    EXPECT_NEAR(std::abs(doubt_of(*energy, ErrorCause::Kind::idle, 13 * kSecond)),
                0.3 * std::hypot(0.5, 15.0 / std::sqrt(12.0)), 1e-9);
    EXPECT_NEAR(std::abs(doubt_of(*energy, ErrorCause::Kind::idle, 9 * kSecond)), 0.7 * 0.5, 1e-9);
}

TEST(CutStep, WhatStraysLikeIdleNoiseOrMayHoldLoadTellsNothing) {
    const auto quiet = [](double t) { return 10.0 * t + part_j(t, 9.7, 13.7, 40.0) + part_j(t, 14.0, 15.0, 1.5); };
    const LoadContext load{kOne, 10.0, 50.0, 0.5};
    const auto noisy = energy_over(whole_seconds(20, quiet), kOne[0], load);
    ASSERT_TRUE(noisy);
    EXPECT_NEAR(noisy->energy_j, 200.0, 1e-9);
    const auto unsure = energy_over(whole_seconds(20, disturbed_j, 0.2), kOne[0], load);
    ASSERT_TRUE(unsure);  // the border at 14 s may lie before the load's end
    EXPECT_NEAR(unsure->energy_j, 200.0 + 0.3 * 15.0, 1e-9);
}

}  // namespace
}  // namespace landauer
