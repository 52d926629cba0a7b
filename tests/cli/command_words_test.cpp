#include "cli/command_words.h"

#include <gtest/gtest.h>

#include <array>

namespace landauer {
namespace {

TEST(QuotedCommandLine, IsReadBackByAShell) {
    const std::array<const char*, 5> words = {"/opt/bin/landauer", "bench", "-m", "my model.gguf", "it's"};
    EXPECT_EQ(quoted_command_line(static_cast<int>(words.size()), words.data()),
              "landauer bench -m 'my model.gguf' 'it'\\''s'");
}

TEST(QuotedCommandLine, KeepsEmptyWords) {
    const std::array<const char*, 3> words = {"landauer", "--label", ""};
    EXPECT_EQ(quoted_command_line(static_cast<int>(words.size()), words.data()), "landauer --label ''");
}

TEST(LongForm, GivesLlamaCppsFlagsTwoDashes) {
    EXPECT_EQ(long_form("-pg"), "--pg");
    EXPECT_EQ(long_form("-ctk=q8_0"), "--ctk=q8_0");
    EXPECT_EQ(long_form("-p"), "-p");
    EXPECT_EQ(long_form("-pgx"), "-pgx");
    EXPECT_EQ(long_form("model-fa"), "model-fa");
}

}  // namespace
}  // namespace landauer
