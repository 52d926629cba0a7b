// Law cards: round trips, predictions by hand, and files that are not law cards.
#include <gmock/gmock.h>
#include <landauer/law_card.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

LawCard card() {
    LawCard c;
    c.law = "law1";
    c.formula = "y = a + b n_in";
    c.y = "seconds";
    c.y_unit = "s";
    c.terms = {{"intercept", {0.5, {0.4, 0.6}}}, {"n_in", {0.002, {0.0019, 0.0021}}}};
    c.r2 = 0.998;
    c.residual_sd = 1.0 / 3;
    c.loo_mape = 0.02;
    c.aicc = -120.25;
    c.n_trials = 19;
    c.x_min = 15;
    c.x_max = 1500;
    c.covariance = {{0.04, -1e-5}, {-1e-5, 1e-8}};
    c.scope = {{"machine", "A \"fast\" CPU\n"}, {"model", "Modèle"}};
    return c;
}

ErrorKind kind(const std::string& text) {
    const auto result = law_card_from_json(text);
    return result ? ErrorKind::Bug : result.error().kind;
}

TEST(LawCard, RoundTripsBitForBit) {
    const auto read = law_card_from_json(to_json(card()));
    ASSERT_TRUE(read) << read.error().sentence;
    EXPECT_EQ(*read, card());
}

TEST(LawCard, PredictsByHand) {
    const Estimate at = card().predict(1000, 64);
    EXPECT_DOUBLE_EQ(at.value, 2.5);
    // Variance 0.04 - 2 x 1000 x 1e-5 + 1e6 x 1e-8 = 0.03; t for 17 degrees of freedom 2.110.
    EXPECT_NEAR(at.ci95.high - 2.5, 2.1098 * std::sqrt(0.03), 1e-4);
    EXPECT_NEAR(2.5 - at.ci95.low, at.ci95.high - 2.5, 1e-12);
    LawCard four = card();
    four.terms.push_back({"n_out", {0.01, {}}});
    four.terms.push_back({"n_in^2", {1e-6, {}}});
    EXPECT_NEAR(four.predict(1000, 64).value, 2.5 + 0.64 + 1.0, 1e-12);
}

TEST(LawCard, WritesNumbersThatDoNotExistAsNull) {
    LawCard c = card();
    c.aicc = std::numeric_limits<double>::infinity();
    c.loo_mape = std::numeric_limits<double>::quiet_NaN();
    c.terms[0].coefficient.ci95.low = -std::numeric_limits<double>::infinity();
    const std::string text = to_json(c);
    const auto json = nlohmann::json::parse(text);
    EXPECT_TRUE(json["aicc"].is_null());
    const auto read = law_card_from_json(text);
    ASSERT_TRUE(read);
    EXPECT_TRUE(std::isnan(read->aicc));
    EXPECT_EQ(read->terms[1], c.terms[1]);
}

TEST(LawCard, SurvivesScopeThatIsNotUtf8) {
    LawCard c = card();
    c.scope["machine"] = "\xff\xfe";
    EXPECT_TRUE(law_card_from_json(to_json(c)));
}

TEST(LawCard, RefusesNewerVersionsWithASentence) {
    auto json = nlohmann::json::parse(to_json(card()));
    json["version"] = 2;
    const auto read = law_card_from_json(json.dump());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(read.error().sentence, HasSubstr("version 2"));
    EXPECT_THAT(read.error().remedy, HasSubstr("landauer"));
}

TEST(LawCard, IgnoresFieldsItDoesNotKnow) {
    auto json = nlohmann::json::parse(to_json(card()));
    json["note"] = "later";
    const auto read = law_card_from_json(json.dump());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, card());
}

TEST(LawCard, RefusesWhatIsNoLawCard) {
    for (const char* text : {"", "{", "[]", "3", "null", "{}", R"({"version":"1"})", R"({"version":1})"}) {
        EXPECT_EQ(kind(text), ErrorKind::Invalid) << text;
    }
    const auto whole = nlohmann::json::parse(to_json(card()));
    for (const auto& [key, value] : whole.items()) {
        auto without = whole;
        without.erase(key);
        EXPECT_EQ(kind(without.dump()), ErrorKind::Invalid) << key;
        auto wrong = whole;
        wrong[key] = true;
        EXPECT_EQ(kind(wrong.dump()), ErrorKind::Invalid) << key;
    }
    auto json = whole;
    json["terms"][0]["name"] = "n_frobs";
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
    json = whole;
    json["covariance"] = {{1.0}};
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
    json = whole;
    json["terms"] = nlohmann::json::array();
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
    json = whole;
    json["terms"][0]["ci95"] = {1};
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
}

