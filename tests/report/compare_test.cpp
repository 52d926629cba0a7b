// The verdict page in every format: goldens, words, and text that would break out of a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "golden.h"
#include "report/compare/document.h"
#include "report/compare/formats.h"
#include "report/html_text.h"
#include "report/plain_text.h"
#include "sample_comparison.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

void hold(const std::string& name, const std::string& text) {
    hold_golden(std::filesystem::path(GOLDEN) / "report" / name, text);
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) {
        ++n;
    }
    return n;
}

std::string sentence(const SampleComparison& sample) {
    return verdict_sentence(*sample.comparison, sample.comparison->pairs[0], {});
}

Comparison& cost_of(SampleComparison& sample, std::string_view name) {
    auto& costs = sample.comparison->pairs[0].costs;
    return *std::find_if(costs.begin(), costs.end(), [&](const Comparison& c) { return c.metric->name == name; });
}

TEST(CompareGolden, Table) {
    hold("compare.table.txt", write_compare_table(sample_comparison({.control = true}).report, {}));
}
TEST(CompareGolden, TableWithoutJoulesOrAnswers) {
    hold("compare.bare.table.txt",
         write_compare_table(
             sample_comparison({.energy = false, .accuracy = false, .gates = false, .use = false, .published = false})
                 .report,
             {}));
}
TEST(CompareGolden, NarrowTable) {
    const std::string text = write_compare_table(sample_comparison().report, {.width = 60, .title = {}});
    std::size_t from = 0;
    for (std::size_t end = 0; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
        EXPECT_LE(display_width(text.substr(from, end - from)), 60) << text.substr(from, end - from);
    }
}
TEST(CompareGolden, Markdown) { hold("compare.md", write_compare_markdown(sample_comparison().report, {})); }
TEST(CompareGolden, Json) { hold("compare.json", write_compare_json(sample_comparison().report, {})); }
TEST(CompareGolden, HtmlWithoutItsLibraries) {
    std::string html = compare_page(sample_comparison({.control = true}).report, {}, {});
    const std::string open = "<script type=\"application/json\" id=\"data\">";
    const std::size_t from = html.find(open) + open.size();
    html.erase(from, html.find("</script>", from) - from);  // a picture's numbers need no reading
    hold("compare.html", html);
}

TEST(CompareWords, TheVerdictNamesSpeedCostsAndAccuracyWithIntervals) {
    const SampleComparison sample = sample_comparison();
    EXPECT_EQ(sentence(sample),
              "small.gguf answers a prompt 2.36 [2.33, 2.39] times as fast as base.gguf, uses 56.6 % [55.9, 57.3] "
              "less CPU time, 56.0 % [54.8, 57.2] less energy net of idle, 29.00 % [28.90, 29.10] less "
              "memory at its peak and is as accurate within 2 points (difference -0.3 [-1.2, 0.6] points).");
}

TEST(CompareWords, WhatIsNotSeparatedIsNeverCalledFaster) {
    SampleComparison sample = sample_comparison();
    Comparison& time = cost_of(sample, "seconds");
    time.verdict = Verdict::not_separated;
    time.effect = {0.97, {0.93, 1.02}};
    EXPECT_THAT(sentence(sample), HasSubstr("small.gguf is not separated in time (ratio 0.97 [0.93, 1.02]) from base"));
    EXPECT_THAT(sentence(sample), Not(HasSubstr("as fast")));
    time.verdict = Verdict::equivalent;
    EXPECT_THAT(sentence(sample), HasSubstr("in the same time within 2 % (ratio 0.97 [0.93, 1.02]) as base.gguf"));
}

TEST(CompareWords, WorseIsSaidAsWorse) {
    SampleComparison sample = sample_comparison();
    Comparison& time = cost_of(sample, "seconds");
    time.verdict = Verdict::worse;
    time.effect = {1.25, {1.2, 1.3}};
    EXPECT_THAT(sentence(sample), HasSubstr("1.25 [1.20, 1.30] times as slow as base.gguf"));
    Comparison& speed = cost_of(sample, "decode_ts");
    speed.verdict = Verdict::worse;
    speed.effect = {0.5, {0.49, 0.51}};
    EXPECT_EQ(effect_words(speed, {}), "2.00 [1.96, 2.04] times as slow");
    Comparison& accuracy = *sample.comparison->pairs[0].accuracy->trimmed;
    accuracy.verdict = Verdict::worse;
    accuracy.effect = {-3.0, {-5.0, -1.0}};
    EXPECT_THAT(sentence(sample), HasSubstr("is 3.0 points [1.0, 5.0] less accurate"));
}

TEST(ComparePaper, RowsThatNeedJoulesStayAndSayWhy) {
    const SampleComparison sample = sample_comparison({.energy = false});
    const auto rows = paper_rows(*sample.comparison, sample.comparison->pairs[0], nullptr);
    int n = 0;
    for (const PaperRow& row : rows) {
        if (row.base == "no energy meter") {
            ++n;
            EXPECT_EQ(row.candidate, "no energy meter") << row.name;
            EXPECT_EQ(row.change, "\u2013") << row.name;
        }
    }
    EXPECT_EQ(n, 8) << "Wh a prompt (2), Wh a run, J per token (2), J per point, net energy's line (2)";
}

