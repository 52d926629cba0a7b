// Hugging Face folders of a few kilobytes, made for a test.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "gguf/half.h"

namespace landauer::testing {

using nlohmann::json;

struct HfTensor {
    std::string type = "F32";
    std::vector<std::int64_t> shape;
    std::string data;
};

inline std::string safetensors_file(const std::string& header, const std::string& data) {
    std::string file(8, '\0');
    const std::uint64_t length = header.size();
    std::memcpy(file.data(), &length, sizeof(length));
    return file + header + data;
}

inline std::string safetensors_of(const std::map<std::string, HfTensor>& tensors) {
    json header = {{"__metadata__", {{"format", "pt"}}}};
    std::string data;
    for (const auto& [name, tensor] : tensors) {
        header[name] = {{"dtype", tensor.type},
                        {"shape", tensor.shape},
                        {"data_offsets", {data.size(), data.size() + tensor.data.size()}}};
        data += tensor.data;
    }
    return safetensors_file(header.dump(), data);
}

// Values as their bytes in a type of the folder's.
inline std::string stored_as(const std::string& type, const std::vector<float>& values) {
    std::string data;
    for (const float value : values) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &value, sizeof(bits));
        const std::uint32_t kept = type == "BF16" ? bits >> 16U : type == "F16" ? half_bits(value) : bits;
        data.append(reinterpret_cast<const char*>(&kept), type == "F32" ? 4 : 2);
    }
    return data;
}

struct TinyHf {
    std::string hf_architecture = "LlamaForCausalLM";
    std::int64_t n_layer = 2;
    std::int64_t n_embd = 32;
    std::int64_t n_ff = 64;
    std::int64_t n_head = 4;
    std::int64_t n_head_kv = 2;
    std::int64_t head_dim = 8;
    std::int64_t n_vocab = 272;
    bool tied = true;
    bool biases = false;
    std::string type = "BF16";
    unsigned seed = 1;
    json more_config = json::object();  // replaces and adds

    [[nodiscard]] bool has_head_norms() const { return hf_architecture == "Qwen3ForCausalLM"; }
};

inline json config_of(const TinyHf& model) {
    json config = {{"architectures", {model.hf_architecture}},
                   {"hidden_size", model.n_embd},
                   {"intermediate_size", model.n_ff},
                   {"num_hidden_layers", model.n_layer},
                   {"num_attention_heads", model.n_head},
                   {"num_key_value_heads", model.n_head_kv},
                   {"head_dim", model.head_dim},
                   {"vocab_size", model.n_vocab},
                   {"max_position_embeddings", 512},
                   {"rms_norm_eps", 1e-5},
                   {"rope_theta", 10000.0},
                   {"hidden_act", "silu"},
                   {"tie_word_embeddings", model.tied},
                   {"bos_token_id", 256},
                   {"eos_token_id", 257}};
    config.update(model.more_config);
    return config;
}

