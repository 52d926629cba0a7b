#include "analysis/idle_power.h"

#include <gmock/gmock.h>

#include <vector>

#include "traces.h"

namespace landauer {
namespace {

using test::grid;
using test::ns;
using test::sample;

Window seconds(double from, double to) { return {ns(from), ns(to)}; }

// Ten seconds at a level each, five readings a second, seeded noise without memory.
Trace two_levels(double first_w, double second_w, double noise_w) {
    std::mt19937_64 random(7);
    Trace trace;
    trace.series.push_back(sample(test::watts(), grid(0, 60, 0.2), [&](double t) {
        return (t < 30.0 ? first_w : second_w) + noise_w * test::normal(random);
    }));
    return trace;
}

const std::vector<std::size_t> kRail = {0};
const std::vector<Window> kStretches = {seconds(5, 15), seconds(45, 55)};

TEST(IdlePowerOf, GoesStraightFromOneBaselineToTheNext) {
    const auto idle = IdlePower::fit(two_levels(10.0, 14.0, 0.1), kRail, kStretches);
    ASSERT_TRUE(idle);
    EXPECT_NEAR(idle->over(seconds(9, 11)).mean_w, 10.0, 0.1);
    EXPECT_NEAR(idle->over(seconds(29, 31)).mean_w, 12.0, 0.1);
    EXPECT_NEAR(idle->over(seconds(49, 51)).mean_w, 14.0, 0.1);
}

TEST(IdlePowerOf, DriftIsDoubtedMostInTheMiddle) {
    const auto idle = IdlePower::fit(two_levels(10.0, 14.0, 0.01), kRail, kStretches);
    ASSERT_TRUE(idle);
    const double middle = idle->over(seconds(29, 31)).u_drift_w;
    EXPECT_NEAR(middle, 0.2 * 4.0, 0.01);
    EXPECT_LT(idle->over(seconds(11, 13)).u_drift_w, 0.3 * middle);
}

TEST(IdlePowerOf, ErrorsPartIntoACommonOneAndATilt) {
    const auto idle = IdlePower::fit(two_levels(10.0, 10.0, 0.5), kRail, kStretches);
    ASSERT_TRUE(idle);
    const IdlePower::Level early = idle->over(seconds(11, 13));
    const IdlePower::Level late = idle->over(seconds(47, 49));
    EXPECT_DOUBLE_EQ(early.u_common_w, late.u_common_w);
    EXPECT_LT(early.tilt_w, 0.0);
    EXPECT_GT(late.tilt_w, 0.0);
    EXPECT_NEAR(early.u_mean_w, std::hypot(early.u_common_w, early.tilt_w), 1e-12);
    EXPECT_NEAR(idle->over(seconds(9, 11)).u_mean_w, 0.5 / std::sqrt(50.0), 0.03);
}

TEST(IdlePowerOf, OneSidedBaselinesDoubtWhatTheyDidNotSee) {
    const auto idle = IdlePower::fit(two_levels(10.0, 10.0, 0.1), kRail, std::vector<Window>{seconds(5, 15)});
    ASSERT_TRUE(idle);
    EXPECT_NEAR(idle->over(seconds(69, 71)).u_drift_w, 0.02 * 10.0, 0.005);  // a minute away
    EXPECT_LT(idle->over(seconds(15, 20)).u_drift_w, 0.1);
}

TEST(IdlePowerOf, NoReadingsNoLevel) {
    EXPECT_FALSE(IdlePower::fit(two_levels(10.0, 10.0, 0.1), kRail, {}));
    EXPECT_FALSE(IdlePower::fit(two_levels(10.0, 10.0, 0.1), kRail, std::vector<Window>{seconds(70, 80)}));
}

}  // namespace
}  // namespace landauer