TEST(ComparePaper, WhWeighTokensAndPointsAsTheyShould) {
    const SampleComparison sample = sample_comparison();
    const RunAnalysis& base = *sample.comparison->contenders[0].run;
    const auto rows = paper_rows(*sample.comparison, sample.comparison->pairs[0], nullptr);
    const auto row = [&](std::string_view name) {
        const auto found = std::find_if(rows.begin(), rows.end(), [&](const PaperRow& r) { return r.name == name; });
        EXPECT_NE(found, rows.end()) << name;
        return found == rows.end() ? PaperRow{} : *found;
    };
    const Estimate joules = base.totals.at("net_energy_j");
    EXPECT_EQ(row("J per token out").base, amount_text(scaled(joules, 19 * 16), "J/token"));
    EXPECT_EQ(row("Wh a run").base, amount_text(base.totals.at("wh"), "Wh"));
    EXPECT_THAT(row("J per point of accuracy").base, HasSubstr("J"));
    EXPECT_THAT(row("time: slope a token").base, HasSubstr("2.10 ms ["));
    EXPECT_THAT(row("J per token in and out").base, HasSubstr("J/token"));
}

TEST(ComparePaper, PublishedPairsAreThePapersAndSayNothingTheyDoNotKnow) {
    const auto rpi = find_published_pair("llama8b-gilda@rpi5");
    ASSERT_TRUE(rpi);
    EXPECT_DOUBLE_EQ(*rpi->find("ram_auc")->change_percent, -71.9);
    EXPECT_DOUBLE_EQ(*rpi->find("wh_per_run")->candidate, 2.50);
    const auto laptop = find_published_pair("llama8b-gilda@m2");
    ASSERT_TRUE(laptop);
    EXPECT_EQ(laptop->find("wh_per_run"), nullptr);
    const auto none = find_published_pair("gpt@phone");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(none.error().remedy, HasSubstr("qwen2vl2b-axolotl@rpi5"));
}

TEST(CompareFormats, AnUnknownOneIsRefusedByName) {
    const auto none = find_compare_format("csv");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(none.error().remedy, HasSubstr("table, md, json, html"));
}

TEST(CompareFormats, AGateFailsOnTheWholeIntervalOnlyWhereThatIsAsked) {
    GateOutcome gate;
    gate.result.failed = true;
    EXPECT_TRUE(gate.failed());
    gate.only_when_certain = true;
    EXPECT_FALSE(gate.failed());
    gate.result.is_certain = true;
    EXPECT_TRUE(gate.failed());
}

TEST(CompareHtml, NothingFromAModelOrAUserBecomesMarkup) {
    const std::string good = compare_page(sample_comparison().report, {}, {});
    const std::string bad = compare_page(sample_comparison({.text = hostile_text()}).report, {}, {});
    for (const char* tag : {"<script", "</script", "<img", "<a ", "<style", "<meta"}) {
        EXPECT_EQ(count(bad, tag), count(good, tag)) << tag;
    }
    EXPECT_TRUE(is_valid_utf8(bad));
    for (const char* raw : {"onerror=alert(2)>", "\u202e", "\x1b"}) {
        EXPECT_THAT(bad, Not(HasSubstr(raw))) << raw;
    }
    for (const CompareFormat& format : compare_format_table()) {
        const std::string text = format.write(sample_comparison({.text = hostile_text()}).report, {});
        EXPECT_TRUE(is_valid_utf8(text)) << format.name;
        EXPECT_EQ(text.find('\x1b'), std::string::npos) << format.name;
    }
}

TEST(CompareHtml, ThePolicyKnowsEveryScriptAndThePageIsSmall) {
    const std::string html = write_compare_html(sample_comparison().report, {});
    EXPECT_LT(html.size(), 1'500'000U);
    for (const Asset& asset : embedded_assets()) {
        if (asset.name.ends_with(".js")) {
            EXPECT_THAT(html.substr(0, 3000), HasSubstr(base64_of_hex(asset.sha256))) << asset.name;
        }
    }
    EXPECT_THAT(html, Not(HasSubstr(" src=")));
}

TEST(ComparePlots, LinesAreOfBothModelsAndTheFrontIsLast) {
    const auto data = compare_plots(sample_comparison({.control = true}).report);
    ASSERT_EQ(data.size(), 3U);
    EXPECT_EQ(data[0]["forest"].size(), 13U);
    ASSERT_FALSE(data[0]["laws"].empty());
    EXPECT_EQ(data[0]["laws"][0]["models"].size(), 2U);
    EXPECT_EQ(data[0]["laws"][0]["models"][0]["points"].size(), 19U);
    EXPECT_EQ(data[2]["pareto"].size(), 3U);
}

}  // namespace
}  // namespace landauer::test
