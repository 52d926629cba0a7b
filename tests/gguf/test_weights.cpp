#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <thread>

#include "gguf/weights.h"
#include "gguf/writer.h"
#include "gguf_testing.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

struct Written {
    GgufTensorSpec spec;
    std::vector<float> values;
};

std::vector<float> random_values(std::size_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> draw(0.0F, 1.0F);
    std::vector<float> values(n);
    for (float& value : values) value = draw(random);
    return values;
}

Written tensor(const std::string& name, const std::string& type, std::vector<std::int64_t> shape, unsigned seed = 1) {
    std::size_t n = 1;
    for (const std::int64_t size : shape) n *= static_cast<std::size_t>(size);
    return {{name, type, std::move(shape)}, random_values(n, seed)};
}

void write_file(const std::filesystem::path& file, const std::vector<Written>& tensors, int part = 0, int n_parts = 1) {
    GgufHeader header;
    ASSERT_TRUE(header.set("general.architecture", std::string("llama")));
    if (n_parts > 1) {
        ASSERT_TRUE(header.set("split.count", static_cast<std::uint16_t>(n_parts)));
        ASSERT_TRUE(header.set("split.no", static_cast<std::uint16_t>(part)));
    }
    for (const auto& one : tensors) ASSERT_TRUE(header.add_tensor(one.spec));
    auto writer = GgufWriter::create(file, header, true);
    ASSERT_TRUE(writer) << writer.error().sentence;
    for (const auto& one : tensors) {
        const auto columns = static_cast<std::uint64_t>(one.spec.shape[0]);
        std::vector<std::byte> bytes(one.values.size() / columns * row_bytes(one.spec.type, columns));
        if (one.spec.type == "f32") {
            std::memcpy(bytes.data(), one.values.data(), bytes.size());
        } else {
            const auto done = encode_rows(one.spec.type, one.values, columns, {}, bytes);
            ASSERT_TRUE(done) << done.error().sentence;
        }
        ASSERT_TRUE(writer->write(one.spec.name, bytes));
    }
    ASSERT_TRUE(writer->finish());
}

double relative_error(const std::vector<float>& found, const std::vector<float>& wanted) {
    double error = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        error += std::pow(static_cast<double>(found[i]) - static_cast<double>(wanted[i]), 2);
        size += std::pow(static_cast<double>(wanted[i]), 2);
    }
    return std::sqrt(error / size);
}

void expect_error(const Result<void>& result, ErrorKind kind, const std::string& words) {
    ASSERT_FALSE(result) << "no error, but expected: " << words;
    EXPECT_EQ(result.error().kind, kind) << result.error().sentence;
    EXPECT_THAT(result.error().sentence, HasSubstr(words));
    EXPECT_FALSE(result.error().remedy.empty());
}

TEST(Weights, ComeBackAsGoodAsTheirTypeAllows) {
    const std::vector<std::pair<std::string, double>> types = {
        {"f32", 0.0},   {"f16", 4e-4},  {"bf16", 3e-3}, {"q8_0", 8e-3}, {"q6_K", 0.03}, {"q5_0", 0.07},
        {"q4_K", 0.12}, {"q4_1", 0.11}, {"q4_0", 0.14}, {"q3_K", 0.25}, {"q2_K", 0.5},  {"iq4_xs", 0.13}};
    const TempFolder folder;
    for (const auto& [type, most] : types) {
        const Written one = tensor("w", type, {512, 9});
        write_file(folder / "m.gguf", {one});
        const auto file = WeightFile::open(folder / "m.gguf");
        ASSERT_TRUE(file) << file.error().sentence;
        const auto values = file->read("w");
        ASSERT_TRUE(values) << values.error().sentence;
        EXPECT_LE(relative_error(*values, one.values), most) << type;
        if (most > 0.0) {
            EXPECT_GT(relative_error(*values, one.values), most / 10.0) << type;
        }
    }
}

