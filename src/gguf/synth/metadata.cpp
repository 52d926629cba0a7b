#include "gguf/synth/metadata.h"

#include "ggml.h"

namespace landauer {
namespace {

constexpr std::uint32_t kF16 = 1;  // general.file_type of a tower

std::uint32_t count(std::int64_t value) { return static_cast<std::uint32_t>(value); }

GgufMetadata general_metadata(const SynthShape& shape, const std::string& architecture, const std::string& type,
                              std::uint32_t file_type) {
    return {
        {"general.architecture", architecture},
        {"general.type", type},
        {"general.name", shape.title + " synthetic"},
        {"general.size_label", shape.size_label},
        {"general.file_type", file_type},
        {"general.quantization_version", std::uint32_t{GGML_QNT_VERSION}},
    };
}

// Means and deviations of the pixels that the towers were trained on.
std::vector<float> image_mean(TowerFamily family) {
    if (family == TowerFamily::idefics3) return {0.5F, 0.5F, 0.5F};
    return {0.48145466F, 0.4578275F, 0.40821073F};
}

std::vector<float> image_std(TowerFamily family) {
    if (family == TowerFamily::idefics3) return {0.5F, 0.5F, 0.5F};
    return {0.26862954F, 0.26130258F, 0.27577711F};
}

}  // namespace

GgufMetadata language_metadata(const SynthShape& shape, std::int64_t n_vocab, const FileType& file_type) {
    const LanguageShape& language = shape.language;
    const std::string arch = language.architecture + ".";
    GgufMetadata metadata = general_metadata(shape, language.architecture, "model", file_type.id);
    const auto add = [&](const std::string& key, GgufValue value) {
        metadata.emplace_back(arch + key, std::move(value));
    };
    add("block_count", count(language.n_layer));
    add("context_length", count(language.context_length));
    add("embedding_length", count(language.n_embd));
    add("feed_forward_length", count(language.n_ff));
    add("attention.head_count", count(language.n_head));
    add("attention.head_count_kv", count(language.n_head_kv));
    if (language.rope_sections[0] > 0) {
        add("rope.dimension_sections",
            std::vector<std::int32_t>(language.rope_sections.begin(), language.rope_sections.end()));
    }
    add("rope.freq_base", language.rope_base);
    add("attention.layer_norm_rms_epsilon", language.rms_epsilon);
    if (language.architecture == "llama") {
        add("vocab_size", count(n_vocab));
        add("rope.dimension_count", count(language.head_dim()));
    }
    return metadata;
}

GgufMetadata tower_metadata(const SynthShape& shape) {
    const TowerShape tower = shape.tower.value_or(TowerShape{});
    const bool is_qwen = tower.family == TowerFamily::qwen2vl;
    GgufMetadata metadata = general_metadata(shape, "clip", "mmproj", kF16);
    const auto add = [&](const std::string& key, GgufValue value) {
        metadata.emplace_back("clip." + key, std::move(value));
    };
    add("has_vision_encoder", true);
    add("projector_type", std::string(is_qwen ? "qwen2vl_merger" : "idefics3"));
    add("vision.projection_dim", count(shape.language.n_embd));
    add("vision.image_size", count(tower.image_size));
    add("vision.patch_size", count(tower.patch_size));
    add("vision.embedding_length", count(tower.n_embd));
    // Qwen2-VL's converter writes the language model's width here.
    add("vision.feed_forward_length", count(is_qwen ? shape.language.n_embd : tower.n_ff));
    add("vision.block_count", count(tower.n_layer));
    add("vision.attention.head_count", count(tower.n_head));
    add("vision.image_mean", image_mean(tower.family));
    add("vision.image_std", image_std(tower.family));
    add("vision.attention.layer_norm_epsilon", 1e-6F);
    if (!is_qwen) {
        add("vision.projector.scale_factor", count(tower.merge));
        add("use_gelu", true);
        add("vision.preproc_image_size", count(tower.longest_edge));
    }
    return metadata;
}

GgufMetadata synthetic_marks(const SynthShape& shape, std::uint64_t seed, const std::string& tokenizer) {
    return {
        {"landauer.synthetic", true},
        {"landauer.synthetic.shape", shape.name},
        {"landauer.synthetic.seed", seed},
        {"landauer.synthetic.tokenizer", tokenizer},
    };
}

}  // namespace landauer
