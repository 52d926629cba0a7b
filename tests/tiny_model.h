// A decoder of any architecture and a few thousand random weights, as a GGUF file that llama.cpp loads.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "gguf/header.h"
#include "gguf/weights.h"
#include "gguf/writer.h"

namespace landauer::testing {

struct TinyModel {
    std::string architecture = "llama";
    std::int64_t n_embd = 48;
    std::int64_t n_vocab = 97;
    std::int64_t head_dim = 12;
    std::vector<std::int64_t> n_head = {4, 4};
    std::vector<std::int64_t> n_head_kv = {2, 2};
    std::vector<std::int64_t> n_ff = {80, 80};
    bool tied = true;
    bool biases = false;
    bool output_bias = false;  // of the attention's output
    bool rope_factors = false;
    double rope_scaling = 0.0;  // 0: not stated
    float rms_eps = 1e-5F;
    unsigned seed = 1;
    // Called before the file is made: more metadata, other metadata.
    std::function<void(GgufHeader&)> edit;
    std::vector<GgufTensorSpec> more_tensors;
    std::string without;              // a tensor that is left out
    std::string poisoned;             // a tensor whose value at [1] is NaN
    std::string weight_type = "f32";  // of matrices

    [[nodiscard]] bool is_even() const { return architecture != "deci"; }
};

namespace tiny {

inline std::vector<GgufTensorSpec> tensors_of(const TinyModel& model) {
    std::vector<GgufTensorSpec> all;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
        const bool is_matrix = shape.size() > 1;
        if (name != model.without) all.push_back({name, is_matrix ? model.weight_type : "f32", std::move(shape)});
    };
    add("token_embd.weight", {model.n_embd, model.n_vocab});
    add("output_norm.weight", {model.n_embd});
    if (!model.tied) add("output.weight", {model.n_embd, model.n_vocab});
    if (model.rope_factors) add("rope_freqs.weight", {model.head_dim / 2});
    for (std::size_t layer = 0; layer < model.n_head.size(); ++layer) {
        const std::string prefix = "blk." + std::to_string(layer) + ".";
        const std::int64_t q = model.n_head[layer] * model.head_dim;
        const std::int64_t kv = model.n_head_kv[layer] * model.head_dim;
        if (q > 0) {
            add(prefix + "attn_norm.weight", {model.n_embd});
            add(prefix + "attn_q.weight", {model.n_embd, q});
            add(prefix + "attn_k.weight", {model.n_embd, kv});
            add(prefix + "attn_v.weight", {model.n_embd, kv});
            add(prefix + "attn_output.weight", {q, model.n_embd});
            if (model.biases) {
                add(prefix + "attn_q.bias", {q});
                add(prefix + "attn_k.bias", {kv});
                add(prefix + "attn_v.bias", {kv});
            }
            if (model.output_bias) add(prefix + "attn_output.bias", {model.n_embd});
            if (model.architecture == "qwen3") {
                add(prefix + "attn_q_norm.weight", {model.head_dim});
                add(prefix + "attn_k_norm.weight", {model.head_dim});
            }
        }
        add(prefix + "ffn_norm.weight", {model.n_embd});
        add(prefix + "ffn_gate.weight", {model.n_embd, model.n_ff[layer]});
        add(prefix + "ffn_up.weight", {model.n_embd, model.n_ff[layer]});
        add(prefix + "ffn_down.weight", {model.n_ff[layer], model.n_embd});
    }
    all.insert(all.end(), model.more_tensors.begin(), model.more_tensors.end());
    return all;
}

inline std::vector<std::int32_t> as_i32(const std::vector<std::int64_t>& values) {
    return {values.begin(), values.end()};
}

inline void describe(const TinyModel& model, GgufHeader& header) {
    const std::string arch = model.architecture + ".";
    const auto set = [&](const std::string& key, const GgufValue& value) {
        ASSERT_TRUE(header.set(key, value)) << key;
    };
    const auto number = [](std::int64_t value) { return GgufValue(static_cast<std::uint32_t>(value)); };
    set("general.architecture", model.architecture);
    set("tokenizer.ggml.model", std::string("none"));
    set(arch + "vocab_size", number(model.n_vocab));
    set(arch + "block_count", number(static_cast<std::int64_t>(model.n_head.size())));
    set(arch + "context_length", number(512));
    set(arch + "embedding_length", number(model.n_embd));
    set(arch + "attention.layer_norm_rms_epsilon", GgufValue(model.rms_eps));
    set(arch + "rope.freq_base", GgufValue(5000.0F));
    set(arch + "rope.dimension_count", number(model.head_dim));
    set(arch + "attention.key_length", number(model.head_dim));
    set(arch + "attention.value_length", number(model.head_dim));
    if (model.is_even()) {
        set(arch + "attention.head_count", number(model.n_head[0]));
        set(arch + "attention.head_count_kv", number(model.n_head_kv[0]));
        set(arch + "feed_forward_length", number(model.n_ff[0]));
    } else {
        set(arch + "attention.head_count", as_i32(model.n_head));
        set(arch + "attention.head_count_kv", as_i32(model.n_head_kv));
        set(arch + "feed_forward_length", as_i32(model.n_ff));
    }
    if (model.architecture == "qwen2vl") {
        const auto pairs = static_cast<std::int32_t>(model.head_dim / 2);
        set(arch + "rope.dimension_sections",
            std::vector<std::int32_t>{pairs - 2 * (pairs / 3), pairs / 3, pairs / 3, 0});
    }
    if (model.rope_scaling > 0.0) {
        set(arch + "rope.scaling.type", std::string("linear"));
        set(arch + "rope.scaling.factor", GgufValue(static_cast<float>(model.rope_scaling)));
    }
    if (model.edit) model.edit(header);
}

inline std::vector<float> values_of(const GgufTensorSpec& spec, std::mt19937& random) {
    std::size_t n = 1;
    for (const std::int64_t size : spec.shape) n *= static_cast<std::size_t>(size);
    const bool is_norm = spec.name.find("norm") != std::string::npos;
    const bool is_factor = spec.name == "rope_freqs.weight";
    // Large enough that attention and gates are far from flat.
    const bool is_embedding = spec.name == "token_embd.weight";
    const double fan_in = static_cast<double>(spec.shape[0]);
    const double spread = spec.shape.size() == 1 ? 0.2 : is_embedding ? 0.7 : 1.5 / std::sqrt(fan_in);
    std::normal_distribution<float> draw(is_norm ? 1.0F : 0.0F, static_cast<float>(spread));
    std::vector<float> values(n);
    for (float& value : values) value = is_factor ? 1.0F + std::abs(draw(random)) * 8.0F : draw(random);
    return values;
}

}  // namespace tiny

