// How errors of several windows add up.
#include "analysis/error_parts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

using Kind = ErrorCause::Kind;

ErrorParts caused(std::int64_t at_ns, double half, Kind kind = Kind::border, std::uint32_t rail = 0) {
    ErrorParts out;
    out.linked = {{{at_ns, 0, rail, kind}, half}};
    return out;
}

TEST(ErrorPartsOf, AddAsTheirKindDoes) {
    const ErrorParts a{1.0, 2.0, 3.0, -1.0};
    const ErrorParts b{1.0, 2.0, 4.0, 1.5};
    const ErrorParts sum = added(a, b);
    EXPECT_DOUBLE_EQ(sum.shared, 2.0);
    EXPECT_DOUBLE_EQ(sum.gain, 4.0);
    EXPECT_DOUBLE_EQ(sum.own, 5.0);
    EXPECT_DOUBLE_EQ(sum.tilt, 0.5);
    EXPECT_DOUBLE_EQ(sum.half_width(), std::sqrt(4.0 + 16.0 + 25.0 + 0.25));
    EXPECT_DOUBLE_EQ(scaled(sum, 2.0).half_width(), 2.0 * sum.half_width());
}

TEST(ErrorPartsOf, WhatOneWindowLosesToItsNeighbourCancelsInTheirSum) {
    const ErrorParts first = caused(500, -3.0);
    const ErrorParts second = caused(500, 3.0);
    EXPECT_DOUBLE_EQ(first.half_width(), 3.0);
    EXPECT_DOUBLE_EQ(added(first, second).half_width(), 0.0);
    EXPECT_DOUBLE_EQ(added(first, first).half_width(), 6.0);
    EXPECT_DOUBLE_EQ(scaled(first, -0.5).half_width(), 1.5);
}

TEST(ErrorPartsOf, OtherCausesAreIndependent) {
    const ErrorParts one = caused(500, -3.0);
    for (const ErrorParts& other :
         {caused(501, 4.0), caused(500, 4.0, Kind::beat), caused(500, 4.0, Kind::border, 1)}) {
        EXPECT_DOUBLE_EQ(added(one, other).half_width(), 5.0);
    }
    ErrorParts all = added(one, ErrorParts{1.0, 2.0, 4.0, 2.0});
    EXPECT_DOUBLE_EQ(all.scatter(), 5.0);
    EXPECT_DOUBLE_EQ(all.half_width(), std::sqrt(1.0 + 4.0 + 25.0 + 4.0));
}

TEST(ErrorPartsOf, TheOrderOfWindowsChangesNothing) {
    std::vector<ErrorParts> windows;
    for (int i = 0; i < 6; ++i) {
        windows.push_back(added(caused(i, 1.0 + i), caused(i + 1, -2.0 - i)));
    }
    const auto half = [&] {
        ErrorParts sum;
        for (const ErrorParts& window : windows) {
            sum = added(std::move(sum), window);
        }
        return sum.half_width();
    };
    const double in_order = half();
    std::swap(windows[0], windows[4]);
    std::reverse(windows.begin() + 1, windows.end());
    EXPECT_NEAR(half(), in_order, 1e-12);
    EXPECT_NEAR(in_order, std::sqrt(1.0 + 49.0), 1e-12);  // the first border and the last one are left
}

}  // namespace
}  // namespace landauer
