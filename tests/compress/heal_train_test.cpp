// Training: the optimiser's known answers, planted damage that healing finds, interruptions, rates that do harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "compress/heal/adam.h"
#include "compress/heal/kept_matrices.h"
#include "compress/heal/train.h"
#include "heal_testing.h"

namespace landauer {
namespace {

using healing::class_of;
using healing::disturb;
using healing::student_of;
using healing::write_pair;
using ::testing::HasSubstr;
using testing::TempFolder;

Parameter parameter_of(std::vector<float> values, ParameterKind kind = ParameterKind::Channel) {
    MatrixF matrix(1, values.size());
    std::ranges::copy(values, matrix.values().begin());
    return {"t", kind, false, std::move(matrix)};
}

// With one gradient all along, Adam's corrected moments are the gradient and its square: each step is the rate.
TEST(HealAdam, StepsByTheRateWhereTheGradientStays) {
    std::vector<Parameter> parameters = {parameter_of({1.0F, -2.0F, 0.5F})};
    AdamState state = empty_adam(parameters);
    Gradients gradients = {MatrixF(1, 3)};
    gradients[0](0, 0) = 1e-5F;
    gradients[0](0, 1) = -3.0F;
    for (std::int64_t step = 0; step < 10; ++step) adam_step(gradients, {0.01F}, 0.5, step, state, parameters);
    EXPECT_NEAR(parameters[0].values(0, 0), 1.0 - 10 * 0.005, 1e-5);
    EXPECT_NEAR(parameters[0].values(0, 1), -2.0 + 10 * 0.005, 1e-5);
    EXPECT_EQ(parameters[0].values(0, 2), 0.5F) << "no gradient, no step";
}

// The second step by hand: moments 0.9 x 0.1 + 0.1 x 3 = 0.39, 0.98 x 0.02 + 0.02 x 9 = 0.1996.
TEST(HealAdam, MomentsAreThoseOfThePaper) {
    std::vector<Parameter> parameters = {parameter_of({0.0F})};
    AdamState state = empty_adam(parameters);
    Gradients gradients = {MatrixF(1, 1)};
    gradients[0](0, 0) = 1.0F;
    adam_step(gradients, {1.0F}, 1.0, 0, state, parameters);
    gradients[0](0, 0) = 3.0F;
    adam_step(gradients, {1.0F}, 1.0, 1, state, parameters);
    const double second = (0.39 / (1.0 - 0.81)) / std::sqrt(0.1996 / (1.0 - 0.9604));
    EXPECT_NEAR(parameters[0].values(0, 0), -1.0 - second, 1e-5);
}

TEST(HealAdam, ScalesStepByTheirMeanSize) {
    EXPECT_NEAR(rate_of(parameter_of({0.02F, -0.04F}, ParameterKind::Scale)), 5e-4 * 0.03, 1e-9);
    EXPECT_NEAR(rate_of(parameter_of({0.02F, -0.04F}, ParameterKind::Weight)), 1e-3 * 0.03, 1e-9);
    EXPECT_NEAR(rate_of(parameter_of({1.0F, 1.0F}, ParameterKind::Gain)), 3e-4, 1e-9);
    EXPECT_NEAR(rate_of(parameter_of({1.0F, 1.0F}, ParameterKind::Channel)), 3e-3, 1e-9);
}

TEST(HealAdam, TheRateGoesUpAndThenDownACosine) {
    EXPECT_EQ(warm_up_steps(50), 5);
    EXPECT_EQ(warm_up_steps(4), 3);
    EXPECT_EQ(warm_up_steps(1000), 10);
    EXPECT_NEAR(scheduled(0, 50), 0.2, 1e-12);
    EXPECT_NEAR(scheduled(5, 50), 1.0, 1e-12);
    EXPECT_NEAR(scheduled(50, 50), 0.3, 1e-12);
    for (std::int64_t step = 6; step <= 50; ++step) EXPECT_LT(scheduled(step, 50), scheduled(step - 1, 50));
}

struct Patient {
    TempFolder folder;
    healing::Class all;
    TrainSettings settings;

