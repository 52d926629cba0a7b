#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/utf8.h"
#include "report/law_sentence.h"
#include "report/numbers.h"
#include "report/plain_text.h"
#include "report/thin.h"
#include "sample_run.h"

namespace landauer::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Numbers, ShowSignificantDigitsInPlainNotation) {
    EXPECT_EQ(number_text(0.0, 3), "0");
    EXPECT_EQ(number_text(-0.0, 3), "0");
    EXPECT_EQ(number_text(0.0123456, 3), "0.0123");
    EXPECT_EQ(number_text(1.5, 3), "1.50");
    EXPECT_EQ(number_text(123456.0, 3), "123456");
    EXPECT_EQ(number_text(2.5e-7, 3), "2.50e-07");
    EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN(), 3), "\u2013");
    EXPECT_EQ(number_text(std::numeric_limits<double>::infinity(), 3), "\u2013");
    EXPECT_EQ(fixed_text(-0.001, 2), "0.00");
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(-1234567), "-1,234,567");
}

TEST(Numbers, AnIntervalDecidesHowManyDigitsAreShown) {
    EXPECT_EQ(estimate_text({12.3456, {11.9, 12.8}}, 3), "12.3 [11.9, 12.8]");
    EXPECT_EQ(estimate_text({12.3456, {12.2, 12.5}}, 3), "12.35 [12.20, 12.50]");
    EXPECT_EQ(estimate_text({1234.56, {1200.0, 1270.0}}, 3), "1235 [1200, 1270]");
    EXPECT_EQ(estimate_text({1.5, {1.5, 1.5}}, 3), "1.50") << "one measurement has no interval";
    EXPECT_EQ(estimate_text({1.5, {1.4, std::nan("")}}, 3), "1.50");
    EXPECT_EQ(spread_text(470.704, 0.67, 3), "470.7 ± 0.7");
    EXPECT_EQ(spread_text(470.704, 0.0, 3), "471");
}

TEST(Numbers, UnitsFollowTheSize) {
    EXPECT_EQ(quantity_text(0.0021, "s", 3), "2.10 ms");
    EXPECT_EQ(quantity_text(3.2e-6, "s", 3), "3.20 µs");
    EXPECT_EQ(quantity_text(0.0, "s", 3), "0 s");
    EXPECT_EQ(quantity_text(96'576'768, "B", 4), "92.10 MiB");
    EXPECT_EQ(quantity_text(1500.0, "J", 3), "1.50 kJ");
    EXPECT_EQ(quantity_text(Estimate{0.0021, {0.002, 0.0022}}, "s", 3), "2.10 [2.00, 2.20] ms");
    EXPECT_EQ(quantity_text(7.0, "%·s", 3), "7.00 %·s");
}

TEST(PlainText, IsCleanWhateverComesIn) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (std::uint64_t i = 0, n = random() % 60; i < n; ++i) {
            text += static_cast<char>(random() % 256);
        }
        const std::string clean = clean_text(text);
        ASSERT_TRUE(is_valid_utf8(clean));
        for (const char c : clean) {
            ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
        }
        EXPECT_EQ(clean_text(clean), clean);
        const int width = display_width(clean);
        for (int most = 1; most < 20; ++most) {
            EXPECT_LE(display_width(shortened(clean, most)), std::max(most, 1));
        }
        EXPECT_EQ(shortened(clean, width), clean);
    }
    EXPECT_EQ(clean_text("a\nb\tc"), "a b c");
    EXPECT_EQ(clean_text("a\r\nb\tc", Lines::many), "a \nb\tc");
    EXPECT_EQ(clean_text("été €"), "été €");
}

