#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/quantise.h"
#include "gguf/summary.h"
#include "gguf/weights.h"
#include "synth_testing.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::make_model;
using ::testing::Not;
using testing::TempFolder;

std::size_t files_in(const TempFolder& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(Quantise, SaysBeforehandWhatItWillWrite) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    for (const char* type : {"Q4_K_M", "Q3_K_M", "Q8_0", "Q4_0", "F32"}) {
        const auto out = folder / (std::string(type) + ".gguf");
        const auto told = quantised_bytes(model, type);
        ASSERT_TRUE(told) << told.error().sentence;
        const auto done = quantise(model, type, out, 2);
        ASSERT_TRUE(done) << done.error().sentence;
        const auto summary = inspect_gguf(out);
        ASSERT_TRUE(summary) << summary.error().sentence;
        EXPECT_EQ(summary->tensor_bytes, *told) << type;
        EXPECT_TRUE(summary->synthetic) << "what the model said of itself is kept";
    }
    EXPECT_EQ(files_in(folder), 6U) << "nothing half-made stays";
}

TEST(Quantise, QuantisesWhatIsQuantised) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "Q8_0").model;
    ASSERT_TRUE(quantise(model, "Q4_0", folder / "again.gguf", 1));
    const auto summary = inspect_gguf(folder / "again.gguf");
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->file_type, "q4_0");
    ASSERT_TRUE(quantise(model, "Q8_0", folder / "again.gguf", 1)) << "an earlier file is replaced";
    EXPECT_EQ(inspect_gguf(folder / "again.gguf")->file_type, "q8_0");
}

TEST(Quantise, FindsTheTypeOfASize) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    for (const char* type : {"Q8_0", "Q6_K", "F16"}) {
        const auto out = folder / (std::string("as-") + type + ".gguf");
        ASSERT_TRUE(quantise(model, type, out, 2));
        const auto found = type_of_size(model, std::filesystem::file_size(out));
        ASSERT_TRUE(found) << found.error().sentence;
        const auto told = quantised_bytes(model, *found);
        ASSERT_TRUE(told);
        EXPECT_EQ(*told, inspect_gguf(out)->tensor_bytes) << *found << " for " << type;
    }
    const auto none = type_of_size(model, 10);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::Absent);
}

TEST(Quantise, NeverTakesATernaryTypeForAControl) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    for (const char* type : {"TQ1_0", "TQ2_0"}) {
        const auto out = folder / (std::string("as-") + type + ".gguf");
        ASSERT_TRUE(quantise(model, type, out, 2));
        const auto found = type_of_size(model, std::filesystem::file_size(out));
        EXPECT_FALSE(found && found->starts_with("TQ")) << *found;
    }
}

TEST(Quantise, PrefersASizeThatIsNotAbove) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    const auto summary = inspect_gguf(model);
    ASSERT_TRUE(summary);
    const std::uint64_t header = summary->file_bytes - summary->tensor_bytes;
    const auto eight = quantised_bytes(model, "Q8_0");
    ASSERT_TRUE(eight);
    const auto below = type_of_size(model, *eight + header + *eight / 50);
    ASSERT_TRUE(below);
    EXPECT_EQ(*below, "Q8_0");
    const auto above = type_of_size(model, *eight + header - *eight / 50);
    ASSERT_TRUE(above) << "nothing else is near";
    EXPECT_EQ(*above, "Q8_0");
}

// Importance on the even columns of every matrix.
std::vector<TensorImportance> even_columns(const GgufSummary& summary) {
    std::vector<TensorImportance> all;
    for (const GgufTensor& tensor : summary.tensors) {
        if (tensor.shape.size() < 2 || !tensor.name.starts_with("blk.")) continue;
        all.push_back({tensor.name, std::vector<float>(static_cast<std::size_t>(tensor.shape.front()))});
        for (std::size_t i = 0; i < all.back().weights.size(); ++i) all.back().weights[i] = i % 2 == 0 ? 1.0F : 1e-3F;
    }
    return all;
}

