#include "gguf/hf/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "gguf/rope_factors.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

using Shape = std::vector<std::int64_t>;  // slowest dimension first, as in the folder

constexpr std::array kWeightTypes = {std::pair{"F32", "f32"}, std::pair{"F16", "f16"}, std::pair{"BF16", "bf16"}};

// Names with which all others begin: plain decoders, models that see in newer and in older files.
constexpr std::array kPrefixes = {"model.", "model.language_model.", "language_model.model."};

bool begins_with_any(std::string_view name, std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return name.starts_with(beginning); });
}

class Planner {
   public:
    Planner(const HfConfig& config, const HfWeights& weights, std::string type)
        : config_(config), weights_(weights), type_(std::move(type)) {}

    Result<std::vector<ImportTensor>> plan();

   private:
    void plan_layer(std::int64_t layer);
    void add(const std::string& source, const std::string& name, const Shape& shape, std::int64_t pair_heads = 0);
    void add_if_there(const std::string& source, const std::string& name, const Shape& shape,
                      std::int64_t pair_heads = 0);
    [[nodiscard]] Result<std::string> type_of(const SafeTensor& tensor, const Shape& shape) const;
    [[nodiscard]] std::vector<std::string> left_over() const;
    void complain(std::string sentence, std::string remedy);

    const HfConfig& config_;
    const HfWeights& weights_;
    std::string type_;
    std::string prefix_;
    std::vector<ImportTensor> tensors_;
    std::set<std::string> used_;
    Result<void> good_;  // the first problem
};

void Planner::complain(std::string sentence, std::string remedy) {
    if (good_) good_ = fail(ErrorKind::Invalid, std::move(sentence), std::move(remedy));
}

Result<std::string> Planner::type_of(const SafeTensor& tensor, const Shape& shape) const {
    const auto* known = std::find_if(kWeightTypes.begin(), kWeightTypes.end(),
                                     [&](const auto& type) { return type.first == tensor.type; });
    if (known == kWeightTypes.end()) {
        return fail(ErrorKind::Invalid, fmt::format("{} is stored as {}.", tensor.name, tensor.type),
                    "Weights of F32, F16 and BF16 can be read: give the original checkpoint.");
    }
    if (shape.size() < 2) return std::string("f32");
    if (type_.empty()) return std::string(known->second);
    return row_bytes(type_, static_cast<std::uint64_t>(shape.back())) > 0 ? type_ : std::string("f16");
}

void Planner::add(const std::string& source, const std::string& name, const Shape& shape, std::int64_t pair_heads) {
    const SafeTensor* tensor = weights_.find(source);
    if (tensor == nullptr) {
        return complain(fmt::format("The weights have no {}.", source),
                        "Download the folder again, with all its files.");
    }
    if (tensor->shape != shape) {
        return complain(fmt::format("{} has the shape ({}), and config.json wants ({}).", source,
                                    fmt::join(tensor->shape, ", "), fmt::join(shape, ", ")),
                        "Give the config.json that came with these weights.");
    }
    const auto type = type_of(*tensor, shape);
    if (!type) {
        return complain(type.error().sentence, type.error().remedy);
    }
    used_.insert(source);
    ImportTensor planned;
    planned.spec = {name, *type, Shape(shape.rbegin(), shape.rend())};
    planned.source = source;
    planned.source_type = tensor->type;
    planned.pair_heads = config_.pairs_side_by_side ? pair_heads : 0;
    tensors_.push_back(std::move(planned));
}

void Planner::add_if_there(const std::string& source, const std::string& name, const Shape& shape,
                           std::int64_t pair_heads) {
    if (weights_.find(source) != nullptr) add(source, name, shape, pair_heads);
}

