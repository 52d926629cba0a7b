#include "run/staircase.h"

#include <gmock/gmock.h>

#include <ctime>

namespace landauer {
namespace {

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

TEST(Staircase, LoadsTheMachineForHalfOfItsTime) {
    const StaircaseOptions options{1, 0.02};
    const double before_s = cpu_s();
    double last = 0.0;
    ASSERT_TRUE(run_staircase(options, nullptr, [&](double fraction) {
        EXPECT_GE(fraction, last);
        last = fraction;
    }));
    EXPECT_GT(last, 0.5);
    EXPECT_NEAR(staircase_s(options), 29.0 * 0.02, 1e-9);
    EXPECT_GT(cpu_s() - before_s, 0.2 * staircase_s(options)) << "one core, half of the time";
}

TEST(Staircase, CanBeInterrupted) {
    int polls = 0;
    const auto done = run_staircase({2, 1.0}, [&] { return ++polls > 3; }, [](double) {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Interrupted);
}

}  // namespace
}  // namespace landauer
