#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/embedder.h"
#include "engine/llama/sentences.h"

namespace landauer {
namespace {

std::vector<std::string> sentences(const std::string& text) {
    std::vector<std::string> all;
    std::size_t from = 0;
    for (const std::size_t end : sentence_ends(text)) {
        all.push_back(text.substr(from, end - from));
        from = end;
    }
    return all;
}

using Strings = std::vector<std::string>;

TEST(SentenceEnds, FollowMarksBeforeWhiteSpace) {
    EXPECT_EQ(sentences("One. Two! Three? Four"), (Strings{"One.", " Two!", " Three?", " Four"}));
    EXPECT_EQ(sentences("It is 3.14 or v1.2, e.g.so"), (Strings{"It is 3.14 or v1.2, e.g.so"}));
    EXPECT_EQ(sentences("Really?! Yes... No."), (Strings{"Really?!", " Yes...", " No."}));
}

TEST(SentenceEnds, TakeTheClosingQuoteWithThem) {
    EXPECT_EQ(sentences("He said \"Go.\" Then (he left.) End"),
              (Strings{"He said \"Go.\"", " Then (he left.)", " End"}));
    EXPECT_EQ(sentences("\xE2\x80\x9CGo.\xE2\x80\x9D Stay"), (Strings{"\xE2\x80\x9CGo.\xE2\x80\x9D", " Stay"}));
}

TEST(SentenceEnds, FollowNewlinesAndFullWidthMarks) {
    EXPECT_EQ(sentences("a list\n- one\n\n- two"), (Strings{"a list\n", "- one\n", "\n- two"}));
    EXPECT_EQ(sentences("\xE4\xBB\x8A\xE6\x97\xA5\xE3\x80\x82\xE6\x98\x8E\xE6\x97\xA5"),
              (Strings{"\xE4\xBB\x8A\xE6\x97\xA5\xE3\x80\x82", "\xE6\x98\x8E\xE6\x97\xA5"}));
    EXPECT_EQ(sentences("wait\xE2\x80\xA6 what"), (Strings{"wait\xE2\x80\xA6", " what"}));
}

TEST(SentenceEnds, OfWhiteSpaceAreNone) {
    EXPECT_TRUE(sentences("").empty());
    EXPECT_TRUE(sentences(" \n\t\n ").empty());
    EXPECT_EQ(sentences("...").size(), 1U);
}

TEST(Cosine, OfEqualOppositeAndNothing) {
    const std::vector<float> a = {0.3F, -0.5F, 0.1F};
    const std::vector<float> opposite = {-0.3F, 0.5F, -0.1F};
    const std::vector<float> nothing = {0.0F, 0.0F, 0.0F};
    EXPECT_EQ(cosine(a, a), 1.0);
    EXPECT_EQ(cosine(a, opposite), -1.0);
    EXPECT_EQ(cosine(a, nothing), 0.0);
    EXPECT_NEAR(cosine(std::vector<float>{1.0F, 0.0F}, std::vector<float>{1.0F, 1.0F}), 0.70710678118, 1e-11);
}

}  // namespace
}  // namespace landauer
