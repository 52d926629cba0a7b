#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "gguf/factor_format.h"
#include "grad/decoder.h"

namespace landauer {
namespace {

struct Architecture {
    std::string name;
    bool rope_halves = false;
    bool rope_factors = false;   // takes rope_freqs.weight
    bool head_norms = false;     // q_norm and k_norm
    bool uneven_layers = false;  // attention may be missing in some
};

const std::vector<Architecture>& table() {
    static const std::vector<Architecture> kTable = {
        {"llama", false, true, false, false}, {"qwen2", true, false, false, false},
        {"qwen3", true, false, true, false},  {"qwen2vl", true, false, false, false},
        {"deci", false, true, false, true},
    };
    return kTable;
}

// What the header says, and the errors of what it does not.
class Header {
   public:
    Header(const WeightFile& file, const Architecture& architecture)
        : file_(file), architecture_(architecture), prefix_(architecture.name + ".") {}

    [[nodiscard]] tl::unexpected<Error> invalid(const std::string& what) const {
        return fail(ErrorKind::Invalid, fmt::format("{} {}.", file_.summary().path.string(), what),
                    "Give a model that llama.cpp runs, of an architecture that is supported: " +
                        fmt::format("{}.", fmt::join(decoder_architectures(), ", ")));
    }
    [[nodiscard]] std::optional<std::string> text(const std::string& key) const {
        const auto& all = file_.summary().metadata;
        const auto found = all.find(prefix_ + key);
        if (found == all.end()) return std::nullopt;
        return found->second;
    }
    [[nodiscard]] std::optional<double> number(const std::string& key) const {
        const auto found = text(key);
        if (!found) return std::nullopt;
        double value = 0.0;
        const auto [end, problem] = std::from_chars(found->data(), found->data() + found->size(), value);
        if (problem != std::errc() || end != found->data() + found->size() || !std::isfinite(value)) {
            return std::nullopt;
        }
        return value;
    }
    [[nodiscard]] std::optional<std::size_t> size(const std::string& key) const {
        const auto value = number(key);
        if (!value || *value < 0.0 || *value > 1e9 || *value != std::floor(*value)) return std::nullopt;
        return static_cast<std::size_t>(*value);
    }
    // One for each layer: a list, or one number for all.
    [[nodiscard]] Result<std::vector<std::size_t>> sizes(const std::string& key, std::size_t n_layer) const {
        const auto& lists = file_.summary().lists;
        if (const auto found = lists.find(prefix_ + key); found != lists.end()) {
            const auto& list = found->second;
            const bool fits = list.size() == n_layer && std::all_of(list.begin(), list.end(), [](std::int64_t value) {
                                  return value >= 0 && value < (std::int64_t{1} << 30);
                              });
            if (!fits) return invalid(fmt::format("has a list {}{} that does not fit its layers", prefix_, key));
            return std::vector<std::size_t>(list.begin(), list.end());
        }
        const auto one = size(key);
        if (!one) return invalid(fmt::format("has no {}{} in its header", prefix_, key));
        return std::vector<std::size_t>(n_layer, *one);
    }
    [[nodiscard]] const WeightFile& file() const { return file_; }
    [[nodiscard]] const Architecture& architecture() const { return architecture_; }