double error_in(const WeightFile& a, const WeightFile& b, const TensorImportance& importance) {
    const auto left = a.read(importance.tensor);
    const auto right = b.read(importance.tensor);
    EXPECT_TRUE(left && right);
    double sum = 0.0;
    for (std::size_t i = 0; i < left->size(); ++i) {
        const auto difference = static_cast<double>((*left)[i] - (*right)[i]);
        sum += static_cast<double>(importance.weights[i % importance.weights.size()]) * difference * difference;
    }
    return sum;
}

TEST(Quantise, RoundsBetterWhereItMatters) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    const auto source = WeightFile::open(model);
    ASSERT_TRUE(source);
    const auto importance = even_columns(source->summary());
    ASSERT_FALSE(importance.empty());
    ASSERT_TRUE(quantise(model, "Q4_0", folder / "plain.gguf", 1));
    const auto done = quantise(model, "Q4_0", folder / "weighted.gguf", 1, importance);
    ASSERT_TRUE(done) << done.error().sentence;
    const auto plain = WeightFile::open(folder / "plain.gguf");
    const auto weighted = WeightFile::open(folder / "weighted.gguf");
    ASSERT_TRUE(plain && weighted);
    for (const TensorImportance& one : importance) {
        EXPECT_LT(error_in(*source, *weighted, one), 0.95 * error_in(*source, *plain, one)) << one.tensor;
    }
}

TEST(Quantise, TypesThatNeedImportanceCanBeHadWithIt) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    const auto summary = inspect_gguf(model);
    ASSERT_TRUE(summary);
    const auto done = quantise(model, "IQ3_XXS", folder / "o.gguf", 1, even_columns(*summary));
    ASSERT_TRUE(done) << done.error().sentence;
    EXPECT_TRUE(inspect_gguf(folder / "o.gguf"));
}

TEST(Quantise, RefusesImportanceThatIsNone) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    const auto summary = inspect_gguf(model);
    ASSERT_TRUE(summary);
    auto broken = even_columns(*summary);
    broken[1].weights[3] = std::nanf("");
    auto done = quantise(model, "Q4_0", folder / "o.gguf", 1, broken);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(done.error().sentence, HasSubstr(broken[1].tensor));
    auto narrow = even_columns(*summary);
    narrow[0].weights.pop_back();
    done = quantise(model, "Q4_0", folder / "o.gguf", 1, narrow);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().sentence, HasSubstr(narrow[0].tensor));
    EXPECT_FALSE(std::filesystem::exists(folder / "o.gguf"));
}

TEST(Quantise, RefusesBadInput) {
    const TempFolder folder;
    const auto model = make_model(folder, "tiny-llama", "F16").model;
    const auto expect = [](const Result<void>& done, ErrorKind kind, const std::string& says) {
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, kind);
        EXPECT_THAT(done.error().sentence, HasSubstr(says));
        EXPECT_FALSE(done.error().remedy.empty());
    };
    expect(quantise(model, "Q9_X", folder / "o.gguf", 1), ErrorKind::Invalid, "\"Q9_X\"");
    expect(quantise(model, "IQ2_XXS", folder / "o.gguf", 1), ErrorKind::Invalid, "importance matrix");
    expect(quantise(model, "Q8_0", model, 1), ErrorKind::Invalid, "onto itself");
    expect(quantise(model, "Q8_0", folder / "o.gguf", 0), ErrorKind::Invalid, "0 threads");
    expect(quantise(model, "Q8_0", folder / "nowhere/o.gguf", 1), ErrorKind::Invalid, "does not exist");
    expect(quantise(folder.write("t.gguf", "text"), "Q8_0", folder / "o.gguf", 1), ErrorKind::Invalid, "t.gguf");
    EXPECT_FALSE(std::filesystem::exists(folder / "o.gguf"));
    EXPECT_FALSE(std::filesystem::exists(folder / "o.gguf.part"));
    EXPECT_THAT(quantisation_names(), Contains("Q4_K_M"));
    EXPECT_THAT(quantisation_names(), Not(Contains("IQ2_XXS")));
}

}  // namespace
}  // namespace landauer
