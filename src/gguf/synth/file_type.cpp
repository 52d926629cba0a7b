#include "gguf/synth/file_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gguf/types.h"

namespace landauer {
namespace {

const std::vector<FileType>& table() {
    static const std::vector<FileType> types = {
        {"F32", 0, "f32"},      {"F16", 1, "f16"},      {"BF16", 32, "bf16"},   {"Q4_0", 2, "q4_0"},
        {"Q4_1", 3, "q4_1"},    {"Q5_0", 8, "q5_0"},    {"Q5_1", 9, "q5_1"},    {"Q8_0", 7, "q8_0"},
        {"Q2_K", 10, "q2_K"},   {"Q3_K_S", 11, "q3_K"}, {"Q3_K_M", 12, "q3_K"}, {"Q3_K_L", 13, "q3_K"},
        {"Q4_K_S", 14, "q4_K"}, {"Q4_K_M", 15, "q4_K"}, {"Q5_K_S", 16, "q5_K"}, {"Q5_K_M", 17, "q5_K"},
        {"Q6_K", 18, "q6_K"},
    };
    return types;
}

// The first and last eighth of the layers and every third between.
bool is_favoured(std::int64_t layer, std::int64_t n_layer) {
    return layer < n_layer / 8 || layer >= 7 * n_layer / 8 || (layer - n_layer / 8) % 3 == 2;
}

bool divides(std::int64_t n_columns, std::string_view type) {
    const auto known = tensor_type(type);
    return known && n_columns % ggml_blck_size(*known) == 0;
}

bool is_float(std::string_view type) { return type == "f32" || type == "f16" || type == "bf16"; }

std::string head_type(const FileType& file, std::int64_t n_columns) {
    if (!divides(n_columns, file.tensor_type)) return "q8_0";
    return file.tensor_type == "q8_0" ? "q8_0" : "q6_K";
}

std::string attn_v_type(const FileType& file, const MixContext& context, std::int64_t layer) {
    const std::string& name = file.name;
    if (name == "Q2_K") return context.n_gqa >= 4 ? "q4_K" : "q3_K";
    if (name == "Q3_K_M") return layer < 2 ? "q5_K" : "q4_K";
    if (name == "Q3_K_L") return "q5_K";
    if (name == "Q4_K_S" && layer < 4) return "q5_K";
    if ((name == "Q4_K_M" || name == "Q5_K_M") && is_favoured(layer, context.n_layer)) return "q6_K";
    return file.tensor_type;
}

std::string ffn_down_type(const FileType& file, const MixContext& context, std::int64_t layer) {
    const std::string& name = file.name;
    if (name == "Q2_K") return "q3_K";
    if (name == "Q3_K_M") return layer < context.n_layer / 16 ? "q5_K" : "q4_K";
    if (name == "Q3_K_L") return "q5_K";
    if (name == "Q4_K_S" && layer < context.n_layer / 8) return "q5_K";
    if ((name == "Q4_K_M" || name == "Q5_K_M") && is_favoured(layer, context.n_layer)) return "q6_K";
    return file.tensor_type;
}

std::string attn_output_type(const FileType& file) {
    if (file.name == "Q2_K") return "q3_K";
    if (file.name == "Q3_K_M") return "q4_K";
    if (file.name == "Q3_K_L") return "q5_K";
    return file.tensor_type;
}

std::string wanted_type(const FileType& file, const MixContext& context, std::string_view tensor, std::int64_t layer,
                        std::int64_t n_columns) {
    const bool is_head = tensor == "output.weight" || (context.tied && tensor == "token_embd.weight");
    if (is_head) return head_type(file, n_columns);
    if (tensor.ends_with("attn_v.weight")) return attn_v_type(file, context, layer);
    if (tensor.ends_with("ffn_down.weight")) return ffn_down_type(file, context, layer);
    if (tensor.ends_with("attn_output.weight")) return attn_output_type(file);
    return file.tensor_type;
}

// What llama-quantize takes where a row does not divide into blocks.
std::string fitting_type(std::string type, std::int64_t n_columns) {
    static constexpr std::array<std::array<std::string_view, 2>, 5> kFallbacks = {
        {{"q2_K", "q4_0"}, {"q3_K", "q4_0"}, {"q4_K", "q5_0"}, {"q5_K", "q5_1"}, {"q6_K", "q8_0"}}};
    if (divides(n_columns, type)) return type;
    for (const auto& [from, to] : kFallbacks) {
        if (type == from) type = to;
    }
    return divides(n_columns, type) ? type : "f16";
}

}  // namespace

std::vector<std::string> file_type_names() {
    std::vector<std::string> names;
    for (const FileType& type : table()) names.push_back(type.name);
    return names;
}

Result<FileType> find_file_type(std::string_view name) {
    for (const FileType& type : table()) {
        if (type.name == name) return type;
    }
    return fail(ErrorKind::Invalid, fmt::format("There is no type \"{}\".", name),
                fmt::format("Use one of {}.", fmt::join(file_type_names(), ", ")));
}

std::string mixed_type(const FileType& file_type, const MixContext& context, std::string_view tensor,
                       std::int64_t layer, std::int64_t n_columns) {
    const bool is_vector =
        tensor.ends_with(".bias") || tensor.ends_with("norm.weight") || tensor == "rope_freqs.weight";
    if (is_vector) return "f32";
    if (is_float(file_type.tensor_type)) return file_type.tensor_type;
    return fitting_type(wanted_type(file_type, context, tensor, layer, n_columns), n_columns);
}

}  // namespace landauer
