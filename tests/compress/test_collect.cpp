#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "collect_testing.h"
#include "compress/collect.h"
#include "grad/head.h"
#include "small_disk.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer {
namespace {

using testing::collect;
using testing::content_of;
using ::testing::HasSubstr;
using testing::random_windows;
using testing::settings_with;
using testing::TempFolder;
using testing::TinyModel;
using testing::Windows;

void add_slowly(const MatrixF& x, MatrixD& sum) {
    if (sum.empty()) sum = MatrixD(x.cols(), x.cols());
    for (std::size_t t = 0; t < x.rows(); ++t) {
        for (std::size_t i = 0; i < x.cols(); ++i) {
            for (std::size_t j = 0; j < x.cols(); ++j) {
                sum(i, j) += static_cast<double>(x(t, i)) * static_cast<double>(x(t, j));
            }
        }
    }
}

// All layers' sums, straight: each window by itself, whole tapes kept.
std::vector<LayerStatistics> collect_slowly(const std::filesystem::path& model, const Windows& windows,
                                            std::uint64_t seed, std::size_t n_gradient_windows) {
    const auto file = WeightFile::open(model);
    const auto shape = decoder_shape(*file);
    const auto head = read_head(*file, *shape);
    std::vector<LayerStatistics> all(shape->n_layer);
    for (std::size_t w = 0; w < windows.size(); ++w) {
        std::vector<BlockTape> tapes(shape->n_layer);
        std::vector<MatrixF> streams = {*read_embeddings(*file, *shape, windows[w])};
        for (std::size_t l = 0; l < shape->n_layer; ++l) {
            const auto weights = read_block(*file, *shape, l);
            streams.emplace_back();
            block_forward(*shape, *weights, l, streams[l], tapes[l], streams[l + 1]);
            if (shape->n_head[l] > 0) {
                add_slowly(tapes[l].attn_in, all[l].attn_in);
                add_slowly(tapes[l].attn_out, all[l].attn_out);
            }
            add_slowly(tapes[l].ffn_in, all[l].ffn_in);
            add_slowly(tapes[l].hidden, all[l].ffn_down);
        }
        if (w >= n_gradient_windows) continue;
        MatrixF d_stream;
        std::vector<std::int32_t> labels;
        own_cross_entropy(*head, streams.back(), {seed, w}, &d_stream, labels);
        for (std::size_t l = shape->n_layer; l-- > 0;) {
            const auto weights = read_block(*file, *shape, l);
            BlockGradients gradients;
            block_backward(*shape, *weights, l, streams[l], tapes[l], d_stream, gradients);
            if (shape->n_head[l] > 0) {
                add_slowly(gradients.o, all[l].grad_o);
                add_slowly(gradients.q, all[l].grad_q);
                add_slowly(gradients.k, all[l].grad_k);
                add_slowly(gradients.v, all[l].grad_v);
            }
            add_slowly(gradients.down, all[l].grad_down);
            add_slowly(gradients.gate, all[l].grad_gate);
            add_slowly(gradients.up, all[l].grad_up);
        }
    }
    return all;
}

void expect_moment(const MatrixD& found, const MatrixD& sum, std::int64_t n_tokens, const std::string& what) {
    ASSERT_EQ(found.rows(), sum.rows()) << what;
    ASSERT_EQ(found.cols(), sum.cols()) << what;
    double largest = 0.0;
    for (std::size_t i = 0; i < sum.rows(); ++i) largest = std::max(largest, sum(i, i) / static_cast<double>(n_tokens));
    for (std::size_t i = 0; i < sum.values().size(); ++i) {
        ASSERT_NEAR(found.values()[i], sum.values()[i] / static_cast<double>(n_tokens), 3e-6 * largest) << what;
    }
}

TEST(Collect, MomentsAreThoseOfTheSlowWay) {
    const TempFolder folder;
    for (TinyModel model : testing::tiny_variants()) {
        testing::write_tiny(model, folder / "m.gguf");
        const Windows windows = random_windows({20, 33, 2, 17, 40}, 11);
        CollectSettings settings = settings_with(2);
        settings.n_gradient_windows = 3;
        const auto info = collect(folder / "m.gguf", windows, settings, folder / "s.gguf");
        ASSERT_TRUE(info) << info.error().sentence;
        EXPECT_EQ(info->n_tokens, 112);
        EXPECT_EQ(info->n_gradient_tokens, 55);
        const auto slow = collect_slowly(folder / "m.gguf", windows, 7, 3);
        const auto file = StatisticsFile::open(folder / "s.gguf");
        ASSERT_TRUE(file) << file.error().sentence;
        for (std::size_t l = 0; l < slow.size(); ++l) {
            const auto found = file->layer(l);
            ASSERT_TRUE(found) << found.error().sentence;
            const std::string what = model.architecture + " layer " + std::to_string(l) + " ";
            expect_moment(found->attn_in, slow[l].attn_in, 112, what + "attn_in");
            expect_moment(found->attn_out, slow[l].attn_out, 112, what + "attn_out");
            expect_moment(found->ffn_in, slow[l].ffn_in, 112, what + "ffn_in");
            expect_moment(found->ffn_down, slow[l].ffn_down, 112, what + "ffn_down");
            expect_moment(found->grad_o, slow[l].grad_o, 55, what + "grad_o");
            expect_moment(found->grad_down, slow[l].grad_down, 55, what + "grad_down");
            expect_moment(found->grad_q, slow[l].grad_q, 55, what + "grad_q");
            expect_moment(found->grad_k, slow[l].grad_k, 55, what + "grad_k");
            expect_moment(found->grad_v, slow[l].grad_v, 55, what + "grad_v");
            expect_moment(found->grad_gate, slow[l].grad_gate, 55, what + "grad_gate");
            expect_moment(found->grad_up, slow[l].grad_up, 55, what + "grad_up");
        }
    }
}

TEST(Collect, BytesDependOnTheSeedAndNotOnTheThreads) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    const Windows windows = random_windows({30, 30, 30, 30, 30, 30, 30}, 3);
    ASSERT_TRUE(collect(folder / "m.gguf", windows, settings_with(1), folder / "1.gguf"));
    const std::string one = content_of(folder / "1.gguf");
    for (const int n_threads : {1, 2, 3, 5}) {
        ASSERT_TRUE(collect(folder / "m.gguf", windows, settings_with(n_threads), folder / "n.gguf"));
        EXPECT_TRUE(content_of(folder / "n.gguf") == one) << n_threads << " threads";
    }
    ASSERT_TRUE(collect(folder / "m.gguf", windows, settings_with(1, 8), folder / "other.gguf"));
    EXPECT_FALSE(content_of(folder / "other.gguf") == one) << "another seed";
}

