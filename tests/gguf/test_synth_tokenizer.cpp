#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "gguf/synth/tokenizer.h"
#include "gguf/synth/vocab_places.h"
#include "gguf_testing.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

template <class T>
T value(const Tokenizer& tokenizer, const std::string& key) {
    for (const auto& [name, held] : tokenizer.metadata) {
        if (name == "tokenizer." + key) return std::get<T>(held);
    }
    ADD_FAILURE() << "no " << key;
    return {};
}

Tokenizer tokenizer_of(const std::string& shape, const std::filesystem::path& given = {}) {
    auto tokenizer = tokenizer_for(*find_shape(shape), given);
    EXPECT_TRUE(tokenizer) << tokenizer.error().sentence;
    return *tokenizer;
}

using Texts = std::vector<std::string>;
using Types = std::vector<std::int32_t>;

// A file with a tokenizer of n words, the first a control token.
std::filesystem::path vocabulary_file(const TempFolder& folder, std::size_t n) {
    testing::GgufBuilder builder;
    builder.text("general.architecture", "llama").text("tokenizer.ggml.model", "gpt2");
    builder.number("tokenizer.ggml.eos_token_id", 0);
    Texts words(n);
    std::vector<const char*> texts(n);
    std::vector<std::int32_t> types(n, 1);
    for (std::size_t i = 0; i < n; ++i) {
        words[i] = "word" + std::to_string(i);
        texts[i] = words[i].c_str();
    }
    types[0] = 3;
    gguf_set_arr_str(builder.header(), "tokenizer.ggml.tokens", texts.data(), n);
    gguf_set_arr_data(builder.header(), "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), n);
    builder.write(folder / "v.gguf");
    return folder / "v.gguf";
}

TEST(SynthTokenizer, BytesAreSpelledApartAndPaddedToTheTrueSize) {
    const Tokenizer tokenizer = tokenizer_of("smollm2-135m");
    EXPECT_TRUE(tokenizer.is_fallback);
    EXPECT_EQ(tokenizer.name, "byte fallback");
    EXPECT_EQ(tokenizer.n_tokens, 49152);
    const auto tokens = value<Texts>(tokenizer, "ggml.tokens");
    const auto types = value<Types>(tokenizer, "ggml.token_type");
    ASSERT_EQ(tokens.size(), 49152U);
    ASSERT_EQ(types.size(), tokens.size());
    EXPECT_EQ(std::set<std::string>(tokens.begin(), tokens.end()).size(), tokens.size());
    EXPECT_EQ(tokens['A'], "A");
    EXPECT_EQ(tokens[' '], "\xC4\xA0");   // U+0120, as every GPT-2 vocabulary spells a space
    EXPECT_EQ(tokens['\n'], "\xC4\x8A");  // U+010A
    EXPECT_EQ(tokens[0xFF], "\xC3\xBF");
    EXPECT_EQ(tokens[value<std::uint32_t>(tokenizer, "ggml.eos_token_id")], "<|im_end|>");
    EXPECT_EQ(types[value<std::uint32_t>(tokenizer, "ggml.eos_token_id")], 3);
    EXPECT_EQ(tokens.back(), "[PAD49151]");
    EXPECT_EQ(types.back(), 5);
}

TEST(SynthTokenizer, TinyShapesTakeBytesWithoutExcuse) {
    const Tokenizer tokenizer = tokenizer_of("tiny-llama");
    EXPECT_FALSE(tokenizer.is_fallback);
    EXPECT_EQ(tokenizer.n_tokens % 64, 0);
    EXPECT_LT(tokenizer.n_tokens, 1000);
}

TEST(SynthTokenizer, PublishedQwen2GetsItsVisionTokens) {
    if (!find_vocabulary("qwen2")) GTEST_SKIP() << "llama.cpp's vocabularies are not here";
    const Tokenizer tokenizer = tokenizer_of("qwen2-vl-2b");
    EXPECT_FALSE(tokenizer.is_fallback);
    EXPECT_EQ(tokenizer.n_tokens, 151936);
    const auto tokens = value<Texts>(tokenizer, "ggml.tokens");
    const auto types = value<Types>(tokenizer, "ggml.token_type");
    EXPECT_EQ(tokens[151646], "<|object_ref_start|>");
    EXPECT_EQ(tokens[151652], "<|vision_start|>");
    EXPECT_EQ(tokens[151655], "<|image_pad|>");
    EXPECT_EQ(tokens[151656], "<|video_pad|>");
    for (std::size_t id = 151643; id <= 151656; ++id) EXPECT_EQ(types[id], 3) << id;
    EXPECT_EQ(tokens[151657], "[PAD151657]");
    EXPECT_EQ(types[151657], 5);
    EXPECT_EQ(value<std::uint32_t>(tokenizer, "ggml.eos_token_id"), 151645U);
}

TEST(SynthTokenizer, PublishedLlama3EndsAsInstructModelsDo) {
    if (!find_vocabulary("llama-bpe")) GTEST_SKIP() << "llama.cpp's vocabularies are not here";
    const Tokenizer tokenizer = tokenizer_of("llama-3.2-1b");
    EXPECT_EQ(tokenizer.name, "llama-bpe");
    EXPECT_EQ(value<std::uint32_t>(tokenizer, "ggml.bos_token_id"), 128000U);
    EXPECT_EQ(value<std::uint32_t>(tokenizer, "ggml.eos_token_id"), 128009U);
    EXPECT_EQ(value<Texts>(tokenizer, "ggml.tokens")[128008], "<|eom_id|>");
    EXPECT_EQ(value<Texts>(tokenizer, "ggml.merges").size(), 280147U);
    EXPECT_THAT(value<std::string>(tokenizer, "chat_template"), HasSubstr("<|start_header_id|>"));
}

TEST(SynthTokenizer, AGivenOneIsKeptAndPadded) {
    const TempFolder folder;
    const Tokenizer tokenizer = tokenizer_of("smollm2-135m", vocabulary_file(folder, 10));
    EXPECT_EQ(tokenizer.name, "v.gguf");
    EXPECT_EQ(tokenizer.n_tokens, 49152);
    EXPECT_EQ(value<Texts>(tokenizer, "ggml.tokens")[9], "word9");
    EXPECT_EQ(value<Texts>(tokenizer, "ggml.tokens")[10], "[PAD10]");
    EXPECT_EQ(value<std::uint32_t>(tokenizer, "ggml.eos_token_id"), 0U);
    EXPECT_EQ(tokenizer_of("tiny-llama", folder / "v.gguf").n_tokens, 64);
}

TEST(SynthTokenizer, TheNamedFolderComesFirst) {
    const TempFolder folder;
    std::filesystem::rename(vocabulary_file(folder, 10), folder / "ggml-vocab-llama-bpe.gguf");
    ASSERT_EQ(setenv("LANDAUER_VOCAB_DIR", folder.path().c_str(), 1), 0);
    const Tokenizer tokenizer = tokenizer_of("llama-3.2-1b");
    unsetenv("LANDAUER_VOCAB_DIR");
    EXPECT_FALSE(tokenizer.is_fallback);
    EXPECT_EQ(tokenizer.n_tokens, 128256);
    EXPECT_EQ(value<Texts>(tokenizer, "ggml.tokens")[9], "word9");
}

TEST(SynthTokenizer, AVisionModelsMarkersAreAdded) {
    const TempFolder folder;
    const Tokenizer tokenizer = tokenizer_of("smolvlm-256m", vocabulary_file(folder, 49152));
    const auto tokens = value<Texts>(tokenizer, "ggml.tokens");
    EXPECT_EQ(tokens.size(), 49280U);
    for (const char* marker : {"<fake_token_around_image>", "<global-img>", "<row_1_col_1>", "<row_6_col_6>"}) {
        EXPECT_THAT(tokens, ::testing::Contains(marker));
    }
}

TEST(SynthTokenizer, WhatDoesNotFitIsRefused) {
    const TempFolder folder;
    auto refused = tokenizer_for(*find_shape("smollm2-135m"), vocabulary_file(folder, 49153));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(refused.error().sentence, HasSubstr("49153 tokens"));
    testing::GgufBuilder().text("general.architecture", "llama").write(folder / "none.gguf");
    refused = tokenizer_for(*find_shape("smollm2-135m"), folder / "none.gguf");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(refused.error().sentence, HasSubstr("has no tokenizer"));
    refused = tokenizer_for(*find_shape("smollm2-135m"), folder.write("x.gguf", "hello"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer
