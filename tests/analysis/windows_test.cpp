// The gradient detector on signals with known windows.
#include <gmock/gmock.h>
#include <landauer/windows.h>

#include <limits>

#include "analysis/figures.h"
#include "traces.h"

namespace landauer {
namespace {

using namespace test;

struct Signal {
    std::vector<std::int64_t> t_ns;
    std::vector<double> value;
};

// CPU use as a sampler sees it: the mean since the sample before, with noise and a jittered clock.
Signal cpu(double seconds, double rate_hz, const std::vector<std::pair<double, double>>& busy_s, double level,
           double idle, double noise, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto busy_until = [&](double t) {
        double sum = idle * t;
        for (const auto& [from, to] : busy_s) {
            sum += (level - idle) * std::clamp(t - from, 0.0, to - from);
        }
        return sum;
    };
    Signal out;
    double before = 0.0;
    for (int i = 1; i <= seconds * rate_hz; ++i) {
        const double t = i / rate_hz + 1e-4 * normal(random);
        out.t_ns.push_back(ns(t));
        out.value.push_back((busy_until(t) - busy_until(before)) / (t - before) + noise * normal(random));
        before = t;
    }
    return out;
}

std::vector<Window> windows(const std::vector<std::pair<double, double>>& seconds) {
    std::vector<Window> out;
    for (const auto& [from, to] : seconds) {
        out.push_back({ns(from), ns(to)});
    }
    return out;
}

const std::vector<std::pair<double, double>> kBusy = {{10.3, 13.1}, {16.77, 24.2}, {27.05, 29.4}, {33.3, 48.0}};

TEST(FindWindows, FindsEveryBurstAtFiveHertz) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const Signal s = cpu(55, 5, kBusy, 200, 3, 2, seed);
        const auto found = find_windows(s.t_ns, s.value, {0, ns(10)});
        const WindowMatch match = match_windows(found, windows(kBusy));
        ASSERT_EQ(found.size(), 4U) << seed;
        ASSERT_EQ(match.n_matched, 4) << seed;
        ASSERT_LT(match.median_edge_error_s, 0.05) << seed;
    }
}

TEST(FindWindows, FindsEveryBurstAtOneHertz) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const Signal s = cpu(55, 1, kBusy, 200, 3, 2, seed);
        const auto found = find_windows(s.t_ns, s.value, {0, ns(10)});
        const WindowMatch match = match_windows(found, windows(kBusy));
        ASSERT_EQ(match.n_matched, 4) << seed;
        ASSERT_LT(match.median_edge_error_s, 0.25) << seed;
    }
}

TEST(FindWindows, NeedsNoIdleStretchGiven) {
    const Signal s = cpu(55, 5, kBusy, 100, 1, 0.5, 7);
    EXPECT_EQ(match_windows(find_windows(s.t_ns, s.value), windows(kBusy)).n_matched, 4);
}

TEST(FindWindows, WorksOnPowerAndWithoutAnyNoise) {
    const Signal s = cpu(55, 5, kBusy, 31, 12, 0, 1);
    const auto found = find_windows(s.t_ns, s.value);
    ASSERT_EQ(match_windows(found, windows(kBusy)).n_matched, 4);
    EXPECT_NEAR(static_cast<double>(found[0].begin_ns), 10.3e9, 2e7);
    EXPECT_NEAR(static_cast<double>(found[3].end_ns), 48.0e9, 2e7);
}

TEST(FindWindows, KeepsPrefillAndDecodeTogether) {
    // Prefill on all cores, decode at a third of that.
    Signal s = cpu(30, 5, {{10, 12}}, 400, 2, 1, 3);
    const Signal decode = cpu(30, 5, {{12, 20}}, 130, 2, 1, 4);
    for (std::size_t i = 0; i < s.value.size(); ++i) {
        s.value[i] += decode.value[i] - 2;
    }
    const auto found = find_windows(s.t_ns, s.value);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NEAR(static_cast<double>(found[0].begin_ns), 10e9, 1e8);
    EXPECT_NEAR(static_cast<double>(found[0].end_ns), 20e9, 1e8);
}

