// The student's loss and gradients: finite differences on every architecture, the same whatever the threads and tapes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compress/heal/write_healed.h"
#include "heal_slopes.h"
#include "heal_testing.h"

namespace landauer {
namespace {

using healing::class_of;
using healing::disturb;
using healing::expect_slopes;
using healing::shake_updates;
using healing::student_of;
using healing::write_pair;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::TinyModel;

TEST(HealStudent, GradientsAreThoseOfFiniteDifferences) {
    using enum ParameterKind;
    const TempFolder folder;
    for (const TinyModel& model : testing::tiny_variants()) {
        write_pair(model, "q4_1", folder / "b.gguf", folder / "s.gguf");
        const auto all = class_of(folder / "b.gguf", 3, 20);
        Student student = student_of(folder / "s.gguf");
        disturb(student.parameters(), 0.1, 7);
        expect_slopes(student, all, {Gain, Scale, Offset}, model.architecture);
        Student by_channels = student_of(folder / "s.gguf", Trained::Channels);
        disturb(by_channels.parameters(), 0.1, 7);
        expect_slopes(by_channels, all, {Gain, Channel}, model.architecture);
    }
}

TEST(HealStudent, FloatsHaveGradientsWhereTheyAreTrained) {
    using enum ParameterKind;
    const TempFolder folder;
    for (const TinyModel& model : testing::tiny_variants()) {
        write_pair(model, "f16", folder / "b.gguf", folder / "s.gguf");
        const auto all = class_of(folder / "b.gguf", 3, 20);
        Student student = student_of(folder / "s.gguf", Trained::Weights);
        EXPECT_EQ(student.n_trained(), student.n_matrices());
        disturb(student.parameters(), 0.1, 7);
        expect_slopes(student, all, {Gain, Weight}, model.architecture);
        Student updated = student_of(folder / "s.gguf", Trained::LowRank);
        EXPECT_EQ(updated.n_trained(), updated.n_matrices());
        shake_updates(updated.parameters());
        expect_slopes(updated, all, {Gain, UpdateA, UpdateB}, model.architecture);
    }
}

TEST(HealStudent, LargeBlocksHaveGradientsToo) {
    const TempFolder folder;
    TinyModel model;
    model.architecture = "deci";
    model.n_embd = 256;
    model.head_dim = 64;
    model.n_ff = {256, 512};
    for (const std::string type : {"q2_K", "q3_K", "iq4_xs"}) {
        model.weight_type = "f32";
        write_tiny(model, folder / "b.gguf");
        model.weight_type = type;
        write_tiny(model, folder / "s.gguf");
        const auto all = class_of(folder / "b.gguf", 2, 16);
        Student student = student_of(folder / "s.gguf");
        EXPECT_EQ(student.n_trained(), 14U) << type;
        disturb(student.parameters(), 0.1, 7);
        expect_slopes(student, all, {ParameterKind::Scale}, type);
    }
}

TEST(HealStudent, IsTheSameForAnyThreadsAndWithoutTapes) {
    const TempFolder folder;
    write_pair({}, "q5_1", folder / "b.gguf", folder / "s.gguf");
    const auto all = class_of(folder / "b.gguf", 5, 24);
    Gradients one;
    Gradients three;
    Gradients again;
    const auto first = student_of(folder / "s.gguf").loss(all.teacher, all.lesson(), &one);
    const auto second = student_of(folder / "s.gguf", Trained::Scales, 3).loss(all.teacher, all.lesson(), &three);
    const auto third = student_of(folder / "s.gguf", Trained::Scales, 2, 0).loss(all.teacher, all.lesson(), &again);
    ASSERT_TRUE(first && second && third);
    EXPECT_EQ(*first, *second);
    EXPECT_EQ(*first, *third);
    for (std::size_t p = 0; p < one.size(); ++p) {
        for (std::size_t i = 0; i < one[p].values().size(); ++i) {
            ASSERT_EQ(one[p].values()[i], three[p].values()[i]) << p;
            ASSERT_EQ(one[p].values()[i], again[p].values()[i]) << p;
        }
    }
}

TEST(HealStudent, ADivergenceFromOneselfIsNone) {
    const TempFolder folder;
    write_pair({}, "q8_0", folder / "b.gguf", folder / "s.gguf");
    const auto all = class_of(folder / "s.gguf", 2, 24);
    const auto loss = student_of(folder / "s.gguf").loss(all.teacher, all.lesson(), nullptr);
    ASSERT_TRUE(loss);
    EXPECT_NEAR(*loss, 0.0, 1e-6);
}

// Types without scales are left as they are, and norms are trained all the same.
TEST(HealStudent, FloatsAreLeftAlone) {
    const TempFolder folder;
    write_pair({}, "f16", folder / "b.gguf", folder / "s.gguf");
    const Student student = student_of(folder / "s.gguf");
    EXPECT_EQ(student.n_trained(), 0U);
    EXPECT_EQ(student.n_matrices(), 14U);
    EXPECT_EQ(student.parameters().size(), 5U) << "two norms a layer, and the head's";
}

void expect_file_is_student(Trained trained, const std::string& type) {
    const TempFolder folder;
    write_pair({}, type, folder / "b.gguf", folder / "s.gguf");
    const auto all = class_of(folder / "b.gguf", 3, 24);
    Student student = student_of(folder / "s.gguf", trained);
    disturb(student.parameters(), 0.05, 9);
    shake_updates(student.parameters());
    const auto trained_loss = student.loss(all.teacher, all.lesson(), nullptr);
    ASSERT_TRUE(student.settle().has_value());
    const auto settled = student.loss(all.teacher, all.lesson(), nullptr);
    const auto bytes = write_healed(student, folder / "s.gguf", {{"landauer.heal.note", std::string("yes")}},
                                    folder / "h.gguf", {}, {});
    ASSERT_TRUE(bytes) << bytes.error().sentence;
    EXPECT_EQ(std::filesystem::file_size(folder / "h.gguf"), *bytes);
    const auto read = student_of(folder / "h.gguf").loss(all.teacher, all.lesson(), nullptr);
    ASSERT_TRUE(trained_loss && settled && read);
    EXPECT_EQ(*settled, *read) << "settled is what the file holds";
    EXPECT_NEAR(*settled / *trained_loss, 1.0, 0.02) << "halves are nearly what was trained";

    const auto before = WeightFile::open(folder / "s.gguf");
    const auto after = WeightFile::open(folder / "h.gguf");
    ASSERT_TRUE(before && after);
    EXPECT_EQ(before->summary().tensors.size(), after->summary().tensors.size());
    for (const GgufTensor& tensor : before->summary().tensors) {
        EXPECT_EQ(after->find(tensor.name)->type, tensor.type) << tensor.name;
    }
    EXPECT_EQ(*before->read("token_embd.weight"), *after->read("token_embd.weight")) << "no part of the blocks";
    EXPECT_NE(*before->read("blk.0.ffn_norm.weight"), *after->read("blk.0.ffn_norm.weight"));
    EXPECT_NE(*before->read("blk.1.ffn_down.weight"), *after->read("blk.1.ffn_down.weight"));
}

TEST(HealStudent, SettledItIsWhatTheFileHolds) {
    expect_file_is_student(Trained::Scales, "q4_1");
    expect_file_is_student(Trained::Channels, "q4_1");
    for (const char* type : {"f16", "bf16", "f32", "q4_0"}) {
        expect_file_is_student(Trained::Weights, type);
        expect_file_is_student(Trained::LowRank, type);
    }
}

TEST(HealStudent, AScaleThatNoHalfHoldsLeavesNoFile) {
    const TempFolder folder;
    write_pair({}, "q4_0", folder / "b.gguf", folder / "s.gguf");
    Student student = student_of(folder / "s.gguf");
    student.parameters().front().values(0, 0) = 1e7F;
    const auto done = write_healed(student, folder / "s.gguf", {}, folder / "h.gguf", {}, {});
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().sentence, HasSubstr("blk.0.ffn_down.weight"));
    EXPECT_FALSE(std::filesystem::exists(folder / "h.gguf"));
    EXPECT_FALSE(std::filesystem::exists(folder / "h.gguf.part"));
}

}  // namespace
}  // namespace landauer