    Patient() {
        write_pair({}, "q8_0", folder / "b.gguf", folder / "s.gguf");
        all = class_of(folder / "b.gguf", 24, 32);
        settings.n_steps = 60;
        settings.snapshot = folder / "snapshot.gguf";
        settings.key = "k";
        settings.rate = 6.0;  // so few steps of so small a model need larger ones
    }
    // The base's own codes, whose scales are off by so much.
    [[nodiscard]] Student ill(double by = 0.05) const {
        Student student = student_of(folder / "s.gguf", Trained::Scales, 2);
        disturb(student.parameters(), by, 3);
        return student;
    }
    Result<Training> heal(Student& student, const TrainHooks& hooks = {}) const {
        return train(student, all.teacher, all.windows, settings, hooks);
    }
};

TEST(HealTrain, FindsPlantedDamage) {
    const Patient patient;
    Student student = patient.ill();
    const auto training = patient.heal(student);
    ASSERT_TRUE(training) << training.error().sentence;
    EXPECT_LT(training->after, 0.6 * training->before);
    EXPECT_EQ(training->n_tokens, 60 * 2 * 32);
    EXPECT_EQ(training->curve.front().held_out, training->before);
    EXPECT_EQ(training->curve.back().step, 60);
    double least = training->before;
    for (const CurvePoint& point : training->curve) least = std::min(least, point.held_out);
    EXPECT_EQ(training->after, least);
    Lesson held_out;
    for (std::size_t w = 20; w < 24; ++w) {
        held_out.windows.push_back(&patient.all.windows[w]);
        held_out.streams.push_back(&patient.all.teacher.streams[w]);
    }
    EXPECT_EQ(*student.loss(patient.all.teacher, held_out, nullptr), training->after) << "it has the best parameters";
}

TEST(HealTrain, InterruptedItGoesOnToTheSameResult) {
    const Patient patient;
    Student whole = patient.ill();
    ASSERT_TRUE(patient.heal(whole));
    std::filesystem::remove(patient.settings.snapshot);
    int interruptions = 0;
    for (const int stop_after : {1, 4, 9, 100}) {
        Student cut = patient.ill();
        int asked = 0;
        TrainHooks hooks;
        hooks.abort = [&] { return ++asked > stop_after; };
        const auto done = patient.heal(cut, hooks);
        if (!done) {
            EXPECT_EQ(done.error().kind, ErrorKind::Interrupted);
            ++interruptions;
            continue;
        }
        for (std::size_t p = 0; p < whole.parameters().size(); ++p) {
            const auto a = whole.parameters()[p].values.values();
            const auto b = cut.parameters()[p].values.values();
            ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin())) << whole.parameters()[p].tensor;
        }
    }
    EXPECT_EQ(interruptions, 3);
}

TEST(HealTrain, RatesThatDoHarmAreLowered) {
    Patient patient;
    patient.settings.rate = 100.0;
    Student student = patient.ill();
    const auto training = patient.heal(student);
    ASSERT_TRUE(training) << training.error().sentence;
    EXPECT_GT(training->n_backed_off, 0);
    EXPECT_NEAR(training->rate, 100.0 * std::pow(1.0 / 3.0, training->n_backed_off), 1e-6);
    EXPECT_LT(training->after, training->before);
}

TEST(HealTrain, WhereNothingHelpsItSaysSo) {
    Patient patient;
    patient.settings.rate = 1e6;
    Student student = patient.ill();
    const auto training = patient.heal(student);
    ASSERT_FALSE(training);
    EXPECT_THAT(training.error().sentence, ::testing::AnyOf(HasSubstr("does not help"), HasSubstr("no finite number")));
    EXPECT_FALSE(training.error().remedy.empty());
}

TEST(KeptMatrices, ComeBackAsTheyWereUnderTheirKeyAlone) {
    const TempFolder folder;
    const auto file = folder / "kept.gguf";
    EXPECT_FALSE(kept_matrices(file, "k")) << "no file";
    MatrixF one(2, 3);
    one(1, 2) = 0.1F;
    const MatrixF two(1, 1);
    const std::vector<const MatrixF*> all = {&one, &two};
    ASSERT_TRUE(keep_matrices(file, "k", "words", all));
    const auto kept = kept_matrices(file, "k");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->text, "words");
    ASSERT_EQ(kept->matrices.size(), 2U);
    EXPECT_EQ(kept->matrices[0].rows(), 2U);
    EXPECT_EQ(kept->matrices[0](1, 2), 0.1F);
    EXPECT_FALSE(kept_matrices(file, "another"));
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    EXPECT_FALSE(kept_matrices(file, "k")) << "cut off";
}

}  // namespace
}  // namespace landauer
