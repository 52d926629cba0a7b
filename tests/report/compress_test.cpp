// The compression page: a golden, what its colours and bars say, text that would break out of a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "golden.h"
#include "report/compare/formats.h"
#include "report/compress/document.h"
#include "report/compress/report.h"
#include "report/html_text.h"
#include "sample_comparison.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Payback a_payback(std::optional<Estimate> prompts) {
    Payback payback;
    payback.unit = "CPU s";
    payback.spent = 263.0;
    payback.saved = {0.31, {0.28, 0.34}};
    payback.prompts = prompts;
    return payback;
}

KeptPlan a_plan(double removed, std::size_t kept) {
    KeptPlan plan;
    plan.removed = removed;
    plan.loss = 0.6 * removed;
    plan.columns = {"q", "neurons", "head groups"};
    const KeptPart whole{48, 48, ""};
    const KeptPart groups{2, 2, ""};
    plan.layers = {{{8, 48, ""}, {96, 96, ""}, groups},
                   {whole, {kept, 96, ""}, groups},
                   {whole, {kept, 96, ""}, groups},
                   {whole, {96, 96, "q4_0"}, {0, 0, ""}}};
    return plan;
}

CompressReport a_report(const std::string& text = "Sample") {
    CompressReport report;
    report.title = "small.gguf, made of " + text;
    report.ways = "fewer neurons and fewer head groups";
    report.columns = {{"q", "to 3/4 of its storage"}, {"neurons", "-1/4 of them"}, {"head groups", "one " + text}};
    report.sensitivity = {{2.4e-8, 0.027, 0.013}, {1.1e-4, 0.013, 0.030}, {2.1e-5, 0.004, 0.0}, {3e-5, 0.002, {}}};
    report.measured_low = 1.3;
    report.measured_high = 3.1;
    report.plans = {a_plan(0.2, 64)};
    report.plans.front().chosen = true;
    for (int i = 0; i < 40; ++i) {
        report.curve.push_back({0.02 * i, 0.0001 * i * i, 98.4 - 1.1 * i});
    }
    report.chosen = PredictedSize{0.2, 0.12, 85.1};
    report.files = {98.4, 85.1};
    report.healed = {0.0712, 0.0412};
    report.measured = {{"small " + text, false, 85.1, 0.2, {1.31, {1.29, 1.33}}},
                       {"base-Q4_0", true, 86.0, {}, {1.12, {1.11, 1.13}}}};
    report.making = MakingCost{263.0, 140.0, Estimate{0.41, {0.35, 0.47}}, "board (estimate) " + text, true};
    report.payback = {a_payback(Estimate{848.4, {773.5, 939.3}})};
    report.facts = {{"source", "/models/" + text}, {"source sha256", "0123abcd"}, {"options", "remove=20%"}};
    report.notes = {"2,048 tokens are fewer than 1,536 columns: " + text};
    report.command = "landauer compress -m base.gguf -o small.gguf --remove 20% --text " + text;
    report.version = "0.1.0";
    return report;
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
    return n;
}

TEST(CompressPage, Golden) {
    hold_golden(std::filesystem::path(GOLDEN) / "report" / "compress.html", compress_page(a_report(), {}));
}

TEST(CompressPage, HostileTextStaysText) {
    const std::string hostile = "</script><script>alert(1)</script>\x1b[31m<b>&\"'";
    const std::string good = compress_page(a_report(), {});
    const std::string bad = compress_page(a_report(hostile), {});
    for (const std::string_view tag : {"<script", "</script>", "<b>", "<div", "<td", "\x1b"}) {
        EXPECT_EQ(count(bad, tag), count(good, tag)) << tag;
    }
}

TEST(CompressPage, StandsAboveTheVerdictWithPicturesOfItsOwn) {
    SampleComparison sample = sample_comparison({.control = true});
    const std::string without = compare_page(sample.report, {}, {});
    const CompressReport report = a_report();
    sample.report.compression = &report;
    const std::string with = compare_page(sample.report, {}, {});
    const std::size_t at = with.find("<article id=\"compression\">");
    ASSERT_NE(at, std::string::npos);
    EXPECT_LT(at, with.find("<article id=\"pair-0\">"));
    EXPECT_THAT(without, Not(HasSubstr("id=\"compression\"")));
    const auto data_of = [](const std::string& html) {
        const std::string open = "id=\"data\">";
        const std::size_t from = html.find(open) + open.size();
        return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
    };
    const auto data = data_of(with);
    EXPECT_EQ(data.size(), data_of(without).size() + 1);
    EXPECT_THAT(with, HasSubstr("size-curve-plot\" data-run=\"" + std::to_string(data.size() - 1) + "\""));
    EXPECT_EQ(data.back()["measured"].size(), 2U);
}

TEST(CompressPage, AProfileOffersItsPlans) {
    CompressReport report = a_report();
    report.chosen.reset();
    report.making.reset();
    report.payback.clear();
    report.plans = {a_plan(0.1, 80), a_plan(0.2, 64)};
    const std::string page = compress_page(report, {});
    EXPECT_EQ(count(page, "class=\"plan\""), 2U);
    EXPECT_THAT(page, HasSubstr("would go"));
    EXPECT_THAT(page, Not(HasSubstr("What making it cost")));
    EXPECT_LT(page.find("class=\"heat\""), page.find("size-curve-plot")) << "what a profile is about comes first";
}