void Planner::plan_layer(std::int64_t layer) {
    const std::string from = fmt::format("{}layers.{}.", prefix_, layer);
    const std::string to = fmt::format("blk.{}.", layer);
    const std::int64_t q = config_.n_head * config_.head_dim;
    const std::int64_t kv = config_.n_head_kv * config_.head_dim;
    add(from + "input_layernorm.weight", to + "attn_norm.weight", {config_.n_embd});
    const auto matrix = [&](const char* source, const char* name, Shape shape, std::int64_t pair_heads = 0) {
        add(from + source + ".weight", to + name + ".weight", shape, pair_heads);
        add_if_there(from + source + ".bias", to + name + ".bias", {shape[0]}, pair_heads);
    };
    matrix("self_attn.q_proj", "attn_q", {q, config_.n_embd}, config_.n_head);
    matrix("self_attn.k_proj", "attn_k", {kv, config_.n_embd}, config_.n_head_kv);
    matrix("self_attn.v_proj", "attn_v", {kv, config_.n_embd});
    matrix("self_attn.o_proj", "attn_output", {config_.n_embd, q});
    if (config_.architecture == "qwen3") {
        add(from + "self_attn.q_norm.weight", to + "attn_q_norm.weight", {config_.head_dim});
        add(from + "self_attn.k_norm.weight", to + "attn_k_norm.weight", {config_.head_dim});
    }
    add(from + "post_attention_layernorm.weight", to + "ffn_norm.weight", {config_.n_embd});
    matrix("mlp.gate_proj", "ffn_gate", {config_.n_ff, config_.n_embd});
    matrix("mlp.up_proj", "ffn_up", {config_.n_ff, config_.n_embd});
    matrix("mlp.down_proj", "ffn_down", {config_.n_embd, config_.n_ff});
}

std::vector<std::string> Planner::left_over() const {
    std::vector<std::string> names;
    for (const std::string& name : weights_.names()) {
        // Computed from the configuration, or the embedding once more.
        const bool is_derived =
            name.ends_with(".rotary_emb.inv_freq") || (config_.tied && name.ends_with("lm_head.weight"));
        const bool is_vision = config_.architecture == "qwen2vl" && begins_with_any(name, {"visual.", "model.visual."});
        if (!used_.contains(name) && !is_derived && !is_vision) names.push_back(name);
    }
    return names;
}

Result<std::vector<ImportTensor>> Planner::plan() {
    for (const char* prefix : kPrefixes) {
        if (weights_.find(std::string(prefix) + "embed_tokens.weight") != nullptr) prefix_ = prefix;
    }
    if (prefix_.empty()) prefix_ = kPrefixes[0];
    add(prefix_ + "embed_tokens.weight", "token_embd.weight", {config_.n_vocab, config_.n_embd});
    if (config_.rope.scaling == RopeScaling::Llama3) {
        ImportTensor factors;
        factors.spec = {"rope_freqs.weight", "f32", {config_.head_dim / 2}};
        factors.values = rope_factors(config_.head_dim, config_.rope.theta, config_.rope.stretch);
        tensors_.push_back(std::move(factors));
    }
    for (std::int64_t layer = 0; layer < config_.n_layer && good_; ++layer) plan_layer(layer);
    add(prefix_ + "norm.weight", "output_norm.weight", {config_.n_embd});
    if (!config_.tied) add("lm_head.weight", "output.weight", {config_.n_vocab, config_.n_embd});
    if (!good_) return tl::unexpected(good_.error());
    if (const auto rest = left_over(); !rest.empty()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} has no place for {}{}.", config_.hf_architecture, rest.front(),
                                rest.size() > 1 ? fmt::format(" and {} more tensors", rest.size() - 1) : ""),
                    "Give a model whose config.json describes all its weights (adapters must be merged first).");
    }
    return std::move(tensors_);
}

}  // namespace

Result<std::vector<ImportTensor>> import_tensors(const HfConfig& config, const HfWeights& weights,
                                                 const std::string& type) {
    return Planner(config, weights, type).plan();
}

}  // namespace landauer
