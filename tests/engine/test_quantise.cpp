#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "engine/quantise.h"
#include "gguf/summary.h"
#include "synth_testing.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::make_model;
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
