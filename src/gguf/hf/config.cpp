#include "gguf/hf/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "gguf/hf/json_file.h"

namespace landauer {
namespace {

using nlohmann::json;

struct Family {
    std::string_view hf_architecture;
    std::string_view architecture;
    bool pairs_side_by_side;
};
constexpr std::array kFamilies = {
    Family{"LlamaForCausalLM", "llama", true},
    Family{"Qwen2ForCausalLM", "qwen2", false},
    Family{"Qwen3ForCausalLM", "qwen3", false},
    Family{"Qwen2VLForConditionalGeneration", "qwen2vl", false},
    Family{"Qwen2_5_VLForConditionalGeneration", "qwen2vl", false},
};
constexpr const char* kSupported =
    "Supported are Llama and SmolLM (LlamaForCausalLM), Qwen2 and Qwen2.5 (Qwen2ForCausalLM), Qwen3 "
    "(Qwen3ForCausalLM) and the language part of Qwen2-VL and Qwen2.5-VL; for others convert with llama.cpp's "
    "convert_hf_to_gguf.py.";
constexpr const char* kFile = "config.json";

// How fast the yarn ramp begins and ends; llama.cpp takes no other for these architectures.
constexpr double kYarnBetaFast = 32.0;
constexpr double kYarnBetaSlow = 1.0;

tl::unexpected<Error> refuse(std::string sentence, std::string remedy = kSupported) {
    return fail(ErrorKind::Invalid, std::move(sentence), std::move(remedy));
}

// The language model's own values stand in a part of their own in newer files of models that see.
json flat(const json& config) {
    json all = config;
    const json& text = member(config, "text_config");
    if (text.is_object()) all.update(text);
    if (config.contains("architectures")) all["architectures"] = config["architectures"];
    return all;
}

Result<Family> family_of(const json& config) {
    const json& names = member(config, "architectures");
    const std::string name =
        names.is_array() && !names.empty() && names[0].is_string() ? names[0].get<std::string>() : "";
    if (name.empty()) return refuse(fmt::format("{} names no architecture.", kFile));
    const auto* found =
        std::find_if(kFamilies.begin(), kFamilies.end(), [&](const Family& f) { return f.hf_architecture == name; });
    if (found != kFamilies.end()) return *found;
    const bool has_experts = name.find("Moe") != std::string::npos || name.find("Mixtral") != std::string::npos;
    return refuse(fmt::format("The architecture {} is not supported{}.", name,
                              has_experts ? ": it is a mixture of experts" : ""));
}

bool slides(const json& config) {
    if (flag_member(config, "use_sliding_window", false)) return true;
    const json& kinds = member(config, "layer_types");
    const bool has_kinds = kinds.is_array() && !kinds.empty();
    if (has_kinds) {
        return std::any_of(kinds.begin(), kinds.end(), [](const json& kind) { return kind != "full_attention"; });
    }
    // Qwen's files name a window that they do not use.
    return member(config, "sliding_window").is_number() && !config.contains("use_sliding_window");
}

// What these architectures can be told and llama.cpp would not run, or this reader not convert.
Result<void> check_kind(const json& config) {
    for (const char* key : {"num_experts", "num_local_experts", "n_routed_experts"}) {
        const json& experts = member(config, key);
        if (experts.is_number() && experts > 0) return refuse("It is a mixture of experts.");
    }
    if (const json& quantised = member(config, "quantization_config"); quantised.is_object()) {
        const std::string method = text_member(quantised, "quant_method");
        return refuse(fmt::format("Its weights are quantised already{}.", method.empty() ? "" : " (" + method + ")"),
                      "Give the original in BF16, F16 or F32.");
    }
    if (slides(config)) return refuse("Its attention slides over a window.");
    const std::string activation = text_member(config, "hidden_act");
    if (!activation.empty() && activation != "silu" && activation != "swish") {
        return refuse(fmt::format("Its activation is {} where these families have silu.", activation));
    }
    for (const char* key : {"rope_interleaved", "use_mrope", "no_rope_layers"}) {
        if (flag_member(config, key, false)) return refuse(fmt::format("It sets {} in {}.", key, kFile));
    }
    const json& partial = member(config, "partial_rotary_factor");
    if (partial.is_number() && partial != 1.0) return refuse("It rotates a part of each head only.");
    return {};
}

Result<void> read_yarn(const json& values, HfRope& rope) {
    JsonReader reader(values, kFile);
    const double fast = reader.positive("beta_fast", kYarnBetaFast);
    const double slow = reader.positive("beta_slow", kYarnBetaSlow);
    const double usual = 1.0 + 0.1 * std::log(rope.stretch.factor);
    const json& old_name = member(values, "attn_factor");
    const double attention = reader.positive("attention_factor", old_name.is_number() ? old_name.get<double>() : usual);
    if (auto good = reader.good(); !good) return good;
    if (fast != kYarnBetaFast || slow != kYarnBetaSlow || values.contains("mscale") ||
        values.contains("mscale_all_dim") || values.contains("extrapolation_factor") ||
        !flag_member(values, "truncate", true)) {
        return refuse("It stretches positions by a yarn whose shape llama.cpp does not run for this architecture.");
    }
    if (std::abs(attention - usual) > 1e-6) rope.attention_factor = attention;
    return {};
}

Result<void> read_sections(const json& values, const HfConfig& config, HfRope& rope) {
    const json& sections = list_member(values, "mrope_section");
    std::int64_t sum = 0;
    for (const json& section : sections) {
        const auto stated = whole_number(section);
        const std::int64_t size = stated && *stated < 1U << 20U ? static_cast<std::int64_t>(*stated) : -1;
        if (size < 0 || size > config.head_dim || rope.sections.size() == 4) break;
        rope.sections.push_back(static_cast<std::int32_t>(size));
        sum += size;
    }
    if (rope.sections.empty() || rope.sections.size() != sections.size() || sum != config.head_dim / 2) {
        return refuse(fmt::format("{} has no mrope_section that adds up to half a head of {}.", kFile, config.head_dim),
                      "Give the file that came with the model.");
    }
    rope.sections.resize(4, 0);
    return {};
}

Result<void> read_scaling(const std::string& kind, const json& values, const HfConfig& config, HfRope& rope) {
    JsonReader reader(values, kFile);
    const json& everywhere = member(values, "original_max_position_embeddings");
    if (kind.empty() || kind == "default" || kind == "mrope") return {};
    if (kind != "linear" && kind != "yarn" && kind != "llama3") {
        return refuse(fmt::format("It stretches positions in the way \"{}\".", kind),
                      "Supported are linear, yarn and llama3.");
    }
    rope.stretch.factor = reader.positive("factor");
    if (kind == "linear") {
        rope.scaling = RopeScaling::Linear;
        return reader.good();
    }
    const auto fallback = kind == "yarn" ? config.context_length : std::int64_t{8192};
    rope.stretch.original_context =
        static_cast<double>(everywhere.is_null() ? fallback : reader.count("original_max_position_embeddings"));
    if (kind == "yarn") {
        rope.scaling = RopeScaling::Yarn;
        if (auto good = reader.good(); !good) return good;
        return read_yarn(values, rope);
    }
    rope.scaling = RopeScaling::Llama3;
    rope.stretch.low_frequency = reader.positive("low_freq_factor", 1.0);
    rope.stretch.high_frequency = reader.positive("high_freq_factor", 4.0);
    if (auto good = reader.good(); !good) return good;
    if (config.architecture != "llama") {
        return refuse(fmt::format("It stretches positions as Llama 3 does, which llama.cpp does not for {}.",
                                  config.architecture));
    }
    if (rope.stretch.high_frequency <= rope.stretch.low_frequency) {
        return refuse("Its high_freq_factor is not above its low_freq_factor.",
                      "Give the file that came with the model.");
    }
    return {};
}

Result<HfRope> read_rope(const json& config, const HfConfig& sizes) {
    HfRope rope;
    // Newer files have all in rope_parameters, older ones rope_theta beside rope_scaling.
    const json& newer = member(config, "rope_parameters");
    const json& values = newer.is_object() ? newer : member(config, "rope_scaling");
    JsonReader reader(newer.is_object() && newer.contains("rope_theta") ? newer : config, kFile);
    rope.theta = reader.positive("rope_theta", 10000.0);
    if (auto good = reader.good(); !good) return tl::unexpected(good.error());
    const std::string stated = text_member(values, "rope_type");
    const std::string kind = stated.empty() ? text_member(values, "type") : stated;
    if (auto good = read_scaling(kind, values, sizes, rope); !good) return tl::unexpected(good.error());
    if (sizes.architecture == "qwen2vl") {
        if (auto good = read_sections(values, sizes, rope); !good) return tl::unexpected(good.error());
    }
    return rope;
}

Result<void> read_sizes(const json& config, HfConfig& sizes) {
    JsonReader reader(config, kFile);
    sizes.n_layer = reader.count("num_hidden_layers");
    sizes.n_embd = reader.count("hidden_size");
    sizes.n_ff = reader.count("intermediate_size");
    sizes.n_head = reader.count("num_attention_heads");
    sizes.n_head_kv = reader.count("num_key_value_heads", sizes.n_head);
    sizes.n_vocab = reader.count("vocab_size");
    sizes.context_length = reader.count("max_position_embeddings");
    sizes.rms_eps = reader.positive("rms_norm_eps", 1e-6);
    sizes.tied = reader.flag("tie_word_embeddings", false);
    sizes.states_head_dim = !member(config, "head_dim").is_null();
    if (auto good = reader.good(); !good) return good;
    const std::int64_t usual = sizes.architecture == "qwen3" ? 128 : sizes.n_embd / sizes.n_head;
    sizes.head_dim = reader.count("head_dim", std::max<std::int64_t>(usual, 1));
    if (auto good = reader.good(); !good) return good;
    const bool fits = sizes.n_head % sizes.n_head_kv == 0 && sizes.head_dim % 2 == 0 && sizes.n_layer <= 1024 &&
                      (sizes.states_head_dim || sizes.architecture == "qwen3" || sizes.n_embd % sizes.n_head == 0);
    if (fits) return {};
    return refuse(fmt::format("{} has {} heads over {} of keys, of {} values each, for {} columns, in {} layers.",
                              kFile, sizes.n_head, sizes.n_head_kv, sizes.head_dim, sizes.n_embd, sizes.n_layer),
                  "Give the file that came with the model.");
}

}  // namespace

Result<HfConfig> read_hf_config(const json& stated) {
    const json config = flat(stated);
    const auto family = family_of(config);
    if (!family) return tl::unexpected(family.error());
    if (auto good = check_kind(config); !good) return tl::unexpected(good.error());
    HfConfig sizes;
    sizes.hf_architecture = family->hf_architecture;
    sizes.architecture = family->architecture;
    sizes.pairs_side_by_side = family->pairs_side_by_side;
    if (auto good = read_sizes(config, sizes); !good) return tl::unexpected(good.error());
    auto rope = read_rope(config, sizes);
    if (!rope) return tl::unexpected(rope.error());
    sizes.rope = std::move(*rope);
    return sizes;
}

}  // namespace landauer