TEST(FindWindows, FindsNothingInNoise) {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const Signal s = cpu(120, 5, {}, 0, 3, 2, seed);
        found += static_cast<int>(find_windows(s.t_ns, s.value).size());
    }
    EXPECT_LE(found, 1);
}

TEST(FindWindows, FindsNothingInHoursOfNoise) {
    int found = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const Signal s = cpu(7200, 5, {}, 0, 3, 2, seed);
        found += static_cast<int>(find_windows(s.t_ns, s.value).size());
    }
    EXPECT_EQ(found, 0);
}

TEST(FindWindows, LeavesOutBurstsThatAreTooShortOrHaveNoEnd) {
    const Signal blip = cpu(30, 10, {{10, 10.25}, {15, 18}}, 100, 1, 0.2, 1);
    EXPECT_EQ(find_windows(blip.t_ns, blip.value).size(), 1U);
    const Signal open = cpu(30, 5, {{20, 99}}, 100, 1, 0.2, 1);
    EXPECT_TRUE(find_windows(open.t_ns, open.value).empty());
}

TEST(FindWindows, SurvivesBadInput) {
    EXPECT_TRUE(find_windows({}, {}).empty());
    const std::vector<std::int64_t> t = {1, 2, 3};
    EXPECT_TRUE(find_windows(t, std::vector<double>{1, 2, 3}).empty());
    Signal flat = cpu(30, 5, {}, 0, 7, 0, 1);
    std::fill(flat.value.begin(), flat.value.end(), 7.0);
    EXPECT_TRUE(find_windows(flat.t_ns, flat.value).empty());
    Signal s = cpu(55, 5, kBusy, 200, 3, 2, 1);
    for (std::size_t i = 3; i < s.value.size(); i += 17) {
        s.value[i] = std::numeric_limits<double>::quiet_NaN();
    }
    EXPECT_EQ(match_windows(find_windows(s.t_ns, s.value), windows(kBusy)).n_matched, 4);
    s.t_ns.resize(100);  // fewer times than values
    EXPECT_NO_THROW((void)find_windows(s.t_ns, s.value));
}

TEST(FindWindows, RipplesOnAPerfectlyQuietMachineAreNoWindows) {
    Signal s = cpu(60, 5, {{30, 40}}, 100, 0, 0, 1);
    const Signal ripples = cpu(60, 5, {{12, 14}, {20, 23}, {50, 52}}, 3, 0, 0, 1);
    for (std::size_t i = 0; i < s.value.size(); ++i) {
        s.value[i] += ripples.value[i];
    }
    EXPECT_EQ(find_windows(s.t_ns, s.value, {0, ns(10)}).size(), 1U);
}

TEST(JoinWindows, JoinsWhatIsNearerThanTheGap) {
    const auto in = windows({{0, 1}, {1.3, 2}, {3, 4}});
    EXPECT_EQ(join_windows(in, ns(0.5)), windows({{0, 2}, {3, 4}}));
    EXPECT_EQ(join_windows(in, ns(0.3)), in);
    EXPECT_EQ(join_windows(in, ns(2)), windows({{0, 4}}));
    EXPECT_TRUE(join_windows({}, 5).empty());
}

TEST(MatchWindows, CountsPairsThatShareMoreThanHalf) {
    const auto marked = windows({{0, 10}, {20, 30}, {40, 50}});
    const WindowMatch all = match_windows(windows({{0.1, 10}, {20, 30.3}, {40, 50}}), marked);
    EXPECT_EQ(all.n_matched, 3);
    EXPECT_NEAR(all.median_edge_error_s, 0.0, 1e-9);
    EXPECT_EQ(match_windows(windows({{6, 16}, {20, 30}}), marked).n_matched, 1);
    EXPECT_EQ(match_windows(windows({{0, 50}}), marked).n_matched, 0);
    const WindowMatch none = match_windows({}, marked);
    EXPECT_EQ(none.n_matched, 0);
    EXPECT_EQ(none.median_edge_error_s, 0.0);
    const WindowMatch one = match_windows(windows({{20.2, 29.6}}), marked);
    EXPECT_NEAR(one.median_edge_error_s, 0.3, 1e-9);
}

}  // namespace
}  // namespace landauer
