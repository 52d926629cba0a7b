#include "report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "report/html_text.h"
#include "sample_run.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kMostBytes = 1'500'000;

std::string page(const SampleRun& run, std::span<const Asset> assets = {}) {
    return html_page(std::span(&run.analysis, 1), {}, assets);
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) {
        ++n;
    }
    return n;
}

nlohmann::json data_of(const std::string& html) {
    const std::string open = "<script type=\"application/json\" id=\"data\">";
    const std::size_t from = html.find(open) + open.size();
    return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(Html, NothingFromAModelAFileOrAUserBecomesMarkup) {
    const SampleRun plain = sample_run();
    const SampleRun hostile = sample_run({.text = hostile_text()});
    const std::string good = page(plain);
    const std::string bad = page(hostile);
    for (const char* tag : {"<script", "</script", "<img", "<a ", "<style", "<meta"}) {
        EXPECT_EQ(count(bad, tag), count(good, tag)) << tag;
    }
    EXPECT_TRUE(is_valid_utf8(bad));
    for (const char* raw : {"onerror=alert(2)>", "\u2028", "\u202e", "\x1b"}) {
        EXPECT_THAT(bad, Not(HasSubstr(raw))) << raw;
    }
    EXPECT_EQ(bad.find('\0'), std::string::npos);
    EXPECT_THAT(bad, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(Html, DataSurvivesItsEmbedding) {
    const SampleRun run = sample_run({.text = hostile_text()});
    const auto data = data_of(page(run));
    ASSERT_EQ(data.size(), 1U);
    EXPECT_EQ(data[0]["trials"]["rep"].size(), run.data->trials.size());
    EXPECT_EQ(data[0]["trials"]["grade"].get<std::string>().back(), 'C');
    EXPECT_EQ(data[0]["laws"].size(), run.analysis.laws.size());
    EXPECT_THAT(data[0]["prompts"][0].get<std::string>(), HasSubstr("</script><script>alert(1)</script>"));
    EXPECT_EQ(data[0]["sessions"][0]["idle"].size(), 3U);
    EXPECT_EQ(data[0]["sessions"][0]["marked"].size(), 38U);
}

TEST(Html, TheLineRunsThroughThePlantedLaw) {
    const auto data = data_of(page(sample_run()));
    const auto& law = data[0]["laws"][0];
    EXPECT_EQ(law["metric"], "seconds");
    for (const auto& row : law["line"]) {
        const double x = row[0].get<double>();
        EXPECT_NEAR(row[2].get<double>(), kFixed + kPerToken * x, 1e-4);
        EXPECT_LT(row[1].get<double>(), row[2].get<double>());
        EXPECT_GT(row[3].get<double>(), row[2].get<double>());
    }
}

TEST(Html, ThePolicyKnowsEveryScriptByItsHashAndForbidsTheNetwork) {
    const std::string html = page(sample_run(), embedded_assets());
    const std::string policy = html.substr(html.find("Content-Security-Policy"), 1500);
    EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("http:")));
    EXPECT_THAT(policy, Not(HasSubstr("https:")));
    std::size_t scripts = 0;
    for (const Asset& asset : embedded_assets()) {
        if (asset.name.ends_with(".js")) {
            ++scripts;
            EXPECT_THAT(policy, HasSubstr(base64_of_hex(asset.sha256))) << asset.name;
            std::string text;
            for (const std::string_view piece : asset.pieces) {
                text += piece;
            }
            EXPECT_EQ(count(html, "<script>" + text + "</script>"), 1U) << asset.name << ": the hash is of every byte";
        }
    }
    EXPECT_GE(scripts, 8U);
    EXPECT_EQ(count(html, "<script>"), scripts);
    EXPECT_THAT(html, Not(HasSubstr("<link")));
    EXPECT_THAT(html, Not(HasSubstr(" src=")));
}

TEST(Html, CarriesTheLicencesOfItsLibraries) {
    const std::string html = page(sample_run(), embedded_assets());
    for (const char* holder : {"Mike Bostock", "Observable, Inc.", "Leon Sorokin"}) {
        EXPECT_THAT(html, HasSubstr(holder));
    }
}

TEST(Html, StaysSmallWithTenThousandTrialsAndALongTrace) {
    const SampleRun run = sample_run({.prompts = 100, .repetitions = 100, .spoiled = 7, .energy = true});
    const std::string html = page(run, embedded_assets());
    EXPECT_LT(html.size(), kMostBytes);
    const auto data = data_of(html);
    const auto& trials = data[0]["trials"];
    EXPECT_EQ(trials["of"], 10'000);
    EXPECT_LE(trials["rep"].size(), 2100U);
    EXPECT_GE(trials["rep"].size(), 1900U);
    const std::string grades = trials["grade"];
    EXPECT_EQ(std::count(grades.begin(), grades.end(), 'C'), 7) << "every spoiled trial is drawn";
    EXPECT_EQ(data[0]["prompts"].size(), 100U) << "no prompt is thinned away";
    EXPECT_LE(data[0]["phases"]["rows"].size(), 60U);
    EXPECT_LE(data[0]["sessions"][0]["marked"].size(), 1000U);
    EXPECT_THAT(data[0]["sessions"][0]["note"].get<std::string>(), HasSubstr("samples a signal"));
}

TEST(Html, SentencesAndTablesStandWithoutScripts) {
    const std::string html = page(sample_run({.energy = true}));
    EXPECT_THAT(html, HasSubstr("<noscript>"));
    EXPECT_THAT(html, HasSubstr("<th scope=\"row\">P19</th>"));
    EXPECT_THAT(html, HasSubstr("seconds = 0.320"));
    EXPECT_THAT(html, HasSubstr("Joules cover package-0 (powercap), measured."));
    EXPECT_THAT(html, HasSubstr("before load"));
    EXPECT_THAT(html, HasSubstr("landauer bench -m &#39;SmolLM2 135M Instruct.gguf&#39; -t 2"));
}

TEST(Html, SeveralRunsAndNone) {
    std::vector<RunAnalysis> runs;
    const SampleRun a = sample_run();
    const SampleRun b = sample_run({.spoiled = 0, .grid = true});
    runs.push_back(a.analysis);
    runs.push_back(b.analysis);
    const std::string html = html_page(runs, {}, {});
    EXPECT_EQ(data_of(html).size(), 2U);
    EXPECT_EQ(count(html, "<article"), 2U);
    EXPECT_THAT(html, HasSubstr("href=\"#run-1\""));
    EXPECT_THAT(html_page({}, {}, {}), HasSubstr("There is no run to report."));
}

TEST(Html, ARunWithoutValidTrialsSaysSo) {
    SampleRun run = sample_run({.prompts = 3, .repetitions = 1, .spoiled = 3});
    run.analysis.laws.clear();
    run.analysis.totals.clear();
    for (const ReportFormat& format : format_table()) {
        const std::string text = format.write(std::span(&run.analysis, 1), {});
        EXPECT_TRUE(is_valid_utf8(text)) << format.name;
    }
    EXPECT_THAT(page(run), HasSubstr("No trial of this run could be used"));
}

TEST(Html, EveryCharacterThatMeansSomethingIsEscaped) {
    EXPECT_EQ(html_escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
    EXPECT_EQ(element("td", "<", "class=\"x\""), "<td class=\"x\">&lt;</td>");
    EXPECT_EQ(script_json(nlohmann::json("</script>&\u2028")), "\"\\u003c/script\\u003e\\u0026\\u2028\"");
}

TEST(Html, Base64IsRfc4648) {
    EXPECT_EQ(base64_of_hex(""), "");
    EXPECT_EQ(base64_of_hex("66"), "Zg==");
    EXPECT_EQ(base64_of_hex("666f"), "Zm8=");
    EXPECT_EQ(base64_of_hex("666f6f"), "Zm9v");
    EXPECT_EQ(base64_of_hex("666F6F626172"), "Zm9vYmFy");
}

}  // namespace
}  // namespace landauer::test
