#include "gguf/synth/tensors.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace landauer {
namespace {

// Collects the tensors of a language model; types by the file type's mixture.
class LanguageList {
   public:
    LanguageList(const LanguageShape& shape, const FileType& file_type)
        : file_type_(file_type), context_{shape.n_layer, shape.n_head / shape.n_head_kv, shape.tied} {}

    void matrix(const std::string& name, std::int64_t n_in, std::int64_t n_out) {
        const std::string type = mixed_type(file_type_, context_, prefix_ + name, layer_, n_in);
        tensors_.push_back({{prefix_ + name, type, {n_in, n_out}}, WeightKind::matrix, n_in});
    }
    void vector(const std::string& name, std::int64_t n, WeightKind kind) {
        tensors_.push_back({{prefix_ + name, "f32", {n}}, kind, n});
    }
    void enter_layer(std::int64_t layer) {
        layer_ = layer;
        prefix_ = fmt::format("blk.{}.", layer);
    }
    void leave_layers() {
        layer_ = -1;
        prefix_.clear();
    }
    std::vector<SynthTensor> take() { return std::move(tensors_); }

   private:
    FileType file_type_;
    MixContext context_;
    std::int64_t layer_ = -1;
    std::string prefix_;
    std::vector<SynthTensor> tensors_;
};

void add_layer(LanguageList& list, const LanguageShape& shape) {
    list.vector("attn_norm.weight", shape.n_embd, WeightKind::norm);
    list.matrix("ffn_down.weight", shape.n_ff, shape.n_embd);
    list.matrix("ffn_gate.weight", shape.n_embd, shape.n_ff);
    list.matrix("ffn_up.weight", shape.n_embd, shape.n_ff);
    list.vector("ffn_norm.weight", shape.n_embd, WeightKind::norm);
    if (shape.qkv_bias) list.vector("attn_k.bias", shape.n_embd_kv(), WeightKind::bias);
    list.matrix("attn_k.weight", shape.n_embd, shape.n_embd_kv());
    list.matrix("attn_output.weight", shape.n_embd, shape.n_embd);
    if (shape.qkv_bias) list.vector("attn_q.bias", shape.n_embd, WeightKind::bias);
    list.matrix("attn_q.weight", shape.n_embd, shape.n_embd);
    if (shape.qkv_bias) list.vector("attn_v.bias", shape.n_embd_kv(), WeightKind::bias);
    list.matrix("attn_v.weight", shape.n_embd, shape.n_embd_kv());
}

class TowerList {
   public:
    void matrix(const std::string& name, std::vector<std::int64_t> shape, const std::string& type = "f16") {
        std::int64_t fan_in = 1;
        for (std::size_t i = 0; i + 1 < shape.size(); ++i) fan_in *= shape[i];
        tensors_.push_back({{name, type, std::move(shape)}, WeightKind::matrix, fan_in});
    }
    void vector(const std::string& name, std::int64_t n, WeightKind kind) {
        tensors_.push_back({{name, "f32", {n}}, kind, n});
    }
    void norm(const std::string& name, std::int64_t n) {
        vector(name + ".weight", n, WeightKind::norm);
        vector(name + ".bias", n, WeightKind::bias);
    }
    void linear(const std::string& name, std::int64_t n_in, std::int64_t n_out) {
        matrix(name + ".weight", {n_in, n_out});
        vector(name + ".bias", n_out, WeightKind::bias);
    }
    std::vector<SynthTensor> take() { return std::move(tensors_); }

   private:
    std::vector<SynthTensor> tensors_;
};

void add_tower_layer(TowerList& list, const TowerShape& tower, std::int64_t layer) {
    const std::string prefix = fmt::format("v.blk.{}.", layer);
    list.norm(prefix + "ln1", tower.n_embd);
    list.norm(prefix + "ln2", tower.n_embd);
    for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_out"}) {
        list.linear(prefix + name, tower.n_embd, tower.n_embd);
    }
    list.linear(prefix + "ffn_up", tower.n_embd, tower.n_ff);
    list.linear(prefix + "ffn_down", tower.n_ff, tower.n_embd);
}

}  // namespace

std::vector<SynthTensor> language_tensors(const LanguageShape& shape, std::int64_t n_vocab, const FileType& file_type) {
    LanguageList list(shape, file_type);
    if (shape.rope_factor > 0.0) list.vector("rope_freqs.weight", shape.head_dim() / 2, WeightKind::rope_factors);
    list.matrix("token_embd.weight", shape.n_embd, n_vocab);
    for (std::int64_t layer = 0; layer < shape.n_layer; ++layer) {
        list.enter_layer(layer);
        add_layer(list, shape);
    }
    list.leave_layers();
    list.vector("output_norm.weight", shape.n_embd, WeightKind::norm);
    if (!shape.tied) list.matrix("output.weight", shape.n_embd, n_vocab);
    return list.take();
}

std::vector<SynthTensor> tower_tensors(const TowerShape& tower, std::int64_t n_embd_text) {
    TowerList list;
    const std::int64_t merged = tower.n_embd * tower.merge * tower.merge;
    const std::vector<std::int64_t> kernel = {tower.patch_size, tower.patch_size, 3, tower.n_embd};
    if (tower.family == TowerFamily::qwen2vl) {
        // A convolution over two frames, split into one for each.
        list.matrix("v.patch_embd.weight", kernel);
        list.matrix("v.patch_embd.weight.1", kernel);
    } else {
        const std::int64_t side = tower.image_size / tower.patch_size;
        list.matrix("v.patch_embd.weight", kernel, "f32");
        list.vector("v.patch_embd.bias", tower.n_embd, WeightKind::bias);
        list.matrix("v.position_embd.weight", {tower.n_embd, side * side}, "f32");
    }
    for (std::int64_t layer = 0; layer < tower.n_layer; ++layer) add_tower_layer(list, tower, layer);
    list.norm("v.post_ln", tower.n_embd);
    if (tower.family == TowerFamily::qwen2vl) {
        list.linear("mm.0", merged, merged);
        list.linear("mm.2", merged, n_embd_text);
    } else {
        list.matrix("mm.model.fc.weight", {merged, n_embd_text});
    }
    return list.take();
}

}  // namespace landauer
