#include "platform/text.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <string>

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Text, IntegersAreTakenWholeOrNotAtAll) {
    EXPECT_EQ(parse_integer(" 42\n"), 42);
    EXPECT_EQ(parse_integer("-7"), -7);
    EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807);
    for (const char* const bad :
         {"", " ", "\n", "4 2", "42kB", "0x2a", "1e3", "9223372036854775808", "--1", "+", "\xff"}) {
        EXPECT_FALSE(parse_integer(bad).has_value()) << bad;
    }
}

TEST(Text, HexadecimalWithAndWithoutPrefix) {
    EXPECT_EQ(parse_hexadecimal("50005\n"), 0x50005);
    EXPECT_EQ(parse_hexadecimal("0x50005"), 0x50005);
    for (const char* const bad : {"", "0x", "-5", "0x-5", "throttled=0x0", "1ffffffffffffffff"}) {
        EXPECT_FALSE(parse_hexadecimal(bad).has_value()) << bad;
    }
}

TEST(Text, CpuListsOfTheKernel) {
    EXPECT_THAT(parse_cpu_list("0-3,8\n"), ElementsAre(0, 1, 2, 3, 8));
    EXPECT_THAT(parse_cpu_list("5,1-2,2"), ElementsAre(1, 2, 5));
    for (const char* const bad : {"", "3-1", "a", "0-", "-1", "0--3", "0-99999999999", "0-65536", "1,,2"}) {
        EXPECT_THAT(parse_cpu_list(bad), IsEmpty()) << bad;
    }
}

TEST(Text, RealNumbersAreWholeAndFinite) {
    EXPECT_EQ(parse_real("0.87"), 0.87);
    EXPECT_EQ(parse_real(" 2.3283064365386962890625e-10\n"), std::ldexp(1.0, -32));
    EXPECT_EQ(parse_real("-5"), -5.0);
    EXPECT_EQ(parse_real("0"), 0.0);
    for (const char* const bad : {"", " ", ".", "-", "1.2.3", "1,5", "1 2", "0x10", "+1", "nan", "NaN", "-nan", "inf",
                                  "infinity", "1e999", "1e", "7W", "W7", "--1"}) {
        EXPECT_EQ(parse_real(bad), std::nullopt) << bad;
    }
    EXPECT_EQ(parse_real(std::string_view("1\0", 2)), std::nullopt);
}

TEST(Text, CpuListsComeBackAsTheyWere) {
    for (const char* const list : {"", "0", "0-7", "0,2,4", "0-3,8", "1-2,4-5,9"}) {
        EXPECT_EQ(format_cpu_list(parse_cpu_list(list)), list);
    }
}

TEST(Text, KeysAreFoundWhole) {
    constexpr const char* kText = "MemTotalX: 1 kB\nMemTotal:\t 16 kB\nMemFree:2 kB";
    EXPECT_EQ(value_of_key(kText, "MemTotal"), "16 kB");
    EXPECT_EQ(value_of_key(kText, "MemFree"), "2 kB");
    EXPECT_EQ(value_of_key(kText, "Mem"), "");
    EXPECT_EQ(value_of_key("", "Mem"), "");
}

TEST(Text, LinesAndWordsUseUpAnyText) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2000; ++round) {
        std::string text(random() % 64, ' ');
        for (char& c : text) {
            c = "ab1 \t\n\0:-,"[random() % 10];
        }
        std::string_view rest = text;
        std::size_t steps = 0;
        while (!rest.empty()) {
            std::string_view line = next_line(rest);
            while (!next_word(line).empty()) {
                ASSERT_LE(++steps, 200U);
            }
            ASSERT_TRUE(line.empty());
            ASSERT_LE(++steps, 200U);
        }
        static_cast<void>(parse_cpu_list(text));
        static_cast<void>(parse_integer(text));
    }
}

}  // namespace
}  // namespace landauer
