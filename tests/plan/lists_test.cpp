#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/plan.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;

TEST(ParseIntList, ReadsLlamaBenchSyntax) {
    EXPECT_THAT(parse_int_list("512").value(), ElementsAre(512));
    EXPECT_THAT(parse_int_list("128,256").value(), ElementsAre(128, 256));
    EXPECT_THAT(parse_int_list("0-512+256").value(), ElementsAre(0, 256, 512));
    EXPECT_THAT(parse_int_list("16-128*2").value(), ElementsAre(16, 32, 64, 128));
    EXPECT_THAT(parse_int_list("1-3").value(), ElementsAre(1, 2, 3));
    EXPECT_THAT(parse_int_list("1-3,8").value(), ElementsAre(1, 2, 3, 8));
}

TEST(ParseIntList, RefusesEverythingElse) {
    for (const char* text : {"", ",", "1,", ",1", "a", "1x", "1-", "3-1", "1-9+0", "1-9*1", "0-9*2", "-5", "1.5",
                             "99999999999", "0-100000", "1 2", "1-2+3+4"}) {
        const auto list = parse_int_list(text);
        ASSERT_FALSE(list) << text;
        EXPECT_EQ(list.error().kind, ErrorKind::Invalid);
    }
}

TEST(ParsePair, ReadsTwoNumbers) {
    EXPECT_EQ(parse_pair("512,128").value(), (GridTest{512, 128, 0}));
    for (const char* text : {"", "512", "512,", ",128", "512,128,1", "512;128"}) {
        EXPECT_FALSE(parse_pair(text)) << text;
    }
}

TEST(GridTests, CombinesDepthsAndDropsTwinsAndNothings) {
    const auto tests = grid_tests({{512, 512, 0}, {128}, {{64, 32, 0}}, {0, 256}});
    std::vector<std::string> names;
    for (const GridTest& test : tests) {
        names.push_back(test.name());
    }
    EXPECT_THAT(names, ElementsAre("pp512", "tg128", "pp64+tg32", "pp512 @ d256", "tg128 @ d256", "pp64+tg32 @ d256"));
}

}  // namespace
}  // namespace landauer