TEST(Collect, KeepsWhatItWasMadeOf) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    const Windows windows = random_windows({12, 12}, 3);
    CollectSettings settings = settings_with(1, 0xFFFFFFFFFFFFFFFFULL);
    settings.n_text_tokens = 12;
    const auto told = collect(folder / "m.gguf", windows, settings, folder / "s.gguf");
    ASSERT_TRUE(told);
    const auto file = StatisticsFile::open(folder / "s.gguf");
    ASSERT_TRUE(file);
    const StatisticsInfo& info = file->info();
    EXPECT_EQ(info.model_sha256, "abc");
    EXPECT_EQ(info.text_sha256.size(), 64U);
    EXPECT_EQ(info.text_sha256, told->text_sha256);
    EXPECT_EQ(info.n_layer, 2);
    EXPECT_EQ(info.n_tokens, 24);
    EXPECT_EQ(info.n_gradient_tokens, 24);
    EXPECT_EQ(info.n_text_tokens, 12);
    EXPECT_EQ(info.seed, 0xFFFFFFFFFFFFFFFFULL);
    EXPECT_TRUE(info.all_gradients);
    const auto other = collect(folder / "m.gguf", random_windows({12, 12}, 4), settings, folder / "o.gguf");
    EXPECT_NE(other->text_sha256, told->text_sha256);
}

TEST(Collect, LeavesOutWhatWasNotAskedFor) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    const Windows windows = random_windows({25, 25}, 3);
    CollectSettings settings = settings_with(2);
    ASSERT_TRUE(collect(folder / "m.gguf", windows, settings, folder / "all.gguf"));
    settings.all_gradients = false;
    ASSERT_TRUE(collect(folder / "m.gguf", windows, settings, folder / "some.gguf"));
    const auto all = StatisticsFile::open(folder / "all.gguf");
    const auto some = StatisticsFile::open(folder / "some.gguf");
    ASSERT_TRUE(some) << some.error().sentence;
    EXPECT_FALSE(some->info().all_gradients);
    for (std::size_t l = 0; l < 2; ++l) {
        const auto whole = all->layer(l).value();
        const auto part = some->layer(l).value();
        EXPECT_TRUE(std::ranges::equal(whole.grad_down.values(), part.grad_down.values()));
        EXPECT_TRUE(std::ranges::equal(whole.grad_o.values(), part.grad_o.values()));
        EXPECT_TRUE(part.grad_q.empty() && part.grad_k.empty() && part.grad_v.empty());
        EXPECT_TRUE(part.grad_gate.empty() && part.grad_up.empty());
        EXPECT_EQ(whole.attn_influence, part.attn_influence);
        EXPECT_GT(part.ffn_influence, 0.0);
        EXPECT_LT(part.ffn_influence, 2.0);
    }
    EXPECT_FALSE(some->layer(2));
}

TEST(Collect, TellsItsNeedsBeforehand) {
    const TempFolder folder;
    for (const TinyModel& model : testing::tiny_variants()) {
        testing::write_tiny(model, folder / "m.gguf");
        for (const bool all : {true, false}) {
            CollectSettings settings = settings_with(2);
            settings.all_gradients = all;
            const auto needs = collect_needs(folder / "m.gguf", 4, 30, settings);
            ASSERT_TRUE(needs) << needs.error().sentence;
            ASSERT_TRUE(collect(folder / "m.gguf", random_windows({30, 30, 30, 30}, 1), settings, folder / "s.gguf"));
            const auto bytes = std::filesystem::file_size(folder / "s.gguf");
            EXPECT_LE(needs->file_bytes, bytes);
            EXPECT_GE(needs->file_bytes + 8000, bytes) << "all but the header and what aligns the tensors";
            EXPECT_GT(needs->memory_bytes, 100000U);
            EXPECT_GT(needs->flops, 1e6);
        }
    }
    EXPECT_FALSE(collect_needs(folder / "m.gguf", 0, 30, settings_with(1)));
}

TEST(Collect, SaysHowFarItIsAndStops) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    const Windows windows = random_windows({10, 10, 10}, 3);
    std::vector<CollectProgress> seen;
    const auto watch = [&](const CollectProgress& progress) { seen.push_back(progress); };
    ASSERT_TRUE(collect_statistics(folder / "m.gguf", windows, settings_with(1), folder / "s.gguf", {}, watch));
    std::string stage;
    double last = 0.0;
    std::vector<std::string> stages;
    for (const auto& progress : seen) {
        if (progress.stage != stage) {
            stages.push_back(progress.stage);
            last = 0.0;
        }
        stage = progress.stage;
        EXPECT_GE(progress.fraction, last);
        EXPECT_LE(progress.fraction, 1.0);
        last = progress.fraction;
    }
    EXPECT_THAT(stages, ::testing::ElementsAre("forward", "head", "backward"));
    const std::string before = content_of(folder / "s.gguf");
    for (const std::size_t polls : {std::size_t{1}, seen.size() / 3, seen.size() / 2, seen.size() - 1}) {
        std::size_t left = polls;
        const auto stopped = collect_statistics(folder / "m.gguf", windows, settings_with(1, 9), folder / "s.gguf",
                                                [&] { return --left == 0; }, {});
        ASSERT_FALSE(stopped);
        EXPECT_EQ(stopped.error().kind, ErrorKind::Interrupted);
        EXPECT_TRUE(content_of(folder / "s.gguf") == before) << "the file from before is as it was";
        EXPECT_FALSE(std::filesystem::exists(folder / "s.gguf.part"));
    }
}

TEST(Collect, OutlivesADiskThatFillsUp) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    const TempFolder small;
    const testing::SmallDisk disk(small.path(), "400k");
    if (!disk.there()) GTEST_SKIP() << "may not mount a file system here";
    const Windows windows = random_windows({10, 10}, 3);
    ASSERT_TRUE(collect(folder / "m.gguf", windows, settings_with(1), small / "s.gguf"));
    const std::string before = content_of(small / "s.gguf");
    const auto fill = [&](const CollectProgress& progress) {
        if (progress.stage == "head") std::ofstream(small / "filler", std::ios::binary) << std::string(400000, 'x');
    };
    const auto done = collect_statistics(folder / "m.gguf", windows, settings_with(1, 9), small / "s.gguf", {}, fill);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Failed);
    EXPECT_TRUE(content_of(small / "s.gguf") == before) << "the file from before is as it was";
    EXPECT_FALSE(std::filesystem::exists(small / "s.gguf.part"));
    const auto early = collect(folder / "m.gguf", windows, settings_with(1), small / "other.gguf");
    ASSERT_FALSE(early) << "now there is no room from the start";
    EXPECT_THAT(early.error().sentence, HasSubstr("free"));
}