   private:
    const WeightFile& file_;
    const Architecture& architecture_;
    std::string prefix_;
};

Result<void> read_sizes(const Header& header, DecoderShape& shape) {
    shape.n_layer = header.size("block_count").value_or(0);
    shape.n_embd = header.size("embedding_length").value_or(0);
    const GgufTensor* embedding = header.file().find("token_embd.weight");
    if (shape.n_layer == 0 || shape.n_embd == 0 || embedding == nullptr || embedding->shape.size() != 2) {
        return header.invalid("states no block_count or embedding_length, or has no token_embd.weight");
    }
    shape.n_vocab = static_cast<std::size_t>(embedding->shape[1]);
    auto n_ff = header.sizes("feed_forward_length", shape.n_layer);
    if (!n_ff) return tl::unexpected(n_ff.error());
    auto n_head = header.sizes("attention.head_count", shape.n_layer);
    if (!n_head) return tl::unexpected(n_head.error());
    auto n_head_kv = header.sizes("attention.head_count_kv", shape.n_layer);
    shape.n_ff = std::move(*n_ff);
    shape.n_head = std::move(*n_head);
    shape.n_head_kv = n_head_kv ? std::move(*n_head_kv) : shape.n_head;
    return {};
}

Result<void> check_layers(const Header& header, const DecoderShape& shape) {
    for (std::size_t layer = 0; layer < shape.n_layer; ++layer) {
        const std::size_t heads = shape.n_head[layer];
        const std::size_t groups = shape.n_head_kv[layer];
        if (heads == 0 && (layer == 0 || !header.architecture().uneven_layers)) {
            return header.invalid(fmt::format("has no attention in layer {}, which llama.cpp cannot run", layer));
        }
        if (heads > 0 && groups == 0) {
            return header.invalid(fmt::format("replaces the attention of layer {} by a matrix", layer));
        }
        if (heads > 0 && heads % groups != 0) {
            return header.invalid(fmt::format("has {} heads over {} key heads in layer {}", heads, groups, layer));
        }
        if (shape.n_ff[layer] == 0) {
            return header.invalid(fmt::format("has no feed-forward network in layer {}", layer));
        }
    }
    return {};
}

Result<void> read_rotation(const Header& header, DecoderShape& shape) {
    const std::size_t shared = shape.n_embd / shape.n_head[0];
    shape.head_dim = header.size("attention.key_length").value_or(shared);
    if (header.size("attention.value_length").value_or(shared) != shape.head_dim) {
        return header.invalid("has keys and values of different widths");
    }
    shape.rope_dims = header.size("rope.dimension_count").value_or(shape.head_dim);
    if (shape.rope_dims != shape.head_dim || shape.head_dim % 2 != 0) {
        return header.invalid(fmt::format("rotates {} of {} dimensions of a head", shape.rope_dims, shape.head_dim));
    }
    shape.rope_base = header.number("rope.freq_base").value_or(10000.0);
    const std::string scaling = header.text("rope.scaling.type").value_or("linear");
    if (scaling != "linear" && scaling != "none") {
        return header.invalid(fmt::format("stretches its positions by \"{}\", which is not supported", scaling));
    }
    auto factor = header.number("rope.scaling.factor");
    if (!factor) factor = header.number("rope.scale_linear");
    if (scaling == "linear" && factor && *factor > 0.0) shape.rope_scale = 1.0 / *factor;
    if (header.number("rope.scaling.attn_factor").value_or(1.0) != 1.0) {
        return header.invalid("scales its rotations, which is not supported");
    }
    if (!(shape.rope_base > 0.0)) return header.invalid("has a rotation base that is not positive");
    const auto eps = header.number("attention.layer_norm_rms_epsilon");
    if (!eps || *eps < 0.0) return header.invalid("states no attention.layer_norm_rms_epsilon");
    shape.rms_eps = *eps;
    return {};
}

// Holds the tensors against the shape: those that must be there, those that may, and no others.
class TensorCheck {
   public:
    TensorCheck(const Header& header, const DecoderShape& shape) : header_(header), shape_(shape) {}

    Result<void> all() {
        const auto wide = static_cast<std::int64_t>(shape_.n_embd);
        const auto vocabulary = static_cast<std::int64_t>(shape_.n_vocab);
        must("token_embd.weight", {wide, vocabulary});
        must("output_norm.weight", {wide});
        may("output.weight", {wide, vocabulary});
        if (header_.architecture().rope_factors) {
            may("rope_freqs.weight", {static_cast<std::int64_t>(shape_.rope_dims / 2)});
        }
        for (std::size_t layer = 0; layer < shape_.n_layer; ++layer) block(layer);
        if (!problem_.empty()) return header_.invalid(problem_);
        for (const GgufTensor& tensor : header_.file().summary().tensors) {
            if (!known_.contains(tensor.name)) {
                return header_.invalid(fmt::format("has a tensor {} that this decoder does not know", tensor.name));
            }
        }
        return {};
    }

   private:
    using Shape = std::vector<std::int64_t>;

    void block(std::size_t layer) {
        const auto name = [layer](const char* part) { return fmt::format("blk.{}.{}", layer, part); };
        const auto wide = static_cast<std::int64_t>(shape_.n_embd);
        const auto head = static_cast<std::int64_t>(shape_.head_dim);
        const auto q = head * static_cast<std::int64_t>(shape_.n_head[layer]);
        const auto kv = head * static_cast<std::int64_t>(shape_.n_head_kv[layer]);
        const auto ff = static_cast<std::int64_t>(shape_.n_ff[layer]);
        if (q > 0) {
            must(name("attn_norm.weight"), {wide});
            matrix(name("attn_q.weight"), {wide, q});
            matrix(name("attn_k.weight"), {wide, kv});
            matrix(name("attn_v.weight"), {wide, kv});
            matrix(name("attn_output.weight"), {q, wide});
            may(name("attn_q.bias"), {q});
            may(name("attn_k.bias"), {kv});
            may(name("attn_v.bias"), {kv});
            may(name("attn_output.bias"), {wide});
        }
        if (header_.architecture().head_norms) {
            must(name("attn_q_norm.weight"), {head});
            must(name("attn_k_norm.weight"), {head});
        }
        must(name("ffn_norm.weight"), {wide});
        matrix(name("ffn_gate.weight"), {wide, ff});
        matrix(name("ffn_up.weight"), {wide, ff});
        matrix(name("ffn_down.weight"), {ff, wide});
    }

