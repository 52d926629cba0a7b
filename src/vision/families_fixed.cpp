// Projectors with one size for all images.
#include <array>

#include "vision/families.h"

namespace landauer {
namespace {

constexpr auto kFixed = Preprocessing::fixed;

constexpr std::array kFamilies = {
    Family{.projector = "mlp",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = patch_tokens,
           .may_slice = true,
           .blocks = Blocks::at_least,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight mm.0.weight",
           .widths = "mm.3.weight mm.2.weight"},
    Family{.projector = "ldp",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = quarter_tokens,
           .may_slice = true,
           .blocks = Blocks::at_least,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight mm.model.mlp.1.weight mm.model.mlp.1.bias "
                      "mm.model.mlp.3.weight mm.model.mlp.3.bias mm.model.mb_block.1.block.0.0.weight "
                      "mm.model.mb_block.1.block.0.1.weight mm.model.mb_block.1.block.0.1.bias "
                      "mm.model.mb_block.1.block.1.fc1.weight mm.model.mb_block.1.block.1.fc1.bias "
                      "mm.model.mb_block.1.block.1.fc2.weight mm.model.mb_block.1.block.1.fc2.bias "
                      "mm.model.mb_block.1.block.2.0.weight mm.model.mb_block.1.block.2.1.weight "
                      "mm.model.mb_block.1.block.2.1.bias mm.model.mb_block.2.block.0.0.weight "
                      "mm.model.mb_block.2.block.0.1.weight mm.model.mb_block.2.block.0.1.bias "
                      "mm.model.mb_block.2.block.1.fc1.weight mm.model.mb_block.2.block.1.fc1.bias "
                      "mm.model.mb_block.2.block.1.fc2.weight mm.model.mb_block.2.block.1.fc2.bias "
                      "mm.model.mb_block.2.block.2.0.weight mm.model.mb_block.2.block.2.1.weight "
                      "mm.model.mb_block.2.block.2.1.bias",
           .widths = "mm.model.mb_block.2.block.2.1.bias",
           .width_axis = 0},
    Family{.projector = "ldpv2",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = quarter_tokens,
           .may_slice = true,
           .blocks = Blocks::at_least,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight mm.model.mlp.0.weight mm.model.mlp.0.bias "
                      "mm.model.mlp.2.weight mm.model.mlp.2.bias mm.model.peg.0.weight mm.model.peg.0.bias",
           .widths = "mm.model.peg.0.bias",
           .width_axis = 0},
    Family{.projector = "adapter",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = bounded_quarter_tokens,
           .may_slice = true,
           .blocks = Blocks::at_least,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight adapter.conv.weight adapter.conv.bias "
                      "adapter.linear.linear.weight adapter.linear.norm1.weight adapter.linear.norm1.bias "
                      "adapter.linear.dense_h_to_4h.weight adapter.linear.gate.weight "
                      "adapter.linear.dense_4h_to_h.weight adapter.boi adapter.eoi",
           .widths = "adapter.linear.dense_4h_to_h.weight"},
    Family{.projector = "cogvlm",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = bounded_patch_tokens,
           .may_slice = true,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.class_embd v.position_embd.weight mm.model.fc.weight "
                      "mm.post_fc_norm.weight mm.post_fc_norm.bias mm.up.weight mm.gate.weight mm.down.weight "
                      "v.boi v.eoi",
           .widths = "mm.down.weight"},
    Family{.projector = "janus_pro",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = patch_tokens,
           .may_slice = true,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight mm.0.weight mm.0.bias mm.1.weight mm.1.bias",
           .widths = "mm.1.bias",
           .width_axis = 0},
    Family{.projector = "gemma3",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = merged_tokens,
           .markers = {.image = 2},
           .merge_key = kScaleKey,
           .merge = 4,
           .block_tensors = kBiasedBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight v.post_ln.weight v.post_ln.bias "
                      "mm.input_projection.weight mm.soft_emb_norm.weight",
           .widths = "mm.input_projection.weight",
           .width_axis = 0},
    Family{.projector = "gemma3nv",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = query_tokens,
           .markers = {.image = 2},
           .merge_key = kScaleKey,
           .merge = 1,
           .blocks = Blocks::other,
           .tensors = "v.conv_stem.conv.weight mm.input_projection.weight mm.soft_emb_norm.weight",
           .widths = "mm.input_projection.weight",
           .width_axis = 0},
    Family{.projector = "nemotron_v2_vl",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = merged_tokens,
           .merge_key = kScaleKey,
           .merge = 1,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight mm.model.mlp.0.weight mm.model.mlp.1.weight "
                      "mm.model.mlp.3.weight",
           .widths = "mm.model.mlp.3.weight"},
    Family{.projector = "yasa2",
           .preprocessing = kFixed,
           .layout = fixed_layout,
           .tokens = query_tokens,
           .markers = {.image = 2},
           .blocks = Blocks::other,
           .tensors = "v.patch_embd.weight mm.0.weight mm.2.weight",
           .widths = "mm.2.weight"},
};

}  // namespace

std::span<const Family> fixed_families() { return kFamilies; }

}  // namespace landauer