// Every value different, so that a row or tensor out of place shows.
inline std::map<std::string, HfTensor> weights_of(const TinyHf& model) {
    std::mt19937 random(model.seed);
    std::map<std::string, HfTensor> tensors;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
        std::int64_t n = 1;
        for (const std::int64_t size : shape) n *= size;
        std::normal_distribution<float> draw(shape.size() == 1 ? 1.0F : 0.0F, 0.2F);
        std::vector<float> values(static_cast<std::size_t>(n));
        for (float& value : values) value = draw(random);
        tensors[name] = {model.type, std::move(shape), stored_as(model.type, values)};
    };
    const std::int64_t q = model.n_head * model.head_dim;
    const std::int64_t kv = model.n_head_kv * model.head_dim;
    add("model.embed_tokens.weight", {model.n_vocab, model.n_embd});
    add("model.norm.weight", {model.n_embd});
    if (!model.tied) add("lm_head.weight", {model.n_vocab, model.n_embd});
    for (std::int64_t layer = 0; layer < model.n_layer; ++layer) {
        const std::string prefix = "model.layers." + std::to_string(layer) + ".";
        add(prefix + "input_layernorm.weight", {model.n_embd});
        add(prefix + "post_attention_layernorm.weight", {model.n_embd});
        add(prefix + "self_attn.q_proj.weight", {q, model.n_embd});
        add(prefix + "self_attn.k_proj.weight", {kv, model.n_embd});
        add(prefix + "self_attn.v_proj.weight", {kv, model.n_embd});
        add(prefix + "self_attn.o_proj.weight", {model.n_embd, q});
        add(prefix + "mlp.gate_proj.weight", {model.n_ff, model.n_embd});
        add(prefix + "mlp.up_proj.weight", {model.n_ff, model.n_embd});
        add(prefix + "mlp.down_proj.weight", {model.n_embd, model.n_ff});
        if (model.biases) {
            add(prefix + "self_attn.q_proj.bias", {q});
            add(prefix + "self_attn.k_proj.bias", {kv});
            add(prefix + "self_attn.v_proj.bias", {kv});
        }
        if (model.has_head_norms()) {
            add(prefix + "self_attn.q_norm.weight", {model.head_dim});
            add(prefix + "self_attn.k_norm.weight", {model.head_dim});
        }
    }
    return tensors;
}

inline std::string utf8_of(std::uint32_t code) {
    if (code < 0x80) return std::string(1, static_cast<char>(code));
    return {static_cast<char>(0xC0U | code >> 6U), static_cast<char>(0x80U | (code & 0x3FU))};
}

// The letter that stands for a byte in a byte-level vocabulary: printable ones for themselves, others from 256 on.
inline std::vector<std::string> byte_letters() {
    std::vector<std::string> letters;
    std::uint32_t next = 256;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        const bool is_printable = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
        letters.push_back(utf8_of(is_printable ? byte : next++));
    }
    return letters;
}

inline const char* kOneDigitSplit =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// All bytes, three merges, three added tokens, cut as Qwen2 does.
inline json tokenizer_json() {
    json vocab = json::object();
    const auto letters = byte_letters();
    for (std::size_t byte = 0; byte < letters.size(); ++byte) vocab[letters[byte]] = byte;
    vocab["th"] = 259;
    vocab["the"] = 260;
    vocab["\xC4\xA0the"] = 261;
    const auto added = [](int id, const char* text, bool special) {
        return json{{"id", id}, {"content", text}, {"special", special}, {"normalized", false}};
    };
    return {
        {"version", "1.0"},
        {"added_tokens", {added(256, "<|begin|>", true), added(257, "<|end|>", true), added(258, "[tool]", false)}},
        {"normalizer", {{"type", "NFC"}}},
        {"pre_tokenizer",
         {{"type", "Sequence"},
          {"pretokenizers",
           {{{"type", "Split"}, {"pattern", {{"Regex", kOneDigitSplit}}}, {"behavior", "Isolated"}, {"invert", false}},
            {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}}},
        {"post_processor", {{"type", "ByteLevel"}}},
        {"model",
         {{"type", "BPE"}, {"vocab", vocab}, {"merges", {"t h", "th e", "\xC4\xA0 the"}}, {"byte_fallback", false}}}};
}

inline json tokenizer_settings() {
    return {{"bos_token", "<|begin|>"}, {"eos_token", {{"content", "<|end|>"}}}, {"chat_template", "{{ messages }}"}};
}

inline void write_json(const std::filesystem::path& file, const json& content) {
    std::ofstream(file, std::ios::binary) << content.dump();
}

inline void write_bytes(const std::filesystem::path& file, const std::string& content) {
    std::ofstream(file, std::ios::binary) << content;
}

inline void write_hf_folder(const TinyHf& model, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    write_json(folder / "config.json", config_of(model));
    write_json(folder / "tokenizer.json", tokenizer_json());
    write_json(folder / "tokenizer_config.json", tokenizer_settings());
    write_bytes(folder / "model.safetensors", safetensors_of(weights_of(model)));
}

}  // namespace landauer::testing
