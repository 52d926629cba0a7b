// Reports of pictures: Law 2 in words, clamps side by side, the scene as the model sees it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "core/utf8.h"
#include "report/clamp_table.h"
#include "report/document.h"
#include "report/html.h"
#include "report/html_scene.h"
#include "report/html_text.h"
#include "report/law2_sentence.h"
#include "report/report.h"
#include "sample_images.h"
#include "sample_run.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

std::string written(const ImageRuns& runs, std::string_view format) {
    return find_format(format)->write(runs.analyses, {});
}

nlohmann::json data_of(const std::string& html) {
    const std::string open = "<script type=\"application/json\" id=\"data\">";
    const std::size_t from = html.find(open) + open.size();
    return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) {
        ++n;
    }
    return n;
}

TEST(ImageWords, SizesAndMegapixelsAndProbabilities) {
    EXPECT_EQ(size_text(1024.0 * 720.0, 1024.0 / 720.0), "1024x720");
    EXPECT_EQ(size_text(1e6, 0.0), "");
    EXPECT_EQ(size_text(std::nan(""), 1.5), "");
    EXPECT_EQ(megapixels_text({0.73e6, {0.71e6, 0.75e6}}), "0.730 [0.710, 0.750]");
    EXPECT_EQ(megapixels_text({0.73e6, {0.71e6, kUnbounded}}), "0.730 [0.710, no bound]");
    EXPECT_EQ(megapixels_text({0.73e6, {-kUnbounded, 0.75e6}}), "0.730 [no bound, 0.750]");
    EXPECT_EQ(megapixels_text({0.73e6, {0.73e6, 0.73e6}}), "0.730");
    EXPECT_EQ(p_text(0.0213), "p = 0.021");
    EXPECT_EQ(p_text(1e-9), "p < 0.0001");
    EXPECT_EQ(p_text(std::nan("")), "p not known");
}

TEST(ImageWords, TheHeadlineTellsThePlantedCostAndKnee) {
    const ImageRuns runs = image_run({.energy = true});
    const std::string headline = headline_sentence(runs.analyses[0]);
    EXPECT_THAT(headline, HasSubstr("(256 tokens; 58 % of it encoding)"));
    EXPECT_THAT(headline, HasSubstr("of CPU time, and "));
    EXPECT_THAT(headline, HasSubstr("knee predicted 0.201 Mpx, found 0.20"));
    EXPECT_THAT(headline, HasSubstr("it costs no more."));
    EXPECT_THAT(headline_sentence(image_run({.clamp = 0}).analyses[0]),
                HasSubstr("the cost depends on the size over all that was measured."));
}

TEST(ImageWords, TooFewSizesAreSaidAndNotGuessedOver) {
    EXPECT_THAT(headline_sentence(image_run({.sizes = 3}).analyses[0]),
                HasSubstr("too few sizes were measured to look for a knee"));
}

std::string knee_words(const std::optional<Estimate>& slope_above, bool has_knee = true,
                       const std::optional<KneeCheck>& check = KneeCheck{2e5, 2e5, {}, 1.0, true}) {
    SegmentedFit form;
    form.form = SegmentedForm::linear;
    form.chosen = true;
    Segmented fit;
    fit.fits = {form};
    fit.test.p = 0.01;
    if (has_knee) {
        KneeFit knee;
        knee.knee = {2e5, {1.9e5, 2.1e5}};
        knee.slope_below = {5e-6, {4e-6, 6e-6}};
        knee.slope_above = slope_above;
        fit.knee = knee;
    }
    Law2 law;
    law.card.y_unit = "s";
    law.on_nominal_px = fit;
    law.check = check;
    return law2_knee(law, 16.0 / 9);
}

TEST(ImageWords, FlatAboveOnlyWhereTheIntervalHoldsZero) {
    EXPECT_THAT(knee_words(Estimate{1e-8, {-1e-8, 3e-8}}), HasSubstr("above it 10 [-10, 30] ms: flat above."));
    EXPECT_THAT(knee_words(Estimate{2e-8, {1e-8, 3e-8}}), HasSubstr("above it 20 [10, 30] ms: not flat above."));
    EXPECT_THAT(knee_words(std::nullopt), HasSubstr("too few sizes lie above it"));
    EXPECT_THAT(knee_words(std::nullopt), HasSubstr("Below it a megapixel more costs 5.0 [4.0, 6.0] s"));
}

TEST(ImageWords, ThePredictionIsInsideOutsideOrNone) {
    EXPECT_THAT(knee_words(std::nullopt), HasSubstr("0.200 [0.190, 0.210] Mpx (596x335): the prediction lies inside"));
    EXPECT_THAT(knee_words(std::nullopt, true, KneeCheck{3e5, 3e5, {}, 0.7, false}), HasSubstr("outside the interval"));
    EXPECT_THAT(knee_words(std::nullopt, true, std::nullopt), HasSubstr("none was predicted"));
    EXPECT_THAT(knee_words(std::nullopt, false), HasSubstr("No knee (p = 0.01): the cost is linear"));
}

