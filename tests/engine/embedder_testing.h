// A BERT of a few kilobytes, whose blocks change nothing: what a text becomes can be said without running it.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "gguf/header.h"
#include "gguf/writer.h"

namespace landauer::testing {

struct TinyBert {
    std::int64_t n_embd = 32;
    std::int64_t n_ctx = 24;
    int pooling = 2;         // cls; -1: the header says nothing
    float embedding = 1.0F;  // scale of the token embeddings
    // Words that it knows: "a" to "h", one token each, between [CLS] and [SEP]; and the full stop.

    void write(const std::filesystem::path& file) const {
        auto header = make_header();
        std::vector<GgufTensorSpec> specs = tensors();
        for (const auto& spec : specs) ASSERT_TRUE(header.add_tensor(spec));
        auto writer = GgufWriter::create(file, header, true);
        ASSERT_TRUE(writer) << writer.error().sentence;
        for (const auto& spec : specs) {
            const std::vector<float> values = content(spec);
            ASSERT_TRUE(writer->write(spec.name, std::as_bytes(std::span(values))));
        }
        ASSERT_TRUE(writer->finish());
    }

   private:
    [[nodiscard]] static std::vector<std::string> words() {
        std::vector<std::string> all = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
        for (char letter = 'a'; letter <= 'h'; ++letter) all.push_back(std::string("\xE2\x96\x81") + letter);
        all.emplace_back("\xE2\x96\x81.");
        return all;
    }

    [[nodiscard]] GgufHeader make_header() const {
        GgufHeader header;
        const auto number = [&](const std::string& key, std::int64_t value) {
            EXPECT_TRUE(header.set(key, static_cast<std::uint32_t>(value)));
        };
        EXPECT_TRUE(header.set("general.architecture", std::string("bert")));
        EXPECT_TRUE(header.set("general.name", std::string("tiny bert")));
        number("bert.context_length", n_ctx);
        number("bert.embedding_length", n_embd);
        number("bert.block_count", 1);
        number("bert.feed_forward_length", n_embd);
        number("bert.attention.head_count", 2);
        EXPECT_TRUE(header.set("bert.attention.layer_norm_epsilon", 1e-12F));
        EXPECT_TRUE(header.set("bert.attention.causal", false));
        if (pooling >= 0) number("bert.pooling_type", pooling);
        EXPECT_TRUE(header.set("tokenizer.ggml.model", std::string("bert")));
        number("tokenizer.ggml.token_type_count", 2);
        EXPECT_TRUE(header.set("tokenizer.ggml.tokens", words()));
        std::vector<std::int32_t> kinds(words().size(), 1);
        for (std::size_t i = 0; i < 5; ++i) kinds[i] = 3;
        EXPECT_TRUE(header.set("tokenizer.ggml.token_type", kinds));
        number("tokenizer.ggml.padding_token_id", 0);
        number("tokenizer.ggml.unknown_token_id", 1);
        number("tokenizer.ggml.bos_token_id", 2);
        number("tokenizer.ggml.cls_token_id", 2);
        number("tokenizer.ggml.seperator_token_id", 3);
        number("tokenizer.ggml.mask_token_id", 4);
        return header;
    }

    [[nodiscard]] std::vector<GgufTensorSpec> tensors() const {
        const auto n_vocab = static_cast<std::int64_t>(words().size());
        std::vector<GgufTensorSpec> specs = {{"token_embd.weight", "f32", {n_embd, n_vocab}},
                                             {"token_types.weight", "f32", {n_embd, 2}},
                                             {"position_embd.weight", "f32", {n_embd, n_ctx}},
                                             {"token_embd_norm.weight", "f32", {n_embd}},
                                             {"token_embd_norm.bias", "f32", {n_embd}}};
        for (const char* part : {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"}) {
            specs.push_back({std::string("blk.0.") + part + ".weight", "f32", {n_embd, n_embd}});
            specs.push_back({std::string("blk.0.") + part + ".bias", "f32", {n_embd}});
        }
        for (const char* part : {"attn_output_norm", "layer_output_norm"}) {
            specs.push_back({std::string("blk.0.") + part + ".weight", "f32", {n_embd}});
            specs.push_back({std::string("blk.0.") + part + ".bias", "f32", {n_embd}});
        }
        return specs;
    }

    // Different embeddings for the tokens, norms of 1, all else 0.
    [[nodiscard]] std::vector<float> content(const GgufTensorSpec& spec) const {
        std::size_t n = 1;
        for (const std::int64_t side : spec.shape) n *= static_cast<std::size_t>(side);
        std::vector<float> values(n, spec.name.ends_with("norm.weight") ? 1.0F : 0.0F);
        if (spec.name != "token_embd.weight") return values;
        std::uint32_t state = 12345;
        for (float& value : values) {
            state = state * 1664525U + 1013904223U;
            value = embedding * (static_cast<float>(state >> 8U) / 8388608.0F - 1.0F);
        }
        return values;
    }
};

}  // namespace landauer::testing