    // Whole, or as factors.
    void matrix(const std::string& name, const Shape& shape) {
        const auto found = shape_.factors.find(name);
        if (found == shape_.factors.end()) return must(name, shape);
        const FactorMatrix& factors = found->second;
        for (const GgufTensor* part : {&factors.r, &factors.t, &factors.pivots}) known_.insert(part->name);
        const Shape own = {static_cast<std::int64_t>(factors.cols), static_cast<std::int64_t>(factors.rows)};
        if (own == shape || !problem_.empty()) return;
        problem_ = fmt::format("has factors of {} as [{}] where its header asks for [{}]", name, fmt::join(own, ", "),
                               fmt::join(shape, ", "));
    }

    void must(const std::string& name, const Shape& shape) {
        if (header_.file().find(name) == nullptr && problem_.empty()) problem_ = "has no tensor " + name;
        may(name, shape);
    }

    void may(const std::string& name, const Shape& shape) {
        known_.insert(name);
        const GgufTensor* found = header_.file().find(name);
        if (found == nullptr || !problem_.empty()) return;
        Shape trimmed = shape;  // as the summary drops trailing ones
        while (trimmed.size() > 1 && trimmed.back() == 1) trimmed.pop_back();
        if (found->shape == trimmed) return;
        problem_ = fmt::format("has {} as [{}] where its header asks for [{}]", name, fmt::join(found->shape, ", "),
                               fmt::join(shape, ", "));
    }

    const Header& header_;
    const DecoderShape& shape_;
    std::set<std::string> known_;
    std::string problem_;
};

Result<void> read_factors(const Header& header, DecoderShape& shape) {
    if (!has_factors(header.file().summary())) return {};
    auto matrices = factor_matrices(header.file().summary());
    if (!matrices) return tl::unexpected(matrices.error());
    for (FactorMatrix& matrix : *matrices) {
        std::string name = matrix.name;
        shape.factors.emplace(std::move(name), std::move(matrix));
    }
    return {};
}

Result<DecoderShape> read_shape(const Header& header) {
    if (header.number("expert_count").value_or(0.0) > 0.0) {
        return header.invalid("is a mixture of experts, which is not supported");
    }
    DecoderShape shape;
    shape.architecture = header.architecture().name;
    shape.rope_halves = header.architecture().rope_halves;
    if (auto good = read_sizes(header, shape); !good) return tl::unexpected(good.error());
    if (auto good = check_layers(header, shape); !good) return tl::unexpected(good.error());
    if (auto good = read_rotation(header, shape); !good) return tl::unexpected(good.error());
    if (auto good = read_factors(header, shape); !good) return tl::unexpected(good.error());
    if (auto good = TensorCheck(header, shape).all(); !good) return tl::unexpected(good.error());
    shape.tied_head = header.file().find("output.weight") == nullptr;
    if (header.file().find("rope_freqs.weight") != nullptr) {
        auto factors = header.file().read("rope_freqs.weight");
        if (!factors) return tl::unexpected(factors.error());
        if (std::any_of(factors->begin(), factors->end(), [](float factor) { return factor == 0.0F; })) {
            return header.invalid("has a 0 in rope_freqs.weight");
        }
        shape.rope_factors = std::move(*factors);
    }
    return shape;
}

}  // namespace

const std::vector<std::string>& decoder_architectures() {
    static const std::vector<std::string> kNames = [] {
        std::vector<std::string> names;
        for (const Architecture& architecture : table()) names.push_back(architecture.name);
        return names;
    }();
    return kNames;
}

Result<DecoderShape> decoder_shape(const WeightFile& file) {
    const std::string& name = file.summary().architecture;
    for (const Architecture& architecture : table()) {
        if (architecture.name == name) return read_shape(Header(file, architecture));
    }
    return fail(
        ErrorKind::Invalid,
        fmt::format("{} is of the architecture \"{}\", which has no decoder here.", file.summary().path.string(), name),
        fmt::format("Supported are {}.", fmt::join(decoder_architectures(), ", ")));
}

}  // namespace landauer