TEST(ImageWords, TheFormulaNamesItsVariableAndItsKnee) {
    LawCard card;
    card.y = "encode_s";
    card.x = "nominal_px";
    card.terms = {{"intercept", {0.1, {0.1, 0.1}}}, {"x", {2e-3, {2e-3, 2e-3}}}};
    EXPECT_EQ(law2_formula(card), "encode_s = 0.100 + 0.00200 nominal_px");
    card.knee = Estimate{1000.0, {900.0, 1100.0}};
    card.terms.push_back({"x^2", {3e-4, {3e-4, 3e-4}}});
    EXPECT_EQ(law2_formula(card),
              "encode_s = 0.100 + 0.00200 min(nominal_px, 1000 [900, 1100]) + 0.000300 min(nominal_px, 1000 [900, "
              "1100])²");
}

TEST(ImageTable, SplitsTheTokensOfPictureAndText) {
    const ImageRuns runs = image_run();
    const PromptTable table = prompt_table(runs.analyses[0]);
    EXPECT_TRUE(table.has_images);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        EXPECT_EQ(table.rows[i].n_in, 20);
        EXPECT_EQ(table.rows[i].image, runs.analyses[0].prompts[i].image);
    }
    EXPECT_FALSE(prompt_table(sample_run().analysis).has_images);
    EXPECT_EQ(effective_text({}), "\u2013");
}

TEST(ImageTable, FitsAHundredColumnsAndKeepsCpuTimeAndJoules) {
    for (const bool energy : {false, true}) {
        const std::string text = written(image_run({.energy = energy}), "table");
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(display_width(line), 100) << line;
        }
        const std::string header = text.substr(text.find("size  "), 100);
        EXPECT_THAT(header, HasSubstr(" CPU "));
        EXPECT_EQ(header.find("net energy") != std::string::npos, energy);
    }
}

TEST(Clamps, EachKneeIsFoundWhereItWasPlanted) {
    const ImageRuns runs = clamped_runs();
    const auto groups = clamp_groups(runs.analyses);
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_THAT(groups[0].places, ::testing::ElementsAre(2U, 1U, 0U));
    ASSERT_GE(groups[0].tables.size(), 3U);
    for (const ClampTable& table : groups[0].tables) {
        ASSERT_EQ(table.table.rows.size(), 4U);
        EXPECT_THAT(table.common, HasSubstr("is ruled out (p < 0.0001)"));
        for (std::size_t r = 1; r < 4; ++r) {
            EXPECT_EQ(table.table.rows[r].size(), table.table.rows[0].size());
            EXPECT_NEAR(std::stod(table.table.rows[r][4]), 1.0, 0.06) << table.metric;
        }
        EXPECT_EQ(table.table.rows[1][0], "64");
        EXPECT_EQ(table.table.rows[3][0], "256");
    }
}

TEST(Clamps, AreNotSoughtAmongRunsThatDifferInMore) {
    EXPECT_TRUE(clamp_groups(image_run().analyses).empty());
    EXPECT_TRUE(
        clamp_groups(image_runs({{.clamp = 64}, {.id = 5, .clamp = 128, .image = "other.png"}}).analyses).empty());
    EXPECT_EQ(render_clamps(image_run().analyses, {}), "");
}

TEST(ImageFormats, JsonCarriesThePictureAndItsLaws) {
    const auto rows = nlohmann::json::parse(written(clamped_runs(), "json"));
    ASSERT_EQ(rows.size(), 42U);
    const auto& row = rows[13];
    EXPECT_EQ(row["image"], "street.jpg");
    EXPECT_EQ(row["image_max_tokens"], 256);
    EXPECT_EQ(row["n_image_tokens"], 256);
    EXPECT_EQ(row["image_width"], 720);
    EXPECT_EQ(row["predicted_knee_px"], 200704);
    EXPECT_EQ(row["image_laws"][0]["metric"], "seconds");
    EXPECT_NEAR(row["image_laws"][0]["knee_px"].get<double>(), 200704.0, 8000.0);
    EXPECT_EQ(row["image_laws"][0]["inside"], true);
    EXPECT_EQ(row["clamp_laws"][0]["clamp"], "--image-max-tokens 256");
    EXPECT_TRUE(row.contains("encode_s"));
    const SampleRun text = sample_run();
    const auto plain = nlohmann::json::parse(find_format("json")->write(std::span(&text.analysis, 1), {}));
    for (const char* name : {"image_width", "image_laws", "clamp_laws", "n_image_tokens"}) {
        EXPECT_FALSE(plain[0].contains(name)) << name;
    }
}