inline void write_tiny(const TinyModel& model, const std::filesystem::path& file) {
    GgufHeader header;
    tiny::describe(model, header);
    const auto specs = tiny::tensors_of(model);
    for (const auto& spec : specs) ASSERT_TRUE(header.add_tensor(spec)) << spec.name;
    auto writer = GgufWriter::create(file, header, true);
    ASSERT_TRUE(writer) << writer.error().sentence;
    std::mt19937 random(model.seed);
    for (const auto& spec : specs) {
        auto values = tiny::values_of(spec, random);
        if (spec.name == model.poisoned) values[1] = std::nanf("");
        const auto columns = static_cast<std::uint64_t>(spec.shape[0]);
        std::vector<std::byte> bytes(values.size() / columns * row_bytes(spec.type, columns));
        if (spec.type == "f32") {
            std::memcpy(bytes.data(), values.data(), bytes.size());
        } else {
            ASSERT_TRUE(encode_rows(spec.type, values, columns, {}, bytes)) << spec.name;
        }
        ASSERT_TRUE(writer->write(spec.name, bytes)) << spec.name;
    }
    ASSERT_TRUE(writer->finish());
}

// One of each kind: grouped heads, biases, norms of heads, own heads, stretched positions, uneven layers.
inline std::vector<TinyModel> tiny_variants() {
    std::vector<TinyModel> all;
    all.emplace_back();
    TinyModel plain;
    plain.n_head_kv = {4, 4};
    plain.tied = false;
    plain.rope_factors = true;
    plain.output_bias = true;
    all.push_back(plain);
    TinyModel stretched;
    stretched.rope_scaling = 4.0;
    stretched.n_head_kv = {1, 1};
    all.push_back(stretched);
    TinyModel qwen2;
    qwen2.architecture = "qwen2";
    qwen2.biases = true;
    all.push_back(qwen2);
    TinyModel qwen3;
    qwen3.architecture = "qwen3";
    qwen3.head_dim = 16;
    qwen3.tied = false;
    all.push_back(qwen3);
    TinyModel vision;
    vision.architecture = "qwen2vl";
    vision.biases = true;
    vision.rms_eps = 1e-12F;  // the pinned llama.cpp does not read it and takes 0
    all.push_back(vision);
    TinyModel uneven;
    uneven.architecture = "deci";
    uneven.n_head = {4, 0, 2, 3};
    uneven.n_head_kv = {2, 0, 2, 1};
    uneven.n_ff = {80, 33, 7, 96};
    all.push_back(uneven);
    return all;
}

}  // namespace landauer::testing
