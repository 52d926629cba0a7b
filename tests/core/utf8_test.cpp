#include "core/utf8.h"

#include <gtest/gtest.h>

namespace landauer {
namespace {

TEST(Utf8, AcceptsWellFormed) {
    for (const char* text : {"", "plain", "caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_valid_utf8(text)) << text;
        EXPECT_EQ(to_valid_utf8(text), text);
    }
}

TEST(Utf8, RefusesAndRepairsIllFormed) {
    const std::string bad = "\xEF\xBF\xBD";
    EXPECT_EQ(to_valid_utf8("a\xFFz"), "a" + bad + "z");                  // never a byte of UTF-8
    EXPECT_EQ(to_valid_utf8("\xC0\xAF"), bad + bad);                      // overlong
    EXPECT_EQ(to_valid_utf8("\xED\xA0\x80"), bad + bad + bad);            // surrogate
    EXPECT_EQ(to_valid_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // above U+10FFFF
    EXPECT_EQ(to_valid_utf8("\xE2\x82"), bad);                            // cut off: one maximal part
    EXPECT_EQ(to_valid_utf8("\x80"), bad);
    EXPECT_FALSE(is_valid_utf8("\xE2\x82"));
    EXPECT_FALSE(is_valid_utf8("x\xC3"));
}

}  // namespace
}  // namespace landauer
