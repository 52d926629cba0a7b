#include "vision/tiny_models.h"

#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>

namespace landauer::testing {
namespace {

constexpr std::uint32_t kBlocks = 2;

using GgufPtr = std::unique_ptr<gguf_context, void (*)(gguf_context*)>;
using GgmlPtr = std::unique_ptr<ggml_context, void (*)(ggml_context*)>;

std::vector<std::string> words(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> out;
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

// Patch and image sides of the published models; libmtmd's counts depend on them.
struct Sides {
    std::string_view projector;
    std::uint32_t patch;
    std::uint32_t image;
};
constexpr Sides kSides[] = {
    {"qwen3vl_merger", 16, 768},
    {"gemma3", 14, 896},
    {"gemma3nv", 3, 768},
    {"gemma4v", 16, 224},
    {"gemma4uv", 16, 224},
    {"idefics3", 16, 512},
    {"internvl", 14, 448},
    {"llama4", 14, 336},
    {"lfm2", 16, 256},
    {"resampler", 14, 448},
    {"minicpmv4_6", 14, 448},
    {"mlp", 14, 336},
    {"ldp", 14, 336},
    {"ldpv2", 14, 336},
    {"adapter", 14, 672},
    {"cogvlm", 14, 490},
    {"janus_pro", 16, 384},
    {"nemotron_v2_vl", 16, 512},
    {"yasa2", 4, 512},
    {"step3vl", 14, 728},
    {"pixtral", 16, 1024},
    {"lightonocr", 14, 1540},
    {"youtuvl", 16, 512},
    {"phi4", 16, 448},
    {"hunyuanvl", 16, 2048},
};

Sides sides_of(std::string_view projector) {
    for (const Sides& sides : kSides) {
        if (sides.projector == projector) return sides;
    }
    return {projector, 14, 560};
}

std::vector<std::int64_t> shape_of(const std::string& name, std::uint32_t patch) {
    if (name.starts_with("v.patch_embd.weight")) return {patch, patch, 3, kTinyWidth};
    const bool is_matrix = name.ends_with(".weight") && name.find("ln") == std::string::npos &&
                           name.find("norm") == std::string::npos && !name.starts_with("v.blk");
    if (name.starts_with("v.blk.") && name.find("ln") == std::string::npos && name.ends_with(".weight")) {
        return {kTinyWidth, kTinyWidth};
    }
    if (is_matrix) return {kTinyOutput, kTinyOutput};
    return {name.starts_with("v.") ? kTinyWidth : kTinyOutput};
}

void add_keys(TinyProjector& out, const Family& family, std::uint32_t patch, std::uint32_t image) {
    out.texts = {{"general.architecture", "clip"}, {"clip.projector_type", std::string(family.projector)}};
    for (const char* key : {"attention.head_count", "feed_forward_length", "projection_dim"}) {
        out.numbers["clip.vision." + std::string(key)] = 8;
    }
    out.numbers["clip.vision.embedding_length"] = kTinyWidth;
    out.numbers["clip.vision.block_count"] = family.block_tensors.empty() ? 0 : kBlocks;
    out.numbers["clip.vision.image_size"] = image;
    out.numbers["clip.vision.patch_size"] = patch;
    for (const std::string& key : words(family.keys)) {
        if (key.find(':') == std::string::npos) out.numbers[key] = key.ends_with("block_count") ? 0 : 4;
    }
    if (family.projector == "glm5v") out.floats["clip.vision.swiglu_clamp"] = 7.0F;
    if (!family.merge_key.empty()) {
        out.numbers[std::string(family.merge_key)] = static_cast<std::uint32_t>(std::max(2, family.merge));
    }
    if (family.limits == LimitSource::keys || family.limits == LimitSource::keys_user) {
        out.numbers["clip.vision.image_min_pixels"] = 28 * 28 * 16;
        out.numbers["clip.vision.image_max_pixels"] = 28 * 28 * 1280;
    }
    if (family.projector == "resampler") out.signed_numbers["clip.minicpmv_version"] = family.version == 2 ? 2 : 4;
    if (family.projector == "idefics3") out.numbers["clip.vision.preproc_image_size"] = 2048;
    if (family.projector == "youtuvl") out.lists["clip.vision.wa_layer_indexes"] = {0};
    if (family.projector == "mimovl") out.lists["clip.vision.wa_pattern_mode"] = {-1, 0};
}

void add_tensors(TinyProjector& out, const Family& family, std::uint32_t patch) {
    for (const std::string& name : words(family.tensors)) out.tensors[name] = shape_of(name, patch);
    out.tensors[words(family.widths).back()] = shape_of(words(family.widths).back(), patch);
    if (family.projector == "minicpmv4_6") {
        for (const char* name :
             {"ln1.weight", "ln1.bias", "attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_out.weight",
              "ds_ln.weight", "ds_ln.bias", "ds_ffn_up.weight", "ds_ffn_down.weight"}) {
            out.tensors["v.vit_merger." + std::string(name)] = {kTinyWidth};
        }
    }
    std::vector<std::string> block = words(family.block_tensors);
    if (family.blocks == Blocks::mixed) block.insert(block.end(), {"ffn_up.weight", "ffn_down.weight"});
    if (!block.empty()) block.insert(block.end(), {"attn_q.weight", "attn_k.weight", "attn_v.weight"});
    for (std::uint32_t i = 0; !family.block_tensors.empty() && i < kBlocks; ++i) {
        for (const std::string& kind : block) {
            const std::string name = "v.blk." + std::to_string(i) + "." + kind;
            out.tensors[name] = shape_of(name, patch);
        }
    }
}

void set_values(const TinyProjector& projector, gguf_context* header) {
    const float thirds[] = {0.5F, 0.5F, 0.5F};
    gguf_set_arr_data(header, "clip.vision.image_mean", GGUF_TYPE_FLOAT32, thirds, 3);
    gguf_set_arr_data(header, "clip.vision.image_std", GGUF_TYPE_FLOAT32, thirds, 3);
    gguf_set_val_f32(header, "clip.vision.attention.layer_norm_epsilon", 1e-6F);
    gguf_set_val_bool(header, "clip.has_vision_encoder", projector.has_vision);
    for (const auto& [key, value] : projector.texts) gguf_set_val_str(header, key.c_str(), value.c_str());
    for (const auto& [key, value] : projector.numbers) gguf_set_val_u32(header, key.c_str(), value);
    for (const auto& [key, value] : projector.signed_numbers) gguf_set_val_i32(header, key.c_str(), value);
    for (const auto& [key, value] : projector.floats) gguf_set_val_f32(header, key.c_str(), value);
    for (const auto& [key, values] : projector.lists) {
        gguf_set_arr_data(header, key.c_str(), GGUF_TYPE_INT32, values.data(), values.size());
    }
}

// GPT-2's way of writing a byte as a letter.
std::string byte_as_text(int byte) {
    const auto encode = [](int code) {
        if (code < 0x80) return std::string(1, static_cast<char>(code));
        return std::string{static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
    };
    const auto is_plain = [](int b) { return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174; };
    if (is_plain(byte)) return encode(byte);
    int n = 0;
    for (int b = 0; b < byte; ++b) n += is_plain(b) ? 0 : 1;
    return encode(256 + n);
}

std::vector<std::string> markers(int n_slices) {
    std::vector<std::string> out = {"<|vision_start|>",
                                    "<|vision_end|>",
                                    "]<]start of image[>[",
                                    "]<]end of image[>[",
                                    "<|image_start|>",
                                    "<|image_end|>",
                                    "<image>",
                                    "</image>",
                                    "<slice>",
                                    "</slice>",
                                    "<start_of_image>",
                                    "<end_of_image>",
                                    "<fake_token_around_image>",
                                    "<global-img>",
                                    "[IMG_END]",
                                    "<im_start>",
                                    "<im_end>",
                                    "<patch_start>",
                                    "<patch_end>",
                                    "<patch_newline>",
                                    "<img>",
                                    "</img>",
                                    "<|media_start|>",
                                    "<|media_end|>",
                                    "<|media_begin|>",
                                    "<|im_start|>",
                                    "<|im_end|>",
                                    "<|img|>",
                                    "<|endofimg|>",
                                    "<|img_thumbnail|>",
                                    "<|begin_of_image|>",
                                    "<|end_of_image|>",
                                    "<|IMAGE_START|>",
                                    "<|IMAGE_END|>",
                                    "<|image>",
                                    "<image|>",
                                    "<｜hy_place▁holder▁no▁100｜>",
                                    "<｜hy_place▁holder▁no▁101｜>",
                                    "<vision>",
                                    "</vision>"};
    for (int row = 1; row <= n_slices; ++row) {
        for (int column = 1; row * column <= n_slices; ++column) {
            out.push_back(fmt::format("<row_{}_col_{}>", row, column));
            out.push_back(fmt::format("<|img_row_{}_col_{}|>", row, column));
        }
    }
    return out;
}

}  // namespace

void TinyProjector::write(const std::filesystem::path& file) const {
    const GgufPtr header(gguf_init_empty(), gguf_free);
    const GgmlPtr space(ggml_init({std::size_t{64} << 20U, nullptr, false}), ggml_free);
    set_values(*this, header.get());
    for (const auto& [name, shape] : tensors) {
        ggml_tensor* const tensor =
            ggml_new_tensor(space.get(), GGML_TYPE_F32, static_cast<int>(shape.size()), shape.data());
        ggml_set_name(tensor, name.c_str());
        std::fill_n(static_cast<float*>(tensor->data), ggml_nelements(tensor), 0.01F);
        gguf_add_tensor(header.get(), tensor);
    }
    ASSERT_TRUE(gguf_write_to_file(header.get(), file.c_str(), false));
}

TinyProjector tiny_projector(const Family& family) {
    const Sides sides = sides_of(family.projector);
    TinyProjector out;
    add_keys(out, family, sides.patch, sides.image);
    add_tensors(out, family, sides.patch);
    return out;
}

std::vector<Variant> tiny_variants() {
    std::vector<Variant> out;
    for (const auto families : {dynamic_families(), sliced_families(), fixed_families()}) {
        for (const Family& family : families) {
            const std::string name = std::string(family.projector) + (family.version == 2 ? " 2" : "");
            out.push_back({name, tiny_projector(family)});
            if (family.projector == "step3vl") out.back().longest_side = 3200;
            if (family.may_slice) {
                const auto side = static_cast<std::int32_t>(sides_of(family.projector).image);
                out.push_back({name + " with pinpoints", out.back().projector});
                out.back().projector.lists["clip.vision.image_grid_pinpoints"] = {
                    side, 2 * side, 2 * side, side, 2 * side, 2 * side, 3 * side, side, side, 3 * side};
            }
        }
    }
    const auto add = [&out](const std::string& name, const std::string& projector, int version,
                            const std::map<std::string, std::uint32_t>& numbers) {
        out.push_back({name, tiny_projector(*find_family(projector, version))});
        for (const auto& [key, value] : numbers) out.back().projector.numbers[key] = value;
    };
    add("resampler 5 with 32 queries", "resampler", 5, {{"clip.minicpmv_query_num", 32}});
    add("minicpmv4_6 with a merge of 2", "minicpmv4_6", 0, {{"clip.vision.projector.scale_factor", 2}});
    std::erase_if(out.back().projector.tensors, [](const auto& t) { return t.first.starts_with("v.vit_merger."); });
    add("smolvlm 256m", "idefics3", 0, {{"clip.vision.projector.scale_factor", 4}});
    add("idefics3 without an edge", "idefics3", 0, {});
    out.back().projector.numbers.erase("clip.vision.preproc_image_size");
    add("internvl of 2 to 6 tiles", "internvl", 0,
        {{"clip.vision.preproc_min_tiles", 2}, {"clip.vision.preproc_max_tiles", 6}});
    add("kimik25 with limits", "kimik25", 0,
        {{"clip.vision.image_min_pixels", 28 * 28 * 4}, {"clip.vision.image_max_pixels", 28 * 28 * 900}});
    add("hunyuanvl with limits", "hunyuanvl", 0,
        {{"clip.vision.image_min_pixels", 512 * 512}, {"clip.vision.image_max_pixels", 2048 * 2048}});
    add("deepseekocr of 32 tiles", "deepseekocr", 0, {{"clip.vision.preproc_max_tiles", 32}});
    out.back().n_sizes = 60;
    add("lightonocr of another edge", "lightonocr", 0, {{"clip.vision.preproc_image_size", 1024}});
    add("pixtral with a merge of 2", "pixtral", 0, {{"clip.vision.spatial_merge_size", 2}});
    add("qwen2vl with a merge of 4", "qwen2vl_merger", 0, {{"clip.vision.spatial_merge_size", 4}});
    return out;
}

void write_tiny_vocabulary(const std::filesystem::path& file, const std::string& architecture, int n_slices) {
    std::vector<std::string> tokens;
    std::vector<std::int32_t> types;
    for (int byte = 0; byte < 256; ++byte) {
        tokens.push_back(byte_as_text(byte));
        types.push_back(1);
    }
    for (const std::string& marker : markers(n_slices)) {
        tokens.push_back(marker);
        types.push_back(3);
    }
    std::vector<const char*> pointers;
    pointers.reserve(tokens.size());
    for (const std::string& token : tokens) pointers.push_back(token.c_str());
    const GgufPtr header(gguf_init_empty(), gguf_free);
    gguf_set_val_str(header.get(), "general.architecture", architecture.c_str());
    gguf_set_val_u32(header.get(), (architecture + ".embedding_length").c_str(), kTinyOutput);
    gguf_set_val_str(header.get(), "tokenizer.ggml.model", "gpt2");
    gguf_set_val_str(header.get(), "tokenizer.ggml.pre", "default");
    gguf_set_arr_str(header.get(), "tokenizer.ggml.tokens", pointers.data(), pointers.size());
    gguf_set_arr_data(header.get(), "tokenizer.ggml.token_type", GGUF_TYPE_INT32, types.data(), types.size());
    const char* merge = "a b";
    gguf_set_arr_str(header.get(), "tokenizer.ggml.merges", &merge, 1);
    ASSERT_TRUE(gguf_write_to_file(header.get(), file.c_str(), false));
}

}  // namespace landauer::testing
