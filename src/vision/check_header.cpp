#include "vision/check_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace landauer {
namespace {

constexpr std::array kNumbers = {"clip.vision.embedding_length",    "clip.vision.attention.head_count",
                                 "clip.vision.feed_forward_length", "clip.vision.block_count",
                                 "clip.vision.projection_dim",      "clip.vision.image_size",
                                 "clip.vision.patch_size"};
// MiniCPM-V 4.6 with a merge of 4: half of it happens inside the encoder.
constexpr std::string_view kVitMerger =
    "v.vit_merger.ln1.weight v.vit_merger.ln1.bias v.vit_merger.attn_q.weight v.vit_merger.attn_k.weight "
    "v.vit_merger.attn_v.weight v.vit_merger.attn_out.weight v.vit_merger.ds_ln.weight v.vit_merger.ds_ln.bias "
    "v.vit_merger.ds_ffn_up.weight v.vit_merger.ds_ffn_down.weight";
constexpr std::string_view kBlockCount = "clip.vision.block_count";
constexpr std::string_view kWidth = "clip.vision.embedding_length";
constexpr std::string_view kBlockPrefix = "v.blk.";

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) out.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

Result<void> check_floats(const Header& header, std::string_view key) {
    if (auto fit = header.check_key(key, "arr", false); !fit) return fit;
    const std::string shown = header.text(key);  // "[3 f32]"
    int n = 0;
    std::from_chars(shown.data() + 1, shown.data() + shown.size(), n);
    if (n >= 3 && shown.ends_with(" f32]")) return {};
    return header.unfit(fmt::format("has the key {} as {}, where three f32 are needed", key, shown));
}

// N of "v.blk.N.attn_q.weight".
std::optional<int> block_of(std::string_view name) {
    if (!name.starts_with(kBlockPrefix)) return std::nullopt;
    int block = 0;
    const auto parsed = std::from_chars(name.data() + kBlockPrefix.size(), name.data() + name.size(), block);
    return parsed.ec == std::errc() ? std::optional(block) : std::nullopt;
}

Result<void> check_attention(const Header& header, int block) {
    const std::string prefix = fmt::format("{}{}.", kBlockPrefix, block);
    if (header.tensor(prefix + "attn_qkv.weight") != nullptr) return {};
    for (const char* name : {"attn_q.weight", "attn_k.weight", "attn_v.weight"}) {
        if (auto there = header.check_tensor(prefix + name); !there) return there;
    }
    return {};
}

// Experts stand in for the dense feed-forward network.
Result<void> check_feed_forward(const Header& header, int block) {
    const std::string prefix = fmt::format("{}{}.", kBlockPrefix, block);
    if (header.tensor(prefix + "ffn_gate_exps.weight") != nullptr) return {};
    for (const char* name : {"ffn_up.weight", "ffn_down.weight"}) {
        if (auto there = header.check_tensor(prefix + name); !there) return there;
    }
    return {};
}

// What the first block has, every block must have: a bias that only one lacks is left out without a word.
Result<void> check_alike(const Header& header, int n_blocks) {
    const std::string first = fmt::format("{}0.", kBlockPrefix);
    for (const GgufTensor& tensor : header.summary().tensors) {
        if (!tensor.name.starts_with(first)) continue;
        const std::string kind = tensor.name.substr(first.size());
        for (int block = 1; block < n_blocks; ++block) {
            if (auto there = header.check_tensor(fmt::format("{}{}.{}", kBlockPrefix, block, kind)); !there) {
                return there;
            }
        }
    }
    return {};
}

Result<void> check_block_count(const Header& header, const Family& family, int n_blocks) {
    int highest = -1;
    for (const GgufTensor& tensor : header.summary().tensors) {
        highest = std::max(highest, block_of(tensor.name).value_or(-1));
    }
    if (family.blocks == Blocks::at_least || highest < n_blocks) return {};
    return header.unfit(fmt::format("has tensors of {} blocks, but {} says {}: llama.cpp would leave the others out",
                                    highest + 1, kBlockCount, n_blocks));
}

Result<void> check_blocks(const Header& header, const Family& family) {
    if (family.blocks == Blocks::other) return {};
    const int n_blocks = header.number(kBlockCount);
    if (auto fit = check_block_count(header, family, n_blocks); !fit) return fit;
    const std::vector<std::string_view> needed = words(family.block_tensors);
    for (int block = 0; block < n_blocks; ++block) {
        for (const std::string_view name : needed) {
            if (auto there = header.check_tensor(fmt::format("{}{}.{}", kBlockPrefix, block, name)); !there) {
                return there;
            }
        }
        if (needed.empty()) continue;
        if (auto there = check_attention(header, block); !there) return there;
        if (auto there = check_feed_forward(header, block); !there) return there;
    }
    return family.blocks == Blocks::exact ? check_alike(header, n_blocks) : Result<void>();
}

Result<void> check_width(const Header& header, std::string_view name, std::size_t axis) {
    const GgufTensor* const tensor = header.tensor(name);
    if (tensor == nullptr || dimension(*tensor, axis) == header.number(kWidth)) return {};
    return header.unfit(fmt::format("has the tensor {} of width {}, but {} says {}", name, dimension(*tensor, axis),
                                    kWidth, header.number(kWidth)));
}

// A bias is as long as its matrix is high.
Result<void> check_biases(const Header& header) {
    for (const GgufTensor& bias : header.summary().tensors) {
        if (!bias.name.ends_with(".bias") || !bias.name.starts_with("mm.")) continue;
        const std::string name = bias.name.substr(0, bias.name.size() - 4) + "weight";
        const GgufTensor* const weight = header.tensor(name);
        if (weight == nullptr || weight->shape.size() != 2) continue;
        if (dimension(*weight, 1) != dimension(bias, 0)) {
            return header.unfit(fmt::format("has the tensor {} for a width of {}, but its bias is for {}", name,
                                            dimension(*weight, 1), dimension(bias, 0)));
        }
    }
    return {};
}

}  // namespace

Result<void> check_common_keys(const Header& header) {
    for (const char* key : kNumbers) {
        if (auto fit = header.check_key(key, "u32", false); !fit) return fit;
    }
    if (auto fit = header.check_key("clip.vision.attention.layer_norm_epsilon", "f32", false); !fit) return fit;
    for (const char* key : {"clip.vision.image_mean", "clip.vision.image_std"}) {
        if (auto fit = check_floats(header, key); !fit) return fit;
    }
    return {};
}

Result<void> check_family(const Header& header, const Family& family) {
    for (const std::string_view key : words(family.keys)) {
        const std::size_t colon = key.find(':');
        const std::string_view type = colon == std::string_view::npos ? "u32" : key.substr(colon + 1);
        if (auto fit = header.check_key(key.substr(0, colon), type, false); !fit) return fit;
    }
    const bool has_merger =
        family.projector == "minicpmv4_6" && header.number(family.merge_key, family.merge) == family.merge;
    for (const std::string_view list : {family.tensors, has_merger ? kVitMerger : std::string_view()}) {
        for (const std::string_view name : words(list)) {
            if (auto there = header.check_tensor(name); !there) return there;
        }
    }
    if (auto fit = check_blocks(header, family); !fit) return fit;
    if (auto fit = check_width(header, "v.patch_embd.weight.1", 3); !fit) return fit;
    if (auto fit = check_width(header, "v.blk.0.ln1.weight", 0); !fit) return fit;
    if (auto fit = check_width(header, "v.blk.0.attn_out.weight", 1); !fit) return fit;
    if (auto fit = check_width(header, "v.post_ln.weight", 0); !fit) return fit;
    return check_biases(header);
}

Result<std::int32_t> output_width(const Header& header, const Family& family) {
    const std::vector<std::string_view> names = words(family.widths);
    const GgufTensor* tensor = nullptr;
    for (const std::string_view name : names) {
        if (tensor == nullptr) tensor = header.tensor(name);
    }
    if (tensor == nullptr) return tl::unexpected(header.check_tensor(names.back()).error());
    std::int64_t width = dimension(*tensor, family.width_axis);
    if (family.projector == "qwen3vl_merger") {
        const auto is_branch = [](const GgufTensor& t) {
            return t.name.starts_with("v.deepstack.") && t.name.ends_with(".fc1.weight");
        };
        const auto& tensors = header.summary().tensors;
        width *= 1 + std::count_if(tensors.begin(), tensors.end(), is_branch);
    }
    return static_cast<std::int32_t>(width);
}

}  // namespace landauer
