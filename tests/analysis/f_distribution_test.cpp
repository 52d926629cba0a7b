// Fisher's F against tables and identities.
#include "analysis/f_distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "analysis/stats.h"

namespace landauer {
namespace {

TEST(FDistribution, UpperPointsOfTables) {
    // 5 % points.
    EXPECT_NEAR(f_upper_tail(161.4476, 1, 1), 0.05, 1e-6);
    EXPECT_NEAR(f_upper_tail(4.9646027, 1, 10), 0.05, 1e-8);
    EXPECT_NEAR(f_upper_tail(3.4928285, 2, 20), 0.05, 1e-8);
    EXPECT_NEAR(f_upper_tail(2.3157, 5, 60), 0.0546, 1e-3);
    // df1 = 2 has a closed form: (1 + 2 f / df2)^(-df2 / 2).
    for (const double f : {0.01, 0.5, 1.0, 7.0, 300.0}) {
        EXPECT_NEAR(f_upper_tail(f, 2, 17), std::pow(1 + 2 * f / 17, -8.5), 1e-13);
    }
}

TEST(FDistribution, IsTheSquareOfStudentsT) {
    for (int df = 1; df <= 200; df += 7) {
        const double t = student_t95(df);
        EXPECT_NEAR(f_upper_tail(t * t, 1, df), 0.05, 2e-5) << df;
    }
}

TEST(FDistribution, ReciprocalHasSwappedDegrees) {
    for (const double f : {0.2, 1.0, 3.7}) {
        EXPECT_NEAR(f_upper_tail(f, 3, 11), 1 - f_upper_tail(1 / f, 11, 3), 1e-13);
    }
}

TEST(FDistribution, EndsAndNonsense) {
    EXPECT_EQ(f_upper_tail(0, 2, 5), 1.0);
    EXPECT_EQ(f_upper_tail(-1, 2, 5), 1.0);
    EXPECT_EQ(f_upper_tail(std::numeric_limits<double>::infinity(), 2, 5), 0.0);
    EXPECT_TRUE(std::isnan(f_upper_tail(std::nan(""), 2, 5)));
    EXPECT_TRUE(std::isnan(f_upper_tail(1, 0, 5)));
    EXPECT_TRUE(std::isnan(f_upper_tail(1, 2, 0)));
}

}  // namespace
}  // namespace landauer
