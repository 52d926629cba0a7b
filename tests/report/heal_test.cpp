// The healing page: what it says, text that would break out of a page, its place above a verdict.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/heal/report.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HealReport sample() {
    HealReport report;
    report.title = "healed.gguf, healed from small.gguf by base.gguf";
    report.subtitle = "91.7 MB, as before";
    report.before = 0.08;
    report.after = 0.052;
    report.n_held_out_tokens = 1024;
    report.n_tokens = 25600;
    report.n_values = 3317760;
    report.curve = {{0, 0.08, std::nullopt}, {12800, 0.06, 0.071}, {25600, 0.052, 0.058}};
    report.columns = {{"q", ""}, {"down", ""}};
    report.moved = {{0.5, 2.5}, {std::nullopt, 0.1}};
    report.answers = {{"P1", "Yes.", "No.", "Yes, it is."}};
    report.facts = {{"options", "train=scales"}, {"empty", ""}};
    report.notes = {"12 of the 210 matrices stay."};
    report.command = "landauer heal -m small.gguf";
    report.version = "1.0";
    return report;
}

TEST(HealPage, SaysWhatFloatsLearntFirst) {
    HealReport report = sample();
    report.floats = {0.3054, 0.278};
    EXPECT_THAT(heal_headline(report), HasSubstr("healed from 0.305 to 0.278 nats a token. The divergence"));
    CompressReport compression;
    compression.title = "small.gguf, made of base.gguf";
    const std::string page = write_healed_compression_html(compression, report);
    EXPECT_LT(page.find("id=\"compression\""), page.find("id=\"healing\""));
    EXPECT_THAT(page, HasSubstr("small.gguf, made of base.gguf"));
    EXPECT_THAT(page, HasSubstr("healed from 0.305"));
}

TEST(HealPage, SaysHowMuchNearer) {
    EXPECT_THAT(heal_headline(sample()), HasSubstr("from 0.0800 to 0.0520 nats a token, 35 % less"));
    const std::string page = heal_page(sample(), {});
    for (const char* said : {"Learning curve", "25,600", "What moved", "3,317,760 values", "Answers before and after",
                             "Yes, it is.", "12 of the 210 matrices stay.", "landauer heal -m small.gguf"}) {
        EXPECT_THAT(page, HasSubstr(said));
    }
    EXPECT_THAT(page, Not(HasSubstr("empty")));
    const auto plots = heal_plots(sample());
    EXPECT_EQ(plots.at("learning").size(), 3U);
    EXPECT_TRUE(plots.at("learning")[0].at("training").is_null());
}

TEST(HealPage, NothingBreaksOutOfIt) {
    HealReport report = sample();
    const std::string bad = "<script>alert(1)</script>\x1b[31m";
    report.title = report.subtitle = report.command = bad;
    report.answers = {{bad, bad, bad, bad}};
    report.facts = {{bad, bad}};
    report.notes = {bad};
    const std::string page = heal_page(report, {});
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, Not(HasSubstr("\x1b")));
}

TEST(HealPage, WithoutACurveAnswersOrMovesItIsStillAPage) {
    HealReport report = sample();
    report.curve.clear();
    report.answers.clear();
    report.moved.clear();
    const std::string page = heal_page(report, {});
    EXPECT_THAT(page, Not(HasSubstr("Learning curve")));
    EXPECT_THAT(page, Not(HasSubstr("What moved")));
    EXPECT_THAT(page, HasSubstr("How to heal it again"));
}

}  // namespace
}  // namespace landauer