LawCard image_card() {
    LawCard c = card();
    c.law = "law2";
    c.formula = "y = a + b min(x, k) + d min(x, k)^2";
    c.terms = {{"intercept", {1, {0.9, 1.1}}}, {"x", {2e-3, {1.9e-3, 2.1e-3}}}, {"x^2", {1e-6, {0, 2e-6}}}};
    c.covariance = {{0.04, 0, 0, 0}, {0, 1e-8, 0, 0}, {0, 0, 1e-14, 0}, {0, 0, 0, 100}};
    c.x = "nominal_px";
    c.knee = Estimate{1000, {980, 1021}};
    return c;
}

TEST(ImageCard, RoundTripsBitForBit) {
    const auto read = law_card_from_json(to_json(image_card()));
    ASSERT_TRUE(read) << read.error().sentence;
    EXPECT_EQ(*read, image_card());
    LawCard smooth = image_card();
    smooth.knee.reset();
    for (auto& row : smooth.covariance) {
        row.pop_back();
    }
    smooth.covariance.pop_back();
    const auto again = law_card_from_json(to_json(smooth));
    ASSERT_TRUE(again) << again.error().sentence;
    EXPECT_EQ(*again, smooth);
}

TEST(ImageCard, PredictsByHand) {
    const double t = 2.13145;  // 19 trials less 4 parameters
    const Estimate below = image_card().predict_image(500);
    EXPECT_DOUBLE_EQ(below.value, 1 + 1 + 0.25);
    EXPECT_NEAR(below.ci95.high - below.value, t * std::sqrt(0.04 + 25e4 * 1e-8 + 625e8 * 1e-14), 1e-5);
    const Estimate beyond = image_card().predict_image(5000);
    EXPECT_DOUBLE_EQ(beyond.value, 1 + 2 + 1);
    // The knee's error counts beyond it, times the slope there: 2e-3 + 2e-3.
    EXPECT_NEAR(beyond.value - beyond.ci95.low, t * std::sqrt(0.04 + 1e6 * 1e-8 + 1e12 * 1e-14 + 16e-6 * 100), 1e-5);
    EXPECT_EQ(beyond, image_card().predict_image(1e9));
}

TEST(ImageCard, ACardOfTokensPredictsNoImage) { EXPECT_TRUE(std::isnan(card().predict_image(100).value)); }

TEST(ImageCard, TokenCardsAreWrittenWithoutItsFields) {
    const auto json = nlohmann::json::parse(to_json(card()));
    EXPECT_FALSE(json.contains("x"));
    EXPECT_FALSE(json.contains("knee"));
}

TEST(ImageCard, RefusesWhatIsNoImageLaw) {
    const auto whole = nlohmann::json::parse(to_json(image_card()));
    for (const char* key : {"x", "knee", "covariance"}) {
        auto without = whole;
        without.erase(key);
        EXPECT_EQ(kind(without.dump()), ErrorKind::Invalid) << key;
        auto wrong = whole;
        wrong[key] = true;
        EXPECT_EQ(kind(wrong.dump()), ErrorKind::Invalid) << key;
    }
    auto json = whole;
    json["x"] = "furlongs";
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
    json = whole;
    std::swap(json["terms"][0], json["terms"][1]);
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
    json = whole;
    json["knee"] = nullptr;  // the covariance has a row for it
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
    json = whole;
    json["terms"][2]["name"] = "n_in";
    EXPECT_EQ(kind(json.dump()), ErrorKind::Invalid);
}

TEST(LawCard, TruncatedAnywhereIsRefused) {
    const std::string text = to_json(card());
    for (std::size_t n = 0; n < text.size(); n += 7) {
        EXPECT_EQ(kind(text.substr(0, n)), ErrorKind::Invalid);
    }
}

TEST(LawCard, ReadsFilesAndNamesTheOnesItCannot) {
    const testing::TempFolder folder;
    const auto file = folder / "seconds.json";
    std::ofstream(file) << to_json(card());
    const auto read = read_law_card(file);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, card());
    std::ofstream(file) << "no";
    EXPECT_THAT(read_law_card(file).error().sentence, HasSubstr("seconds.json"));
    EXPECT_EQ(read_law_card(folder / "missing.json").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(read_law_card(folder.path()).error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer
