#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gguf/summary.h"
#include "gguf_testing.h"

namespace landauer {
namespace {

using testing::content_of;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::write_small_model;

Error error_of(const std::filesystem::path& file) {
    const auto summary = inspect_gguf(file);
    EXPECT_FALSE(summary) << "no error from " << file;
    return summary ? Error{} : summary.error();
}

TEST(Inspect, TellsWhatTheHeaderSays) {
    const TempFolder folder;
    write_small_model(folder / "m.gguf");
    const auto summary = inspect_gguf(folder / "m.gguf");
    ASSERT_TRUE(summary) << summary.error().sentence;
    EXPECT_EQ(summary->architecture, "llama");
    EXPECT_EQ(summary->name, "small \xC3\xA9");
    EXPECT_EQ(summary->version, 3U);
    EXPECT_EQ(summary->context_length, 2048);
    EXPECT_EQ(summary->n_layer, 2);
    EXPECT_EQ(summary->n_embd, 64);
    EXPECT_EQ(summary->n_ff, 96);
    EXPECT_EQ(summary->n_head, 4);
    EXPECT_EQ(summary->n_head_kv, 2);
    EXPECT_EQ(summary->head_dim_k, 16);
    EXPECT_EQ(summary->head_dim_v, 16);
    EXPECT_EQ(summary->n_vocab, 5);
    EXPECT_TRUE(summary->has_chat_template);
    EXPECT_EQ(summary->n_parts, 1);
    EXPECT_EQ(summary->n_params, 64U * 5 + 64 * 64 + 64);
    // q8_0: 34 bytes for 32; q4_0: 18 bytes for 32.
    EXPECT_EQ(summary->tensor_bytes, 64U * 5 / 32 * 34 + 64 * 64 / 32 * 18 + 64 * 4);
    EXPECT_EQ(summary->file_type, "q4_0");
    EXPECT_EQ(summary->file_bytes, std::filesystem::file_size(folder / "m.gguf"));
}

TEST(Inspect, TellsMetadataAsText) {
    const TempFolder folder;
    write_small_model(folder / "m.gguf");
    const auto summary = inspect_gguf(folder / "m.gguf");
    ASSERT_TRUE(summary);
    const auto& metadata = summary->metadata;
    EXPECT_EQ(metadata.at("llama.block_count"), "2");
    EXPECT_EQ(metadata.at("tokenizer.ggml.tokens"), "[5 str]");
    EXPECT_EQ(metadata.at("tokenizer.ggml.token_type"), "[5 i32]");
    EXPECT_EQ(metadata.at("llama.rope.freq_base"), "10000");
    EXPECT_EQ(metadata.at("tokenizer.ggml.add_bos_token"), "true");
    EXPECT_EQ(metadata.at("test.large"), "18446744073709551615");
    EXPECT_EQ(metadata.at("test.negative"), "-3");
    EXPECT_EQ(metadata.at("tokenizer.chat_template"), std::string(200, 't') + "... (300 bytes)");
    EXPECT_EQ(summary->types.at("llama.block_count"), "u32");
    EXPECT_EQ(summary->types.at("test.negative"), "i8");
    EXPECT_EQ(summary->types.at("tokenizer.ggml.tokens"), "arr");
    EXPECT_EQ(summary->lists.at("tokenizer.ggml.token_type"), (std::vector<std::int64_t>{3, 3, 1, 1, 1}));
    EXPECT_EQ(summary->lists.count("tokenizer.ggml.tokens"), 0U);
}

TEST(Inspect, ValuesOfUnexpectedTypesAreNotBelieved) {
    const TempFolder folder;
    testing::GgufBuilder builder;
    builder.text("general.architecture", "llama").number("general.name", 7).text("llama.block_count", "two");
    gguf_set_val_f32(builder.header(), "llama.embedding_length", 64.0F);
    const std::uint32_t heads[] = {4, 8, 2};
    gguf_set_arr_data(builder.header(), "llama.attention.head_count", GGUF_TYPE_UINT32, heads, 3);
    const char* words[] = {"a", "b"};
    gguf_set_arr_str(builder.header(), "llama.context_length", words, 2);
    builder.text("tokenizer.ggml.tokens", "none").number("llama.vocab_size", 9);
    builder.write(folder / "m.gguf");
    const auto summary = inspect_gguf(folder / "m.gguf");
    ASSERT_TRUE(summary) << summary.error().sentence;
    EXPECT_EQ(summary->name, "m");
    EXPECT_EQ(summary->n_layer, 0);
    EXPECT_EQ(summary->n_embd, 0);
    EXPECT_EQ(summary->context_length, 0);
    EXPECT_EQ(summary->n_head, 8) << "the most of any layer";
    EXPECT_EQ(summary->n_vocab, 9);
    EXPECT_EQ(summary->metadata.at("general.name"), "7");
}

TEST(Inspect, ListsTensorsWhereTheyAre) {
    const TempFolder folder;
    write_small_model(folder / "m.gguf");
    const auto summary = inspect_gguf(folder / "m.gguf");
    ASSERT_TRUE(summary);
    ASSERT_EQ(summary->tensors.size(), 3U);
    const auto& q = summary->tensors[1];
    EXPECT_EQ(q.name, "blk.0.attn_q.weight");
    EXPECT_EQ(q.type, "q4_0");
    EXPECT_THAT(q.shape, ::testing::ElementsAre(64, 64));
    EXPECT_EQ(q.bytes, 64U * 64 / 32 * 18);
    const auto& last = summary->tensors[2];
    EXPECT_THAT(last.shape, ::testing::ElementsAre(64));
    // The file ends with its last tensor, but for padding to 32 bytes.
    EXPECT_LT(summary->file_bytes - (last.offset + last.bytes), 32U);
}

TEST(Inspect, MissingEmptyAndFolder) {
    const TempFolder folder;
    EXPECT_THAT(error_of(folder / "none.gguf").sentence, HasSubstr("does not exist"));
    EXPECT_THAT(error_of(folder.write("empty.gguf", "")).sentence, HasSubstr("is empty"));
    EXPECT_THAT(error_of(folder / "").sentence, HasSubstr("is a folder"));
    EXPECT_EQ(error_of(folder / "none.gguf").kind, ErrorKind::Invalid);
}

TEST(Inspect, UnreadableIsDenied) {
    if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
    const TempFolder folder;
    write_small_model(folder / "m.gguf");
    std::filesystem::permissions(folder / "m.gguf", std::filesystem::perms::none);
    EXPECT_EQ(error_of(folder / "m.gguf").kind, ErrorKind::Denied);
}

TEST(Inspect, NamesWhatIsNoGguf) {
    const TempFolder folder;
    const std::string json = "{\"a\":{\"dtype\":\"F32\"}}";
    std::string safetensors(8, '\0');
    safetensors[0] = static_cast<char>(json.size());
    const std::pair<std::string, std::string> cases[] = {
        {"<!DOCTYPE html><html>", "web page"},
        {"PK\x03\x04rest", "zip archive"},
        {safetensors + json, "safetensors"},
        {"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"},
        {"tjgg....", "old GGJT format"},
        {"{\"a\": 1}", "JSON"},
        {std::string(100, '\0'), "zeros"},
        {"\x1F\x8Bxx", "gzip"},
        {"FUGG\x03", "other byte order"},
        {"ab\x01", "begins with \"ab?\""},
        {"\xFF\xFE\xFF\xFE", "begins with \"\xEF\xBF\xBD"},
    };
    for (const auto& [content, wanted] : cases) {
        const Error error = error_of(folder.write("x.gguf", content));
        EXPECT_EQ(error.kind, ErrorKind::Invalid);
        EXPECT_THAT(error.sentence, HasSubstr(wanted));
        EXPECT_THAT(error.sentence, HasSubstr("not a GGUF model"));
        EXPECT_FALSE(error.remedy.empty());
    }
}

TEST(Inspect, TruncatedSaysHowMuchIsMissing) {
    const TempFolder folder;
    write_small_model(folder / "m.gguf");
    const auto whole = inspect_gguf(folder / "m.gguf");
    ASSERT_TRUE(whole);
    const auto& last = whole->tensors.back();
    const std::string content = content_of(folder / "m.gguf");
    const auto needed = last.offset + last.bytes;
    const Error error = error_of(folder.write("cut.gguf", content.substr(0, needed - 1)));
    EXPECT_THAT(error.sentence, HasSubstr("asks for " + std::to_string(needed) + " bytes"));
    EXPECT_THAT(error.sentence, HasSubstr("has " + std::to_string(needed - 1)));
    EXPECT_TRUE(inspect_gguf(folder.write("exact.gguf", content.substr(0, needed))));
}

TEST(Inspect, TruncatedAnywhereIsAnError) {
    const TempFolder folder;
    write_small_model(folder / "m.gguf");
    const auto whole = inspect_gguf(folder / "m.gguf");
    ASSERT_TRUE(whole);
    const std::string content = content_of(folder / "m.gguf");
    const auto data_begin = whole->tensors.front().offset;
    for (std::size_t n = 0; n <= data_begin; ++n) {
        EXPECT_EQ(error_of(folder.write("cut.gguf", content.substr(0, n))).kind, ErrorKind::Invalid) << n;
    }
}

TEST(Inspect, SplitModelNeedsAllItsParts) {
    const TempFolder folder;
    write_small_model(folder / "m-00001-of-00002.gguf", 2, 0);
    EXPECT_THAT(error_of(folder / "m-00001-of-00002.gguf").sentence, HasSubstr("Part 2 of 2"));
    write_small_model(folder / "m-00002-of-00002.gguf", 2, 1);
    const auto summary = inspect_gguf(folder / "m-00001-of-00002.gguf");
    ASSERT_TRUE(summary) << summary.error().sentence;
    EXPECT_EQ(summary->n_parts, 2);
    EXPECT_EQ(summary->n_tensors, 5U);
    EXPECT_EQ(summary->tensors.back().part, 1);
    EXPECT_THAT(error_of(folder / "m-00002-of-00002.gguf").sentence, HasSubstr("part 2 of 2"));
    std::filesystem::rename(folder / "m-00001-of-00002.gguf", folder / "renamed.gguf");
    EXPECT_THAT(error_of(folder / "renamed.gguf").sentence, HasSubstr("does not end in -00001-of-00002.gguf"));
}

}  // namespace
}  // namespace landauer