TEST(Collect, RefusesBadInput) {
    const TempFolder folder;
    testing::write_tiny({}, folder / "m.gguf");
    const auto expect = [&](const Windows& windows, const CollectSettings& settings, const std::string& words,
                            const char* model = "m.gguf") {
        const auto done = collect(folder / model, windows, settings, folder / "s.gguf");
        ASSERT_FALSE(done) << words;
        EXPECT_EQ(done.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(done.error().sentence, HasSubstr(words));
        EXPECT_FALSE(done.error().remedy.empty());
        EXPECT_FALSE(std::filesystem::exists(folder / "s.gguf"));
    };
    const Windows good = random_windows({10, 10}, 1);
    expect({}, settings_with(1), "no text");
    expect({{1, 2, 3}, {4}}, settings_with(1), "Window 1");
    expect({{1, 97}}, settings_with(1), "Token 97");
    expect({{1, -1}}, settings_with(1), "Token -1");
    expect(good, settings_with(0), "0 threads");
    CollectSettings none = settings_with(1);
    none.n_gradient_windows = 0;
    expect(good, none, "gradients");
    TinyModel poisoned;
    poisoned.poisoned = "blk.1.ffn_up.weight";
    testing::write_tiny(poisoned, folder / "nan.gguf");
    expect(good, settings_with(1), "blk.1.ffn_up.weight", "nan.gguf");
    TinyModel huge;
    huge.edit = [](GgufHeader& header) { ASSERT_TRUE(header.set("llama.expert_count", std::uint32_t{4})); };
    testing::write_tiny(huge, folder / "moe.gguf");
    expect(good, settings_with(1), "mixture of experts", "moe.gguf");
}

// y^T E[x x^T] y is a mean of squares, whatever y is.
void expect_positive(const MatrixD& moment, std::size_t width, const std::string& what) {
    ASSERT_EQ(moment.rows(), width) << what;
    std::mt19937 random(4);
    std::normal_distribution<double> draw;
    double trace = 0.0;
    for (std::size_t i = 0; i < width; ++i) trace += moment(i, i);
    EXPECT_GT(trace, 0.0) << what;
    for (int trial = 0; trial < 5; ++trial) {
        std::vector<double> y(width);
        for (double& value : y) value = draw(random);
        double square = 0.0;
        for (std::size_t i = 0; i < width; ++i) {
            for (std::size_t j = 0; j < width; ++j) square += y[i] * moment(i, j) * y[j];
        }
        EXPECT_GT(square, -1e-6 * trace) << what;
    }
}

TEST(Collect, RealModelGoesThrough) {
    const char* model = std::getenv("LANDAUER_TEST_MODEL");
    if (model == nullptr) GTEST_SKIP() << "LANDAUER_TEST_MODEL is not set";
    const TempFolder folder;
    const auto done = collect(model, random_windows({40, 25, 40}, 2), settings_with(2), folder / "s.gguf");
    ASSERT_TRUE(done) << done.error().sentence;
    const auto file = StatisticsFile::open(folder / "s.gguf");
    ASSERT_TRUE(file) << file.error().sentence;
    EXPECT_EQ(file->info().n_layer, 30);
    for (const std::size_t layer : {0U, 17U, 29U}) {
        const auto found = file->layer(layer);
        ASSERT_TRUE(found) << found.error().sentence;
        expect_positive(found->attn_in, 576, "attn_in");
        expect_positive(found->attn_out, 576, "attn_out");
        expect_positive(found->ffn_down, 1536, "ffn_down");
        expect_positive(found->grad_down, 576, "grad_down");
        expect_positive(found->grad_v, 192, "grad_v");
        expect_positive(found->grad_up, 1536, "grad_up");
        EXPECT_GT(found->attn_influence, 0.0);
        EXPECT_LT(found->attn_influence, 1.0);
    }
}

}  // namespace
}  // namespace landauer