TEST(PlainText, KnowsHowWideCharactersAre) {
    EXPECT_EQ(display_width("abc"), 3);
    EXPECT_EQ(display_width("é"), 1);
    EXPECT_EQ(display_width("e\u0301"), 1);
    EXPECT_EQ(display_width("漢字"), 4);
    EXPECT_EQ(shortened("漢字漢字", 6), "漢字\u2026");
    EXPECT_THAT(wrapped("one two  three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("toolongforaline x", 4), ElementsAre("toolongforaline", "x"));
    EXPECT_TRUE(wrapped("   ", 4).empty());
}

Law1 law_with(const Estimate& slope) {
    const SampleRun run = sample_run({.prompts = 3});
    Law1 law = run.analysis.laws.front();
    law.fits[0].card.terms[1].coefficient = slope;
    law.paper_form.card.terms[1].coefficient = slope;
    return law;
}

TEST(LawSentence, SaysTheLawInWordsAndNumbers) {
    const Law1 law = law_with({0.0021, {0.0020, 0.0022}});
    EXPECT_EQ(law_formula(law.fits[0].card), "seconds = 0.320 [0.301, 0.339] + 0.00210 [0.00200, 0.00220] n_in");
    EXPECT_EQ(law_words(law.fits[0].card, 0), "320 ms fixed and 2.10 ms for each prompt token");
    EXPECT_EQ(law_words(law.fits[0].card, 16),
              "320 ms fixed (its 16 answer tokens included) and 2.10 ms for each prompt token");
    EXPECT_EQ(law_words(law.fits[1].card, 16), "320 ms whatever its length");
    EXPECT_EQ(law_quality(law.fits[0].card), "R² 0.9981, leave-one-out error 1.2 %, 37 trials of 16 to 1,492 tokens");
    EXPECT_EQ(law_choice(law), "AICc chooses n_in (weight 1.00; constant 0.00).");
    EXPECT_EQ(law_warning(law), "");
}

TEST(LawSentence, ASlopeThatMayBeZeroIsSaid) {
    EXPECT_THAT(law_warning(law_with({0.0001, {-0.0002, 0.0004}})), HasSubstr("includes zero"));
}

TEST(LawSentence, AFixedPartBelowZeroIsNotCalledACost) {
    Law1 law = law_with({0.0021, {0.0020, 0.0022}});
    law.fits[0].card.terms[0].coefficient = {-0.01, {-0.03, 0.01}};
    EXPECT_THAT(law_words(law.fits[0].card, 0), HasSubstr("no fixed part that can be told from zero"));
}

TEST(LawSentence, ThePaperFormIsShownWhenAnotherWasChosen) {
    Law1 law = law_with({0.0021, {0.0020, 0.0022}});
    EXPECT_EQ(law_texts({law}).front().paper, "");
    std::swap(law.fits[0].chosen, law.fits[1].chosen);
    EXPECT_THAT(law_texts({law}).front().paper, HasSubstr("The paper's form: seconds = 0.320"));
    law.fits.clear();
    EXPECT_TRUE(law_texts({law}).empty());
    EXPECT_EQ(chosen_fit(law), nullptr);
}

TEST(Thin, KeepsPeaksOrderAndTheLimit) {
    std::mt19937_64 random(3);
    for (int round = 0; round < 50; ++round) {
        SampledSignal signal;
        const auto n = static_cast<std::int64_t>(1 + random() % 5000);
        for (std::int64_t i = 0; i < n; ++i) {
            signal.t_ns.push_back(i * 10);
            signal.value.push_back(static_cast<double>(random() % 1000));
        }
        const std::size_t most = 2 + random() % 400;
        const SampledSignal thin = thinned(signal, most);
        ASSERT_LE(thin.value.size(), std::max<std::size_t>(most, 2));
        ASSERT_EQ(thin.value.size(), thin.t_ns.size());
        EXPECT_TRUE(std::is_sorted(thin.t_ns.begin(), thin.t_ns.end()));
        EXPECT_EQ(*std::max_element(thin.value.begin(), thin.value.end()),
                  *std::max_element(signal.value.begin(), signal.value.end()));
        EXPECT_EQ(*std::min_element(thin.value.begin(), thin.value.end()),
                  *std::min_element(signal.value.begin(), signal.value.end()));
    }
}

TEST(Thin, JoinedWindowsCoverWhatTheyCoveredBefore) {
    std::mt19937_64 random(4);
    for (int round = 0; round < 50; ++round) {
        std::vector<Window> windows;
        std::int64_t at = 0;
        for (std::uint64_t i = 0, n = random() % 300; i < n; ++i) {
            at += static_cast<std::int64_t>(1 + random() % 50);
            windows.push_back({at, at + 5});
            at += 5;
        }
        const auto joined = joined_windows(windows, 40);
        EXPECT_LE(joined.size(), 40U);
        for (const Window& window : windows) {
            EXPECT_TRUE(std::any_of(joined.begin(), joined.end(), [&](const Window& j) {
                return j.begin_ns <= window.begin_ns && j.end_ns >= window.end_ns;
            }));
        }
    }
}

}  // namespace
}  // namespace landauer::test