TEST(ImageFormats, CsvAndSqlHavePictureColumnsOnlyWithPictures) {
    const SampleRun text = sample_run();
    for (const char* format : {"csv", "sql"}) {
        const std::string pictures = written(image_run(), format);
        const std::string plain = find_format(format)->write(std::span(&text.analysis, 1), {});
        for (const char* column : {"n_image_tokens", "image_effective_px", "preprocess_s", "encode_s"}) {
            EXPECT_THAT(pictures, HasSubstr(column)) << format;
            EXPECT_THAT(plain, Not(HasSubstr(column))) << format;
        }
    }
    std::istringstream lines(written(image_run(), "csv"));
    std::string header;
    std::getline(lines, header);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_EQ(count(line, ","), count(header, ","));
    }
}

TEST(ImageFormats, MixedRunsOfPicturesAndTextGoTogether) {
    ImageRuns runs = image_run();
    const SampleRun text = sample_run();
    runs.analyses.push_back(text.analysis);
    for (const ReportFormat& format : format_table()) {
        EXPECT_TRUE(is_valid_utf8(format.write(runs.analyses, {}))) << format.name;
    }
    std::istringstream lines(written(runs, "csv"));
    std::string header;
    std::getline(lines, header);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_EQ(count(line, ","), count(header, ",")) << line;
    }
}

TEST(ImageFormats, SyntheticWeightsAreSaidNearTheTitle) {
    const ImageRuns synthetic = image_run({.is_synthetic = true});
    for (const char* format : {"table", "md", "html"}) {
        EXPECT_THAT(written(synthetic, format).substr(0, format == std::string("html") ? std::string::npos : 300),
                    HasSubstr("Synthetic weights"));
        EXPECT_THAT(written(image_run(), format), Not(HasSubstr("Synthetic weights")));
    }
}

TEST(ImageHtml, NothingFromAUserBecomesMarkup) {
    const std::string good = html_page(clamped_runs().analyses, {}, {});
    const std::string bad = html_page(clamped_runs({.image = hostile_text(), .text = hostile_text()}).analyses, {}, {});
    for (const char* tag : {"<script", "</script", "<img", "<a ", "<style", "<meta"}) {
        EXPECT_EQ(count(bad, tag), count(good, tag)) << tag;
    }
    EXPECT_TRUE(is_valid_utf8(bad));
    EXPECT_EQ(bad.find('\0'), std::string::npos);
    for (const char* format : {"table", "md"}) {
        EXPECT_THAT(written(clamped_runs({.image = hostile_text()}), format), Not(HasSubstr("\x1b"))) << format;
    }
}

TEST(ImageHtml, ThePictureHoldsLinesKneesAndKin) {
    const auto data = data_of(html_page(clamped_runs().analyses, {}, {}));
    ASSERT_EQ(data.size(), 3U);
    EXPECT_EQ(data[0]["kin"], nlohmann::json({2, 1, 0}));
    const auto& image = data[0]["image"];
    EXPECT_EQ(image["clamp"], "--image-max-tokens 256");
    EXPECT_EQ(image["pixels"].size(), image["laws"][0]["y"].size());
    const auto& law = image["laws"][0];
    EXPECT_NEAR(law["predicted"].get<double>(), 0.2007, 0.002);
    EXPECT_LT(law["knee"][1].get<double>(), law["knee"][2].get<double>());
    for (const auto& row : law["tokens"]) {
        const double n = row[0].get<double>();
        EXPECT_NEAR(row[2].get<double>(), kImageFixed + kImagePerToken * n, 0.02 * (kImageFixed + kImagePerToken * n));
    }
    EXPECT_GT(law["pixels"].back()[2].get<double>(), law["pixels"].front()[2].get<double>());
    EXPECT_GT(data[0]["phases"]["rows"][0]["encode"].get<double>(), 0.0);
    EXPECT_FALSE(data_of(html_page(image_run().analyses, {}, {}))[0].contains("kin"));
}

TEST(ImageHtml, TheSceneIsShownAtMostFiveTimesAndThePageStaysSmall) {
    const ImageRuns runs = clamped_runs({.image = "traffic scene 3"});
    const std::string scenes = scene_section(runs.analyses[0], 500'000);
    EXPECT_GE(count(scenes, "<img"), 4U);
    EXPECT_LE(count(scenes, "<img"), 5U);
    EXPECT_THAT(scenes, HasSubstr("given 720x405, seen at about"));
    EXPECT_EQ(scene_section(runs.analyses[0], 1000), "") << "no room, no pictures";
    EXPECT_EQ(scene_section(image_run().analyses[0], 500'000), "") << "a picture of the user's";
    EXPECT_EQ(scene_section(image_run({.image = "traffic scene x"}).analyses[0], 500'000), "");
    EXPECT_LT(html_page(runs.analyses, {}, embedded_assets()).size(), 1'500'000U);
}

TEST(ImageHtml, Base64OfBytes) {
    const std::vector<std::uint8_t> bytes = {0x66, 0x6F, 0x6F, 0xFF};
    EXPECT_EQ(base64_of(bytes), "Zm9v/w==");
    EXPECT_EQ(base64_of({}), "");
}

}  // namespace
}  // namespace landauer::test
