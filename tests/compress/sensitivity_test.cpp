// What is shown of a profile: ranks within a share of the storage, a quarter's losses, sizes to the byte.
#include "compress/sensitivity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "compress/planted_model.h"
#include "compress/size_curve.h"
#include "compress/stock_write.h"
#include "platform/sha256.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using namespace planted;
using testing::TempFolder;

CompressSettings settings_for(const std::filesystem::path& model, const std::filesystem::path& statistics) {
    CompressSettings settings;
    settings.model = model;
    settings.statistics = statistics;
    settings.ranks = true;
    return settings;
}

// Statistics that say whose they are, as profile_model() wants them.
Result<Profile> profiled(const TempFolder& folder, const std::string& architecture, bool all_gradients) {
    write_tiny(wide(architecture), folder / "m.gguf");
    CollectSettings collect;
    collect.all_gradients = all_gradients;
    const auto sha256 = sha256_file(folder / "m.gguf", {});
    if (!sha256) return tl::unexpected(sha256.error());
    collect.model_sha256 = *sha256;
    const std::vector<std::vector<std::int32_t>> windows = {some_tokens(40), some_tokens(60)};
    if (auto done = collect_statistics(folder / "m.gguf", windows, collect, folder / "s.gguf", {}, {}); !done) {
        return tl::unexpected(done.error());
    }
    return profile_model(settings_for(folder / "m.gguf", folder / "s.gguf"), {});
}

TEST(Sensitivity, TheRankIsTheHighestThatFits) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 300; ++i) {
        const MatrixSize size{1 + random() % 200, 1 + random() % 200};
        const double share = static_cast<double>(1 + random() % 100) / 100.0;
        const std::size_t rank = rank_within(size, share);
        const double most = share * static_cast<double>(size.rows * size.cols);
        ASSERT_GE(rank, 1U);
        ASSERT_LE(rank, size.full_rank());
        if (rank > 1) {
            EXPECT_LE(static_cast<double>(pivoted_values(size.rows, size.cols, rank)), most);
        }
        if (rank < size.full_rank()) {
            EXPECT_GT(static_cast<double>(pivoted_values(size.rows, size.cols, rank + 1)), most);
        }
    }
}

TEST(Sensitivity, MatricesHaveTheSizesOfTheirTensors) {
    const TempFolder folder;
    TinyModel model = wide("deci");
    model.n_head_kv = {1, 2};
    write_tiny(model, folder / "m.gguf");
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    const auto shape = decoder_shape(*file);
    ASSERT_TRUE(shape);
    for (std::size_t layer = 0; layer < 2; ++layer) {
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const GgufTensor* tensor = file->find(block_tensor(layer, kFactorParts[part]));
            ASSERT_NE(tensor, nullptr);
            const MatrixSize size = matrix_size(*shape, layer, part);
            EXPECT_EQ(size.cols, static_cast<std::size_t>(tensor->shape[0])) << tensor->name;
            EXPECT_EQ(size.rows, static_cast<std::size_t>(tensor->shape[1])) << tensor->name;
        }
    }
}

TEST(Sensitivity, ItIsWhatTheCurvesSay) {
    const TempFolder folder;
    const auto profile = profiled(folder, "llama", true);
    ASSERT_TRUE(profile) << profile.error().sentence;
    EXPECT_FALSE(profile->units.units.empty());
    EXPECT_FALSE(profile->factors.units.empty());
    const auto layers = sensitivity_of(*profile);
    ASSERT_EQ(layers.size(), 2U);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        EXPECT_EQ(layers[layer].neurons, profile->curves[layer].neurons.loss.at(24));
        EXPECT_EQ(layers[layer].n_groups_gone, 1U);
        EXPECT_EQ(layers[layer].groups, profile->curves[layer].groups.loss.at(1));
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const MatrixSize size = matrix_size(profile->shape.decoder, layer, part);
            const std::size_t rank = rank_within(size, kProbedShare);
            EXPECT_EQ(layers[layer].matrices[part], profile->ranks[layer][part].tail.at(rank));
            EXPECT_GT(*layers[layer].matrices[part], 0.0);
        }
    }
}

TEST(Sensitivity, StatisticsOfStockShapesKnowNoRanksAndSayWhy) {
    const TempFolder folder;
    const auto profile = profiled(folder, "llama", false);
    ASSERT_TRUE(profile) << profile.error().sentence;
    EXPECT_TRUE(profile->ranks.empty());
    EXPECT_THAT(profile->caveats, ::testing::Contains(::testing::HasSubstr("ranks are not known")));
    for (const LayerSensitivity& layer : sensitivity_of(*profile)) {
        EXPECT_TRUE(layer.neurons && layer.groups);
        for (const auto& loss : layer.matrices) EXPECT_FALSE(loss);
    }
}

TEST(SizeCurve, BytesAreThoseOfTheFileThatWouldBeWritten) {
    for (const std::string architecture : {"llama", "qwen2", "qwen2vl"}) {
        const TempFolder folder;
        const auto profile = profiled(folder, architecture, false);
        ASSERT_TRUE(profile) << profile.error().sentence;
        const auto source = WeightFile::open(folder / "m.gguf");
        const auto statistics = StatisticsFile::open(folder / "s.gguf");
        ASSERT_TRUE(source && statistics);
        const auto curve = size_curve(*source, *profile, CompressFormat::Stock, 0.1);
        ASSERT_GE(curve.size(), 3U);
        EXPECT_EQ(curve.front().removed, 0.0);
        EXPECT_EQ(curve.front().loss, 0.0);
        EXPECT_EQ(curve.front().file_bytes, source->summary().file_bytes);
        for (std::size_t i = 0; i < curve.size(); ++i) {
            EXPECT_GE(curve[i].removed, 0.1 * static_cast<double>(i) - 1e-9);
            if (i > 0) {
                EXPECT_GE(curve[i].loss, curve[i - 1].loss);
            }
            const auto choice = choose_stock(*profile, 0.1 * static_cast<double>(i));
            ASSERT_TRUE(choice);
            ASSERT_TRUE(write_stock(*source, profile->shape, choice->keep, *statistics, {}, folder / "o.gguf", {}, {}));
            const auto made = WeightFile::open(folder / "o.gguf");
            ASSERT_TRUE(made);
            EXPECT_EQ(kept_bytes(*source, profile->shape, choice->keep), made->summary().tensor_bytes);
        }
    }
}

TEST(SizeCurve, FactorsHaveNoSmallerFile) {
    const TempFolder folder;
    const auto profile = profiled(folder, "llama", true);
    ASSERT_TRUE(profile) << profile.error().sentence;
    const auto source = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(source);
    const auto curve = size_curve(*source, *profile, CompressFormat::Factors, 0.2);
    ASSERT_GE(curve.size(), 3U);
    for (const SizePoint& point : curve) EXPECT_FALSE(point.file_bytes);
}

}  // namespace
}  // namespace landauer
