// What config.json says of a decoder, in the terms of GGUF.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gguf/rope_factors.h"

namespace landauer {

enum class RopeScaling { None, Linear, Yarn, Llama3 };

struct HfRope {
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::None;
    RopeStretch stretch;                     // of Llama3; its factor of all kinds
    std::optional<double> attention_factor;  // of Yarn: what attention is scaled by, if not by the usual rule
    std::vector<std::int32_t> sections;      // positions of several dimensions
};

struct HfConfig {
    std::string hf_architecture;      // "Qwen2ForCausalLM"
    std::string architecture;         // "qwen2"
    bool pairs_side_by_side = false;  // rotated pairs are neighbours in GGUF and half a head apart in the folder
    std::int64_t n_layer = 0;
    std::int64_t n_embd = 0;
    std::int64_t n_ff = 0;
    std::int64_t n_head = 0;
    std::int64_t n_head_kv = 0;
    std::int64_t head_dim = 0;
    bool states_head_dim = false;
    std::int64_t n_vocab = 0;
    std::int64_t context_length = 0;
    double rms_eps = 0.0;
    bool tied = false;  // the head is the embedding
    HfRope rope;
};

// Invalid, by name: an architecture that is not supported, experts, sliding windows, quantised weights, another
// activation, a stretching of positions that llama.cpp does not run so, sizes that are missing or do not fit.
[[nodiscard]] Result<HfConfig> read_hf_config(const nlohmann::json& stated);

}  // namespace landauer
