#include "meters/sensor_rules.h"

#include <gtest/gtest.h>

#include "meters/product_files.h"
#include "meters/rapl_names.h"

namespace landauer {
namespace {

TEST(SensorRules, WhatAChipAndItsLabelCover) {
    EXPECT_EQ(sensor_rail("amdgpu", "PPT", 4), (Rail{RailKind::device, 4}));
    EXPECT_EQ(sensor_rail("xe", "card", 1), sensor_rail("xe", "pkg", 1)) << "one card is counted once";
    EXPECT_EQ(sensor_rail("corsairpsu", "power total", 1), Rail{RailKind::board});
    EXPECT_EQ(sensor_rail("corsairpsu", "power +12v", 1), Rail{RailKind::part});
    EXPECT_EQ(sensor_rail("chip", "TOTAL", 0).kind, RailKind::board);
    EXPECT_EQ(sensor_rail("amd_energy", "Esocket-1", 0).kind, RailKind::part);
    EXPECT_EQ(sensor_rail("amd_energy", "Esocket99999999999", 0).kind, RailKind::part);
    EXPECT_EQ(sensor_rail("", "", 0), Rail{RailKind::part});
}

TEST(SensorRules, Accuracies) {
    EXPECT_DOUBLE_EQ(chip_accuracy("ina219"), 0.02);
    EXPECT_DOUBLE_EQ(chip_accuracy("ina226"), 0.012);
    EXPECT_DOUBLE_EQ(chip_accuracy("powerz"), 0.0);
    EXPECT_NEAR(parse_stated_accuracy(" 97.50%\n"), 0.025, 1e-12);
    for (const char* const bad : {"", "%", "95", "nan%", "inf%", "0%", "100%", "-5%", "101%", "95.00%%"}) {
        EXPECT_EQ(parse_stated_accuracy(bad), 0.0) << bad;
    }
}

TEST(SensorRules, ProductsThatDoNotFit) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(checked_product(-3, 4), -12);
    EXPECT_EQ(checked_product(kMost, 1), kMost);
    EXPECT_EQ(checked_product(kMost, 2), std::nullopt);
    EXPECT_EQ(checked_product(std::numeric_limits<std::int64_t>::min(), -1), std::nullopt);
}

TEST(RaplNames, Packages) {
    EXPECT_EQ(parse_package_name("package-1"), (PackageName{1, 0}));
    EXPECT_EQ(parse_package_name("package-2-die-3"), (PackageName{2, 3}));
    for (const char* const bad : {"", "package-", "package--1", "package-1-die-", "package-1-die--2", "package-x",
                                  "package-99999999999", "psys", "Package-1"}) {
        EXPECT_EQ(parse_package_name(bad), PackageName{}) << bad;
    }
}

}  // namespace
}  // namespace landauer
