// Healing of matrices that are stored as factors: gradients through W = P [R ; T R], and the file that comes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compress/factor_write.h"
#include "compress/heal/encode_floats.h"
#include "compress/heal/leverage.h"
#include "compress/heal/train.h"
#include "compress/heal/write_healed.h"
#include "compress/planted_model.h"
#include "compress/stock_shape.h"
#include "engine/factor_testing.h"
#include "heal_slopes.h"
#include "heal_testing.h"

namespace landauer {
namespace {

using healing::class_of;
using healing::disturb;
using healing::expect_slopes;
using healing::fitting;
using healing::shake_updates;
using healing::student_of;
using testing::factorise;
using testing::Factorising;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::TinyModel;

// A model with the keys of its second layer whole: b.gguf is another one, f.gguf as factors, d.gguf multiplied out.
void write_factored(TinyModel model, const std::string& type, const TempFolder& folder) {
    model = fitting(std::move(model));
    write_tiny(model, folder / "m.gguf");
    model.seed = 2;
    write_tiny(model, folder / "b.gguf");
    Factorising how;
    how.type = type;
    how.whole = [](const std::string& tensor) { return tensor == "blk.1.attn_k.weight"; };
    factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
}

TinyModel with_biases() {
    TinyModel model;
    model.architecture = "qwen2";
    model.biases = true;
    return model;
}

TEST(HealFactors, GradientsAreThoseOfFiniteDifferences) {
    using enum ParameterKind;
    for (const TinyModel& model : {TinyModel{}, with_biases()}) {
        const TempFolder folder;
        write_factored(model, "q4_1", folder);
        const auto all = class_of(folder / "b.gguf", 3, 20);
        Student student = student_of(folder / "f.gguf");
        disturb(student.parameters(), 0.1, 7);
        expect_slopes(student, all, {Gain, Scale, Offset}, model.architecture);
        Student by_channels = student_of(folder / "f.gguf", Trained::Channels);
        disturb(by_channels.parameters(), 0.1, 7);
        expect_slopes(by_channels, all, {Gain, Channel}, model.architecture);
    }
}

TEST(HealFactors, FactorsOfFloatsHaveGradientsWhereTheyAreTrained) {
    using enum ParameterKind;
    const TempFolder folder;
    write_factored({}, "f16", folder);
    const auto all = class_of(folder / "b.gguf", 3, 20);
    Student student = student_of(folder / "f.gguf", Trained::Weights);
    disturb(student.parameters(), 0.1, 7);
    expect_slopes(student, all, {Gain, Weight}, "weights");
    Student updated = student_of(folder / "f.gguf", Trained::LowRank);
    shake_updates(updated.parameters());
    expect_slopes(updated, all, {Gain, UpdateA, UpdateB}, "low rank");
}

// Each factor by itself, so that neither hides behind the other.
TEST(HealFactors, BothFactorsHaveTheirOwnGradients) {
    const TempFolder folder;
    write_factored({}, "q8_0", folder);
    const auto all = class_of(folder / "b.gguf", 3, 20);
    for (const char* factor : {"factor_r", "factor_t"}) {
        Student student = student_of(folder / "f.gguf");
        disturb(student.parameters(), 0.1, 7);
        Gradients gradients;
        ASSERT_TRUE(student.loss(all.teacher, all.lesson(), &gradients));
        auto direction = healing::direction_of(student, ParameterKind::Scale, 3);
        for (std::size_t p = 0; p < direction.size(); ++p) {
            const bool moves = student.parameters()[p].tensor.ends_with(factor);
            if (!moves) std::ranges::fill(direction[p].values(), 0.0F);
        }
        const double wanted = healing::slope_along(student, all, direction);
        EXPECT_GT(std::fabs(wanted), 5e-3) << factor;
        EXPECT_NEAR(healing::dot(gradients, direction), wanted, 0.01 * std::fabs(wanted) + 1.5e-3) << factor;
    }
}

MatrixF matrix_of(std::size_t rows, std::size_t columns, const std::vector<float>& values) {
    MatrixF matrix(rows, columns);
    std::ranges::copy(values, matrix.values().begin());
    return matrix;
}

// R's rows (1 0) and (1 1), T = (1 -1): W is both and (0 -1). Two halves of 1 + 2 + 1 come of nothing but cancelling.
TEST(HealFactors, WhatCancelsOutMovesAMatrixFurther) {
    const Leverages own = leverages_of(matrix_of(2, 2, {1, 0, 1, 1}), matrix_of(1, 2, {1, -1}));
    EXPECT_NEAR(own.r, std::sqrt((1.0 + 2.0 + 1.0 + 2.0) / 4.0), 1e-6);
    EXPECT_NEAR(own.t, std::sqrt((1.0 + 2.0) / 4.0), 1e-6);
    const Leverages orthogonal = leverages_of(matrix_of(2, 2, {3, 0, 0, 2}), matrix_of(1, 2, {5, -7}));
    EXPECT_NEAR(orthogonal.r, 1.0, 1e-6);
    EXPECT_LT(orthogonal.t, 1.0);
    const Leverages none = leverages_of(matrix_of(2, 2, {1, 0, 1, 1}), MatrixF(1, 2));
    EXPECT_EQ(none.r, 1.0);
    EXPECT_EQ(none.t, 1.0) << "no rate without an end";
}

TEST(HealFactors, TheFurtherAMatrixMovesTheSmallerTheSteps) {
    const TempFolder folder;
    write_factored({}, "q8_0", folder);
    const Student student = student_of(folder / "f.gguf");
    double of_r = 0.0;
    for (const Parameter& parameter : student.parameters()) {
        if (parameter.tensor.ends_with("factor_r")) of_r = parameter.leverage;
        const bool is_t = parameter.tensor.ends_with("factor_t");
        EXPECT_TRUE(!is_t || parameter.leverage < of_r) << parameter.tensor << " has no pivots of its own";
        const bool factor = parameter.tensor.find("factor_") != std::string::npos;
        EXPECT_EQ(parameter.leverage != 1.0, factor) << parameter.tensor;
        Parameter alone = parameter;
        alone.leverage = 1.0;
        EXPECT_NEAR(rate_of(alone) / rate_of(parameter), parameter.leverage, 1e-4 * parameter.leverage);
    }
}

TEST(HealFactors, TwoFactorsAreOneMatrix) {
    const TempFolder folder;
    write_factored({}, "q8_0", folder);
    const Student student = student_of(folder / "f.gguf");
    EXPECT_EQ(student.n_matrices(), 14U);
    EXPECT_EQ(student.n_trained(), 13U) << "the whole one is of floats";
    EXPECT_EQ(student.parameters().size(), 2 * 13U + 5U) << "two norms a layer, and the head's";
    EXPECT_EQ(student_of(folder / "f.gguf", Trained::Weights).n_trained(), 14U);
}

// As the decoder has them, as the student has them, and as a dense file has them.
TEST(HealFactors, TheyAreWhatTheirProductIs) {
    const TempFolder folder;
    write_factored(with_biases(), "q8_0", folder);
    const auto all = class_of(folder / "b.gguf", 3, 24);
    const auto factors = student_of(folder / "f.gguf").loss(all.teacher, all.lesson(), nullptr);
    const auto product = student_of(folder / "d.gguf").loss(all.teacher, all.lesson(), nullptr);
    ASSERT_TRUE(factors && product);
    EXPECT_NEAR(*factors / *product, 1.0, 1e-4);
    const auto of_factors = class_of(folder / "f.gguf", 3, 24);
    const auto from_oneself = student_of(folder / "d.gguf").loss(of_factors.teacher, of_factors.lesson(), nullptr);
    ASSERT_TRUE(from_oneself);
    EXPECT_NEAR(*from_oneself, 0.0, 1e-6) << "a base may be factors too";
}

TEST(HealFactors, IsTheSameForAnyThreads) {
    const TempFolder folder;
    TinyModel model = fitting({});
    model.n_ff = {320, 320};  // more rows than one piece of them
    write_tiny(model, folder / "m.gguf");
    Factorising how;
    how.type = "q8_0";
    factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
    const auto all = class_of(folder / "m.gguf", 3, 24);
    Gradients one;
    Gradients three;
    const auto first = student_of(folder / "f.gguf").loss(all.teacher, all.lesson(), &one);
    const auto second = student_of(folder / "f.gguf", Trained::Scales, 3, 0).loss(all.teacher, all.lesson(), &three);
    const auto product = student_of(folder / "d.gguf").loss(all.teacher, all.lesson(), nullptr);
    ASSERT_TRUE(first && second && product);
    EXPECT_EQ(*first, *second);
    EXPECT_NEAR(*first / *product, 1.0, 1e-4);
    for (std::size_t p = 0; p < one.size(); ++p) {
        for (std::size_t i = 0; i < one[p].values().size(); ++i) {
            ASSERT_EQ(one[p].values()[i], three[p].values()[i]) << p;
        }
    }
}

std::vector<std::byte> bytes_of(const WeightFile& file, const std::string& name) {
    const GgufTensor& tensor = *file.find(name);
    std::vector<std::byte> bytes(tensor.bytes);
    const auto rows = tensor.elements / static_cast<std::uint64_t>(tensor.shape.front());
    EXPECT_TRUE(file.read_rows(name, 0, rows, bytes));
    return bytes;
}

void expect_file_is_student(Trained trained, const std::string& type) {
    const TempFolder folder;
    write_factored({}, type, folder);
    const auto all = class_of(folder / "b.gguf", 3, 24);
    Student student = student_of(folder / "f.gguf", trained);
    disturb(student.parameters(), 0.05, 9);
    shake_updates(student.parameters());
    ASSERT_TRUE(student.settle().has_value());
    const auto settled = student.loss(all.teacher, all.lesson(), nullptr);
    const auto bytes = write_healed(student, folder / "f.gguf", {}, folder / "h.gguf", {}, {});
    ASSERT_TRUE(bytes) << bytes.error().sentence;
    EXPECT_EQ(std::filesystem::file_size(folder / "h.gguf"), *bytes);
    const auto read = student_of(folder / "h.gguf").loss(all.teacher, all.lesson(), nullptr);
    ASSERT_TRUE(settled && read);
    EXPECT_EQ(*settled, *read) << "settled is what the file holds";

    const auto before = WeightFile::open(folder / "f.gguf");
    const auto after = WeightFile::open(folder / "h.gguf");
    ASSERT_TRUE(before && after);
    ASSERT_EQ(before->summary().tensors.size(), after->summary().tensors.size());
    EXPECT_EQ(factor_matrices(after->summary())->size(), 13U);
    for (const GgufTensor& tensor : before->summary().tensors) {
        ASSERT_NE(after->find(tensor.name), nullptr) << tensor.name;
        EXPECT_EQ(after->find(tensor.name)->type, tensor.type) << tensor.name;
        const bool stays = tensor.name.ends_with("factor_pivots") || tensor.name == "token_embd.weight";
        const bool factor = tensor.name.find("factor_r") != std::string::npos || tensor.name.ends_with("factor_t");
        const bool same = bytes_of(*before, tensor.name) == bytes_of(*after, tensor.name);
        EXPECT_TRUE(same || !stays) << tensor.name;
        EXPECT_FALSE(same && factor) << tensor.name;
    }
}

TEST(HealFactors, SettledTheyAreWhatTheFileHolds) {
    expect_file_is_student(Trained::Scales, "q4_1");
    expect_file_is_student(Trained::Channels, "q8_0");
    expect_file_is_student(Trained::Weights, "f16");
    expect_file_is_student(Trained::LowRank, "bf16");
}

// Floats that went through healing without learning anything are encoded to what they would have been encoded to at
// once.
TEST(HealFactors, FloatsAreEncodedAsIfTheyHadNeverBeen) {
    const TempFolder folder;
    write_tiny(planted::wide("llama"), folder / "m.gguf");
    const auto bench = planted::bench_of(folder / "m.gguf", folder / "s.gguf", true);
    ASSERT_TRUE(bench) << bench.error().sentence;
    std::vector<LayerFactors> layers;
    for (const LayerKeep& keep : planted::everything(bench->shape))
        layers.push_back({keep, {32, 0, 8, 32, 32, 32, 24}});
    const auto write = [&](const char* type, const char* name) {
        const auto done =
            write_factors(bench->file, bench->shape, layers, bench->statistics, {}, type, folder / name, {}, {});
        EXPECT_TRUE(done) << done.error().sentence;
    };
    write("f32", "f.gguf");
    write("q8_0", "q.gguf");
    Student student = student_of(folder / "f.gguf", Trained::Weights);
    ASSERT_TRUE(student.settle().has_value());
    ASSERT_TRUE(write_healed(student, folder / "f.gguf", {{"landauer.heal.steps", std::int64_t{3}}}, folder / "h.gguf",
                             {}, {}));
    const auto bytes =
        encode_floats(*WeightFile::open(folder / "h.gguf"), bench->statistics, "q8_0", folder / "e.gguf", {});
    ASSERT_TRUE(bytes) << bytes.error().sentence;
    EXPECT_EQ(std::filesystem::file_size(folder / "e.gguf"), *bytes);
    const auto wanted = WeightFile::open(folder / "q.gguf");
    const auto encoded = WeightFile::open(folder / "e.gguf");
    ASSERT_TRUE(wanted && encoded);
    ASSERT_EQ(encoded->summary().tensors.size(), wanted->summary().tensors.size());
    EXPECT_EQ(encoded->find("blk.0.attn_q.factor_t")->type, "q8_0");
    for (const GgufTensor& tensor : wanted->summary().tensors) {
        ASSERT_NE(encoded->find(tensor.name), nullptr) << tensor.name;
        EXPECT_EQ(encoded->find(tensor.name)->type, tensor.type) << tensor.name;
        EXPECT_EQ(bytes_of(*encoded, tensor.name), bytes_of(*wanted, tensor.name)) << tensor.name;
    }
    EXPECT_EQ(encoded->summary().metadata, wanted->summary().metadata) << "nothing is said of a healing";
}

TEST(HealFactors, TrainingFindsPlantedDamage) {
    const TempFolder folder;
    write_factored({}, "q8_0", folder);
    const auto all = class_of(folder / "d.gguf", 24, 32);
    Student student = student_of(folder / "f.gguf", Trained::Scales, 2);
    disturb(student.parameters(), 0.05, 3);
    TrainSettings settings;
    settings.n_steps = 60;
    settings.rate = 20.0;  // so few steps of so small a model need larger ones
    const auto training = train(student, all.teacher, all.windows, settings, {});
    ASSERT_TRUE(training) << training.error().sentence;
    EXPECT_LT(training->after, 0.6 * training->before);
}

TEST(HealFactors, AreNotMadeSmaller) {
    const TempFolder folder;
    write_factored({}, "q8_0", folder);
    const auto shape = stock_shape(*WeightFile::open(folder / "f.gguf"), parameter_price());
    ASSERT_FALSE(shape);
    EXPECT_EQ(shape.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(shape.error().sentence, HasSubstr("as factors"));
    EXPECT_THAT(shape.error().remedy, HasSubstr("made of"));
}

}  // namespace
}  // namespace landauer
