// Shapes of published models, as data: everything that a cost depends on.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

// Which special tokens and chat template a model's texts use.
enum class TokenizerFamily { llama3, qwen2, smollm2, smolvlm };

struct LanguageShape {
    std::string architecture;  // llama.cpp's name
    std::int64_t n_layer = 0;
    std::int64_t n_embd = 0;
    std::int64_t n_ff = 0;
    std::int64_t n_head = 0;
    std::int64_t n_head_kv = 0;
    std::int64_t n_vocab = 0;  // 0: as many as its tokenizer has
    std::int64_t context_length = 0;
    float rope_base = 0.0F;
    float rms_epsilon = 0.0F;
    bool tied = false;  // the head is the embedding
    bool qkv_bias = false;
    double rope_factor = 0.0;                     // Llama 3's stretched context; 0: none, and no rope_freqs tensor
    std::array<std::int32_t, 4> rope_sections{};  // of M-RoPE; all 0: none

    [[nodiscard]] std::int64_t head_dim() const { return n_embd / n_head; }
    [[nodiscard]] std::int64_t n_embd_kv() const { return head_dim() * n_head_kv; }
};

enum class TowerFamily { qwen2vl, idefics3 };

struct TowerShape {
    TowerFamily family = TowerFamily::qwen2vl;
    std::int64_t n_layer = 0;
    std::int64_t n_embd = 0;
    std::int64_t n_ff = 0;
    std::int64_t n_head = 0;
    std::int64_t patch_size = 0;    // pixels a side
    std::int64_t image_size = 0;    // pixels a side
    std::int64_t merge = 0;         // patches a side that become one token
    std::int64_t longest_edge = 0;  // pixels an image is first brought to; idefics3 only
};

struct SynthShape {
    std::string name;        // "llama-3.1-8b"
    std::string title;       // "Llama-3.1-8B"
    std::string size_label;  // "8B"
    LanguageShape language;
    std::optional<TowerShape> tower;
    TokenizerFamily tokenizer = TokenizerFamily::llama3;
    bool is_tiny = false;      // for tests: byte-level tokens unless told otherwise
    std::string default_type;  // as llama-quantize spells it
    std::string stands_for;
};

[[nodiscard]] const std::vector<SynthShape>& synth_shapes();

// Invalid, naming the nearest shapes.
[[nodiscard]] Result<SynthShape> find_shape(std::string_view name);

}  // namespace landauer
