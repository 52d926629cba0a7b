// A projector that lacks what its family needs is refused by its header, before libmtmd crashes on it or leaves
// a part out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temp_folder.h"
#include "vision/tiny_models.h"

namespace landauer {
namespace {

using testing::tiny_projector;
using testing::TinyProjector;

TinyProjector tiny(std::string_view projector, std::int32_t version = 0) {
    return tiny_projector(*find_family(projector, version));
}

Result<VisionModel> read(const TinyProjector& projector) {
    const testing::TempFolder folder;
    projector.write(folder / "mmproj.gguf");
    return read_vision_model(folder / "mmproj.gguf");
}

// Invalid, one sentence that names the thing, and a remedy.
void expect_refused(const TinyProjector& projector, const std::string& named) {
    const auto vision = read(projector);
    ASSERT_FALSE(vision) << named;
    EXPECT_EQ(vision.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(vision.error().sentence, ::testing::HasSubstr(named));
    EXPECT_FALSE(vision.error().remedy.empty());
}

TEST(Header, TellsWhatTheProjectorDoes) {
    const auto vision = read(tiny("qwen2vl_merger"));
    ASSERT_TRUE(vision) << vision.error().sentence;
    EXPECT_EQ(vision->projector, "qwen2vl_merger");
    EXPECT_EQ(vision->preprocessing, Preprocessing::dynamic);
    EXPECT_EQ(vision->patch_size, 14);
    EXPECT_EQ(vision->merge, 2);
    EXPECT_EQ(vision->min_tokens, 8);
    EXPECT_EQ(vision->max_tokens, 4096);
    EXPECT_EQ(vision->min_px, 6272);
    EXPECT_EQ(vision->max_px, 3211264);
    EXPECT_EQ(vision->n_embd_out, testing::kTinyOutput);
    EXPECT_TRUE(vision->takes_limits);
    EXPECT_GT(vision->tensor_bytes, 0U);
}

TEST(Header, FamiliesOfOtherKinds) {
    const auto smolvlm = read(tiny("idefics3"));
    ASSERT_TRUE(smolvlm);
    EXPECT_EQ(smolvlm->preprocessing, Preprocessing::sliced);
    EXPECT_EQ(smolvlm->longest_edge, 2048);
    const auto llava = read(tiny("mlp"));
    ASSERT_TRUE(llava);
    EXPECT_EQ(llava->preprocessing, Preprocessing::fixed);
    EXPECT_EQ(llava->tokens_per_slice, 576);
    EXPECT_FALSE(llava->takes_limits);
    const auto minicpmv = read(tiny("resampler", 2));
    ASSERT_TRUE(minicpmv);
    EXPECT_EQ(minicpmv->tokens_per_slice, 96);
    EXPECT_EQ(minicpmv->version, 2);
}

TEST(Header, AnUnknownProjectorIsSaidToBeUnknown) {
    TinyProjector projector = tiny("mlp");
    projector.texts["clip.projector_type"] = "deepseek4v";
    const auto vision = read(projector);
    ASSERT_TRUE(vision) << vision.error().sentence;
    EXPECT_EQ(vision->preprocessing, Preprocessing::unknown);
    EXPECT_FALSE(predict_image(*vision, {}, {640, 480}));
    EXPECT_FALSE(predict_knee(*vision, {}, 1.5));
}

TEST(Header, TheVisionKeyNamesAProjectorOfSeveralSenses) {
    TinyProjector projector = tiny("qwen2.5vl_merger");
    projector.texts.erase("clip.projector_type");
    projector.texts["clip.vision.projector_type"] = "qwen2.5o";
    const auto vision = read(projector);
    ASSERT_TRUE(vision) << vision.error().sentence;
    EXPECT_EQ(vision->projector, "qwen2.5vl_merger");
}

// Without any one of the tensors in its row, no family is taken.
TEST(Header, EveryTensorOfEveryFamilyIsMissed) {
    for (const auto& variant : testing::tiny_variants()) {
        if (!read(variant.projector)) ADD_FAILURE() << variant.name;
        for (const auto& [name, shape] : variant.projector.tensors) {
            TinyProjector projector = variant.projector;
            projector.tensors.erase(name);
            SCOPED_TRACE(variant.name);
            expect_refused(projector, name);
        }
    }
}

TEST(Header, EveryNumberThatLibmtmdReadsIsMissed) {
    for (const char* key : {"clip.vision.embedding_length", "clip.vision.attention.head_count",
                            "clip.vision.feed_forward_length", "clip.vision.block_count", "clip.vision.projection_dim",
                            "clip.vision.image_size", "clip.vision.patch_size"}) {
        TinyProjector projector = tiny("qwen2vl_merger");
        projector.numbers.erase(key);
        expect_refused(projector, key);
    }
    TinyProjector windows = tiny("qwen2.5vl_merger");
    windows.numbers.erase("clip.vision.n_wa_pattern");
    expect_refused(windows, "clip.vision.n_wa_pattern");
    TinyProjector limits = tiny("phi4");
    limits.numbers.erase("clip.vision.image_max_pixels");
    expect_refused(limits, "clip.vision.image_max_pixels");
}

TEST(Header, AKeyOfAnotherTypeWouldAbortTheStockReader) {
    TinyProjector projector = tiny("qwen2vl_merger");
    projector.numbers.erase("clip.vision.patch_size");
    projector.signed_numbers["clip.vision.patch_size"] = 14;
    expect_refused(projector, "clip.vision.patch_size as i32");
}

TEST(Header, BlocksMustBeAsManyAsStatedAndAlike) {
    TinyProjector fewer = tiny("qwen2vl_merger");
    fewer.numbers["clip.vision.block_count"] = 1;
    expect_refused(fewer, "has tensors of 2 blocks");
    TinyProjector more = tiny("qwen2vl_merger");
    more.numbers["clip.vision.block_count"] = 3;
    expect_refused(more, "v.blk.2.");
    TinyProjector unlike = tiny("qwen2vl_merger");
    unlike.tensors["v.blk.0.attn_q.bias"] = {testing::kTinyWidth};
    expect_refused(unlike, "v.blk.1.attn_q.bias");
}

TEST(Header, WidthsMustAgree) {
    TinyProjector norm = tiny("qwen2vl_merger");
    norm.tensors["v.post_ln.weight"] = {testing::kTinyWidth + 1};
    expect_refused(norm, "v.post_ln.weight of width 17");
    TinyProjector bias = tiny("qwen2vl_merger");
    bias.tensors["mm.0.bias"] = {testing::kTinyOutput - 1};
    expect_refused(bias, "mm.0.weight");
}

TEST(Header, NumbersThatCannotBe) {
    TinyProjector patch = tiny("qwen2vl_merger");
    patch.numbers["clip.vision.patch_size"] = 0;
    expect_refused(patch, "patch size of 0");
    TinyProjector image = tiny("mlp");
    image.numbers["clip.vision.image_size"] = 0;
    expect_refused(image, "image size of 0");
    TinyProjector limits = tiny("phi4");
    limits.numbers["clip.vision.image_min_pixels"] = 1 << 30;
    expect_refused(limits, "limits images");
    TinyProjector pinpoints = tiny("mlp");
    pinpoints.lists["clip.vision.image_grid_pinpoints"] = {336, 500};
    expect_refused(pinpoints, "image_grid_pinpoints");
    TinyProjector tiles = tiny("internvl");
    tiles.numbers["clip.vision.preproc_min_tiles"] = 9;
    tiles.numbers["clip.vision.preproc_max_tiles"] = 4;
    expect_refused(tiles, "9 to 4 slices");
    TinyProjector version = tiny("resampler", 2);
    version.signed_numbers["clip.minicpmv_version"] = 77;
    expect_refused(version, "version 77");
}

TEST(Header, WhatIsNoVisionProjector) {
    const testing::TempFolder folder;
    testing::write_tiny_vocabulary(folder / "model.gguf", "llama");
    const auto vision = read_vision_model(folder / "model.gguf");
    ASSERT_FALSE(vision);
    EXPECT_THAT(vision.error().sentence, ::testing::HasSubstr("architecture \"llama\""));
    TinyProjector sound = tiny("mlp");
    sound.has_vision = false;
    expect_refused(sound, "no vision encoder");
}

TEST(Header, AProjectorAndItsLanguageModelHaveOneWidth) {
    const auto vision = read(tiny("qwen2vl_merger"));
    ASSERT_TRUE(vision);
    GgufSummary model;
    model.path = "model.gguf";
    model.architecture = "qwen2vl";
    model.n_embd = testing::kTinyOutput;
    EXPECT_TRUE(check_pair(*vision, model));
    model.n_embd = 48;
    const auto other = check_pair(*vision, model);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(other.error().sentence, ::testing::AllOf(::testing::HasSubstr("32"), ::testing::HasSubstr("48")));
    model.architecture = "clip";
    const auto projector = check_pair(*vision, model);
    ASSERT_FALSE(projector);
    EXPECT_THAT(projector.error().sentence, ::testing::HasSubstr("not a language model"));
}

TEST(Header, DeepstackBranchesWidenBothSides) {
    TinyProjector projector = tiny("qwen3vl_merger");
    for (const char* name : {"v.deepstack.0.fc1.weight", "v.deepstack.1.fc1.weight"}) {
        projector.tensors[name] = {testing::kTinyOutput, testing::kTinyOutput};
    }
    const auto vision = read(projector);
    ASSERT_TRUE(vision) << vision.error().sentence;
    EXPECT_EQ(vision->n_embd_out, 3 * testing::kTinyOutput);
    GgufSummary model;
    model.architecture = "qwen3vl";
    model.n_embd = testing::kTinyOutput;
    EXPECT_FALSE(check_pair(*vision, model));
    model.metadata["qwen3vl.n_deepstack_layers"] = "2";
    EXPECT_TRUE(check_pair(*vision, model));
}

}  // namespace
}  // namespace landauer
