#include "analysis/compare/gates.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare_testing.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

ModelComparison duel_result(test::DuelData& duel, double effect) {
    test::Duel plan;
    plan.effect = effect;
    duel = test::make_duel(plan);
    test::add_scores(duel, 80.0, -4.0, 1.0, 3);
    CompareOptions options;
    options.bootstrap = 500;
    return compare_models(duel.contenders(), options).value();
}

std::vector<GateResult> judged(const std::string& text, const ModelComparison& comparison) {
    const std::vector gates = {parse_gate(text).value()};
    return judge(gates, comparison).value();
}

TEST(ParseGate, ReadsMetricSignAndNumber) {
    const Gate wh = parse_gate("wh_per_prompt > +5%").value();
    EXPECT_EQ(wh.metric, "wh");
    EXPECT_TRUE(wh.fails_above);
    EXPECT_TRUE(wh.is_relative);
    EXPECT_DOUBLE_EQ(wh.limit, 0.05);
    const Gate accuracy = parse_gate("accuracy<-2").value();
    EXPECT_EQ(accuracy.metric, "similarity");
    EXPECT_FALSE(accuracy.fails_above);
    EXPECT_DOUBLE_EQ(accuracy.limit, -2.0);
}

TEST(ParseGate, SaysWhatIsWrong) {
    for (const auto& [text, what] :
         {std::pair{"seconds", "no < or >"}, std::pair{"wattage>5%", "no metric \"wattage\""},
          std::pair{"seconds>", "no number"}, std::pair{"seconds>5x", "no number"},
          std::pair{"seconds>nan", "no number"}, std::pair{"seconds>%", "no number"}, std::pair{"", "no < or >"}}) {
        const auto gate = parse_gate(text);
        ASSERT_FALSE(gate) << text;
        EXPECT_EQ(gate.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(gate.error().sentence, HasSubstr(what));
    }
}

TEST(Judge, HoldsTheChangeAgainstTheLimit) {
    test::DuelData duel;
    const ModelComparison slower = duel_result(duel, 1.2);
    const auto far = judged("seconds>+5%", slower);
    ASSERT_EQ(far.size(), 1U);
    EXPECT_TRUE(far[0].failed);
    EXPECT_TRUE(far[0].is_certain);
    EXPECT_NEAR(far[0].change, 0.2, 0.02);
    EXPECT_FALSE(judged("seconds>+40%", slower)[0].failed);
    EXPECT_TRUE(judged("seconds>+40%", slower)[0].is_certain);
    EXPECT_FALSE(judged("seconds<-5%", slower)[0].failed);
    EXPECT_TRUE(judged("accuracy<-2", slower)[0].failed);
    EXPECT_FALSE(judged("accuracy<-6", slower)[0].failed);
    EXPECT_TRUE(judged("accuracy<-2%", slower)[0].failed);
    // In the metric's own unit: 1.2 s a prompt grow by a fifth.
    EXPECT_TRUE(judged("seconds>0.2", slower)[0].failed);
    EXPECT_FALSE(judged("seconds>0.3", slower)[0].failed);
}

TEST(Judge, NearTheLimitIsNotCertain) {
    test::DuelData duel;
    const ModelComparison slower = duel_result(duel, 1.05);
    const double found = judged("seconds>+1%", slower)[0].change;
    EXPECT_FALSE(judged(fmt::format("seconds>{:.4f}%", 100.0 * found + 0.01), slower)[0].is_certain);
    EXPECT_FALSE(judged(fmt::format("seconds>{:.4f}%", 100.0 * found - 0.01), slower)[0].is_certain);
}

TEST(Judge, AFigureThatWasNotComparedIsBadInput) {
    test::DuelData duel;
    const ModelComparison comparison = duel_result(duel, 1.0);
    const std::vector gates = {parse_gate("kl>0.1").value()};
    const auto result = judge(gates, comparison);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(result.error().remedy, HasSubstr("seconds"));
}

TEST(Judge, ControlsAreNotJudged) {
    test::DuelData duel;
    ModelComparison comparison = duel_result(duel, 2.0);
    comparison.contenders[1].is_control = true;
    EXPECT_TRUE(judged("seconds>+5%", comparison).empty());
}

}  // namespace
}  // namespace landauer
