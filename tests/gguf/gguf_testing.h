// Small GGUF files made for a test.
#pragma once

#include <gguf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "temp_folder.h"

namespace landauer::testing {

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// A header builder that frees what it took.
class GgufBuilder {
   public:
    GgufBuilder()
        : header_(gguf_init_empty(), gguf_free), tensors_(ggml_init({1U << 20U, nullptr, false}), ggml_free) {}

    gguf_context* header() { return header_.get(); }
    GgufBuilder& text(const std::string& key, const std::string& value) {
        gguf_set_val_str(header(), key.c_str(), value.c_str());
        return *this;
    }
    GgufBuilder& number(const std::string& key, std::uint32_t value) {
        gguf_set_val_u32(header(), key.c_str(), value);
        return *this;
    }
    GgufBuilder& tensor(const std::string& name, ggml_type type, std::int64_t columns, std::int64_t rows) {
        auto* made = ggml_new_tensor_2d(tensors_.get(), type, columns, rows);
        ggml_set_name(made, name.c_str());
        gguf_add_tensor(header(), made);
        return *this;
    }
    void write(const std::filesystem::path& file) { ASSERT_TRUE(gguf_write_to_file(header(), file.c_str(), false)); }

   private:
    std::unique_ptr<gguf_context, void (*)(gguf_context*)> header_;
    std::unique_ptr<ggml_context, void (*)(ggml_context*)> tensors_;
};

// A little "llama" of 2 layers with every kind of value in its header.
inline void write_small_model(const std::filesystem::path& file, std::uint16_t n_parts = 1, std::uint16_t part = 0) {
    GgufBuilder builder;
    builder.text("general.architecture", "llama").text("general.name", "small \xC3\xA9");
    builder.number("llama.context_length", 2048).number("llama.block_count", 2).number("llama.embedding_length", 64);
    builder.number("llama.feed_forward_length", 96).number("llama.attention.head_count", 4);
    builder.number("llama.attention.head_count_kv", 2);
    builder.text("tokenizer.chat_template", std::string(300, 't'));
    const char* tokens[] = {"<s>", "</s>", "one", "two", "three"};
    gguf_set_arr_str(builder.header(), "tokenizer.ggml.tokens", tokens, 5);
    const std::int32_t types[] = {3, 3, 1, 1, 1};
    gguf_set_arr_data(builder.header(), "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types, 5);
    gguf_set_val_f32(builder.header(), "llama.rope.freq_base", 10000.0F);
    gguf_set_val_bool(builder.header(), "tokenizer.ggml.add_bos_token", true);
    gguf_set_val_u64(builder.header(), "test.large", 18446744073709551615ULL);
    gguf_set_val_i8(builder.header(), "test.negative", -3);
    if (n_parts > 1) {
        gguf_set_val_u16(builder.header(), "split.count", n_parts);
        gguf_set_val_u16(builder.header(), "split.no", part);
    }
    const std::string block = "blk." + std::to_string(part) + ".";
    if (part == 0) builder.tensor("token_embd.weight", GGML_TYPE_Q8_0, 64, 5);
    builder.tensor(block + "attn_q.weight", GGML_TYPE_Q4_0, 64, 64);
    builder.tensor(block + "attn_norm.weight", GGML_TYPE_F32, 64, 1);
    builder.write(file);
}

}  // namespace landauer::testing