TEST(Weights, PartsAreThoseOfTheWhole) {
    const TempFolder folder;
    write_file(folder / "m.gguf", {tensor("a", "q4_0", {64, 3}), tensor("b", "q8_0", {96, 7000}, 2)});
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    const auto whole = file->read("b");
    ASSERT_TRUE(whole);
    std::mt19937 random(3);
    for (int i = 0; i < 50; ++i) {
        const std::size_t first = random() % 7000;
        const std::size_t n = random() % (7000 - first) + 1;
        std::vector<float> part(n * 96);
        ASSERT_TRUE(file->read("b", first * 96, part));
        EXPECT_EQ(std::memcmp(part.data(), whole->data() + first * 96, part.size() * sizeof(float)), 0);
    }
}

TEST(Weights, RowsComeAsTheyAreStored) {
    const TempFolder folder;
    const Written one = tensor("w", "q4_1", {64, 5});
    write_file(folder / "m.gguf", {tensor("x", "f32", {3}), one});
    std::vector<std::byte> wanted(5 * row_bytes("q4_1", 64));
    ASSERT_TRUE(encode_rows("q4_1", one.values, 64, {}, wanted));
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    std::vector<std::byte> found(2 * row_bytes("q4_1", 64));
    ASSERT_TRUE(file->read_rows("w", 3, 2, found));
    EXPECT_TRUE(std::equal(found.begin(), found.end(),
                           wanted.begin() + 3 * static_cast<std::ptrdiff_t>(row_bytes("q4_1", 64))));
    expect_error(file->read_rows("w", 4, 2, found), ErrorKind::Bug, "whole rows");
    expect_error(file->read_rows("w", 0, 1, found), ErrorKind::Bug, "whole rows");
}

TEST(Weights, OfSplitModelsComeFromTheirPart) {
    const TempFolder folder;
    const Written one = tensor("a", "f32", {8, 4}, 1);
    const Written two = tensor("b", "f32", {16, 4}, 2);
    write_file(folder / "m-00001-of-00002.gguf", {one}, 0, 2);
    write_file(folder / "m-00002-of-00002.gguf", {two}, 1, 2);
    const auto file = WeightFile::open(folder / "m-00001-of-00002.gguf");
    ASSERT_TRUE(file) << file.error().sentence;
    EXPECT_EQ(file->read("a").value(), one.values);
    EXPECT_EQ(file->read("b").value(), two.values);
}

TEST(Weights, MayBeReadByManyAtOnce) {
    const TempFolder folder;
    std::vector<Written> all;
    for (unsigned i = 0; i < 8; ++i) all.push_back(tensor("t" + std::to_string(i), "f32", {64, 50}, i));
    write_file(folder / "m.gguf", all);
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    std::vector<std::thread> readers;
    std::vector<int> good(8, 0);
    for (std::size_t i = 0; i < 8; ++i) {
        readers.emplace_back([&, i] {
            std::vector<float> row(64);
            for (std::size_t round = 0; round < 5000; ++round) {
                const std::size_t first = round % 50 * 64;
                const bool done = file->read(all[i].spec.name, first, row).has_value();
                good[i] += done && std::equal(row.begin(), row.end(), &all[i].values[first]) ? 1 : 0;
            }
        });
    }
    for (auto& reader : readers) reader.join();
    EXPECT_THAT(good, ::testing::Each(5000));
}

TEST(Weights, ThatAreNoNumbersAreNamedWithTheirPlace) {
    const TempFolder folder;
    for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
        Written one = tensor("blk.0.w", "f32", {32, 40});
        one.values[17 * 32 + 5] = bad;
        write_file(folder / "m.gguf", {one});
        const auto file = WeightFile::open(folder / "m.gguf");
        ASSERT_TRUE(file);
        const auto values = file->read("blk.0.w");
        ASSERT_FALSE(values);
        EXPECT_EQ(values.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(values.error().sentence, HasSubstr("blk.0.w"));
        EXPECT_THAT(values.error().sentence, HasSubstr("row 17, column 5"));
        std::vector<float> before(17 * 32);
        EXPECT_TRUE(file->read("blk.0.w", 0, before)) << "rows without it can be read";
    }
}

TEST(Weights, BadRequestsAreRefused) {
    const TempFolder folder;
    write_file(folder / "m.gguf", {tensor("w", "q8_0", {32, 4})});
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    std::vector<float> row(32);
    expect_error(file->read("v", 0, row), ErrorKind::Invalid, "no tensor v");
    expect_error(file->read("w", 16, row), ErrorKind::Bug, "whole rows");
    expect_error(file->read("w", 128, row), ErrorKind::Bug, "whole rows");
    expect_error(file->read("w", 0, std::span(row).first(16)), ErrorKind::Bug, "whole rows");
    EXPECT_EQ(file->find("v"), nullptr);
    EXPECT_EQ(file->find("w")->elements, 128U);
    EXPECT_FALSE(WeightFile::open(folder / "none.gguf"));
    std::filesystem::resize_file(folder / "m.gguf", file->find("w")->offset + 40);
    std::vector<float> whole(128);
    expect_error(file->read("w", 0, whole), ErrorKind::Failed, "shorter");
}

TEST(Weights, IntegersAreNoWeights) {
    const TempFolder folder;
    testing::GgufBuilder builder;
    builder.text("general.architecture", "llama").tensor("ids", GGML_TYPE_I32, 8, 2);
    builder.write(folder / "m.gguf");
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file) << file.error().sentence;
    std::vector<float> row(8);
    expect_error(file->read("ids", 0, row), ErrorKind::Invalid, "i32");
}

TEST(Encoding, RefusesWhatCannotBeWritten) {
    auto values = random_values(512, 1);
    std::vector<std::byte> bytes(2 * row_bytes("q4_0", 256));
    expect_error(encode_rows("q9_9", values, 256, {}, bytes), ErrorKind::Invalid, "q9_9");
    expect_error(encode_rows("i32", values, 256, {}, bytes), ErrorKind::Invalid, "i32");
    expect_error(encode_rows("q8_1", values, 256, {}, bytes), ErrorKind::Invalid, "q8_1");
    expect_error(encode_rows("q4_0", values, 100, {}, bytes), ErrorKind::Invalid, "100 values");
    expect_error(encode_rows("q4_0", values, 256, {}, std::span(bytes).first(9)), ErrorKind::Bug, "size");
    std::vector<std::byte> small(2 * row_bytes("iq2_xxs", 256));
    expect_error(encode_rows("iq2_xxs", values, 256, {}, small), ErrorKind::Invalid, "importance matrix");
    const std::vector<float> negative(256, -1.0F);
    expect_error(encode_rows("q4_0", values, 256, negative, bytes), ErrorKind::Invalid, "negative");
    values[300] = std::nanf("");
    expect_error(encode_rows("q4_0", values, 256, {}, bytes), ErrorKind::Invalid, "not a number");
    EXPECT_EQ(row_bytes("q4_0", 33), 0U);
    EXPECT_EQ(row_bytes("none", 32), 0U);
    EXPECT_EQ(row_bytes("q4_0", 64), 36U);
}

// Columns that matter a thousand times as much come back better.
TEST(Encoding, ImportanceDecidesWhatIsKept) {
    const auto values = random_values(std::size_t{256} * 64, 5);
    std::vector<float> importance(256, 1.0F);
    for (std::size_t i = 0; i < 256; i += 2) importance[i] = 1000.0F;
    const auto error_of_even = [&](std::span<const float> weights) {
        std::vector<std::byte> bytes(64 * row_bytes("q2_K", 256));
        EXPECT_TRUE(encode_rows("q2_K", values, 256, weights, bytes));
        std::vector<float> back(values.size());
        ggml_get_type_traits(GGML_TYPE_Q2_K)
            ->to_float(bytes.data(), back.data(), static_cast<std::int64_t>(back.size()));
        double error = 0.0;
        for (std::size_t i = 0; i < back.size(); i += 2) error += std::pow(static_cast<double>(back[i] - values[i]), 2);
        return error;
    };
    EXPECT_LT(error_of_even(importance), 0.8 * error_of_even({}));
}

}  // namespace
}  // namespace landauer