TEST(HeatMap, MoreLossIsMoreColourOnALogarithm) {
    std::mt19937_64 random(11);
    std::uniform_real_distribution<double> decades(-9.0, 0.0);
    for (int round = 0; round < 50; ++round) {
        CompressReport report;
        report.sensitivity.assign(5, std::vector<std::optional<double>>(4));
        for (auto& layer : report.sensitivity) {
            for (auto& loss : layer) loss = std::pow(10.0, decades(random));
        }
        const HeatMap map = heat_map(report.columns, report.sensitivity);
        double top = 0.0;
        for (std::size_t a = 0; a < 20; ++a) {
            const HeatCell& one = map.layers[a / 4][a % 4];
            EXPECT_TRUE(one.known);
            EXPECT_GE(one.share, 0.0);
            top = std::max(top, one.share);
            for (std::size_t b = 0; b < 20; ++b) {
                if (*report.sensitivity[a / 4][a % 4] < *report.sensitivity[b / 4][b % 4]) {
                    EXPECT_LE(one.share, map.layers[b / 4][b % 4].share);
                }
            }
        }
        EXPECT_DOUBLE_EQ(top, 1.0);
    }
}

TEST(HeatMap, ThreeDecadesAreToldApartAndWhatIsUnknownHasNoColour) {
    CompressReport report;
    report.sensitivity = {{1e-9, 1e-4, 1e-1}, {0.0, std::nullopt, 1e-2}};
    const HeatMap map = heat_map(report.columns, report.sensitivity);
    EXPECT_EQ(map.layers[0][0].share, 0.0);
    EXPECT_EQ(map.layers[0][1].share, 0.0);
    EXPECT_NEAR(map.layers[1][2].share, 2.0 / 3.0, 1e-12);
    EXPECT_EQ(map.layers[1][0].text, "0");
    EXPECT_TRUE(map.layers[1][0].known);
    EXPECT_FALSE(map.layers[1][1].known);
    EXPECT_EQ(map.least, "0.00010 or less");
    EXPECT_EQ(map.most, "0.10");
}

TEST(HeatMap, OfNothingIsEmpty) {
    CompressReport report;
    EXPECT_TRUE(heat_map(report.columns, report.sensitivity).layers.empty());
    report.sensitivity = {{0.0, std::nullopt}};
    EXPECT_EQ(heat_map(report.columns, report.sensitivity).most, "");
}

TEST(Kept, LayersThatKeepTheSameAreOneRow) {
    const KeptTable table = kept_table(a_report(), a_plan(0.2, 64));
    EXPECT_THAT(table.rows, ::testing::ElementsAre("0", "1\u20132", "3"));
    EXPECT_EQ(table.cells[0][0].text, "8");
    EXPECT_EQ(table.cells[0][0].title, "8 of 48");
    EXPECT_EQ(table.cells[1][0].text, "all");
    EXPECT_NEAR(table.cells[1][1].share, 64.0 / 96.0, 1e-12);
    EXPECT_EQ(table.cells[2][1].text, "all q4_0");
    EXPECT_EQ(table.cells[2][2].text, "\u2013");
}

TEST(Kept, ColumnsSayTheirFullSizeAndTheirMean) {
    KeptPlan plan = a_plan(0.2, 64);
    KeptTable table = kept_table(a_report(), plan);
    EXPECT_THAT(table.full, ::testing::ElementsAre("of 48", "of 96", "of 2"));
    EXPECT_EQ(table.mean[0].text, "38");
    EXPECT_EQ(table.mean[0].title, "79 %");
    EXPECT_NEAR(table.mean[1].share, (96.0 + 64.0 + 64.0 + 96.0) / (4.0 * 96.0), 1e-12);
    EXPECT_EQ(table.mean[2].text, "all");
    plan.layers[0][2].kept = 1;
    EXPECT_EQ(kept_table(a_report(), plan).mean[2].text, "1.7") << "of the three layers that have some";
    plan.layers[1][1].of = 128;
    EXPECT_EQ(kept_table(a_report(), plan).full[1], "");
    plan.layers.resize(1);
    EXPECT_TRUE(kept_table(a_report(), plan).mean.empty());
}

TEST(CompressWords, SizesAndHealingAreSaidWhereTheyAreKnown) {
    CompressReport report;
    EXPECT_EQ(outcome_words(report), "");
    report.files = {98.44, 113.0};
    EXPECT_EQ(outcome_words(report), "The file has 113.0 MB, the original 98.4 MB.");
    report.healed = {0.0712, 0.0412};
    EXPECT_EQ(outcome_words(report),
              "The file has 113.0 MB, the original 98.4 MB. Healing took its divergence from the original on held-out "
              "text from 0.0712 to 0.0412 nats a token.");
}

TEST(PaybackWords, SayWhetherAndWhen) {
    EXPECT_EQ(payback_sentence(a_payback(Estimate{848.4, {773.5, 939.3}})),
              "Compressing took 263 CPU s; a prompt saves 0.31 [0.28, 0.34] CPU s: paid back after 849 [774, 940] "
              "prompts.");
    Payback doubtful = a_payback({});
    doubtful.saved = {0.02, {-0.01, 0.05}};
    EXPECT_THAT(payback_sentence(doubtful), HasSubstr("may be nothing: not seen to be paid back"));
    Payback loss = a_payback({});
    loss.saved = {-0.2, {-0.3, -0.1}};
    EXPECT_THAT(payback_sentence(loss), HasSubstr("never paid back"));
    Payback estimate = a_payback(Estimate{848.4, {773.5, 939.3}});
    estimate.estimated = true;
    EXPECT_THAT(payback_sentence(estimate), HasSubstr("CPU s (an estimate)"));
}

}  // namespace
}  // namespace landauer::test
