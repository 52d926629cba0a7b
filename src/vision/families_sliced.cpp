// Projectors that cut an image into slices.
#include <array>

#include "vision/families.h"

namespace landauer {
namespace {

constexpr auto kSliced = Preprocessing::sliced;

constexpr std::array kFamilies = {
    Family{.projector = "resampler",
           .version = 2,
           .preprocessing = kSliced,
           .layout = uhd_layout,
           .tokens = query_tokens,
           .markers = {.overview = 2, .slices = 2, .slice = 2, .row = 1},
           .block_tensors = kBiasedBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight resampler.pos_embed_k resampler.query "
                      "resampler.proj.weight resampler.kv.weight resampler.attn.q.weight resampler.attn.q.bias "
                      "resampler.attn.k.weight resampler.attn.k.bias resampler.attn.v.weight resampler.attn.v.bias "
                      "resampler.attn.out.weight resampler.attn.out.bias resampler.ln_q.weight "
                      "resampler.ln_q.bias resampler.ln_kv.weight resampler.ln_kv.bias resampler.ln_post.weight "
                      "resampler.ln_post.bias",
           .widths = "resampler.proj.weight",
           .width_axis = 0},
    Family{.projector = "resampler",
           .preprocessing = kSliced,
           .layout = uhd_layout,
           .tokens = query_tokens,
           .markers = {.overview = 2, .slice = 2, .row = 1},
           .block_tensors = kBiasedBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight resampler.pos_embed_k resampler.query "
                      "resampler.proj.weight resampler.kv.weight resampler.attn.q.weight resampler.attn.q.bias "
                      "resampler.attn.k.weight resampler.attn.k.bias resampler.attn.v.weight resampler.attn.v.bias "
                      "resampler.attn.out.weight resampler.attn.out.bias resampler.ln_q.weight "
                      "resampler.ln_q.bias resampler.ln_kv.weight resampler.ln_kv.bias resampler.ln_post.weight "
                      "resampler.ln_post.bias",
           .widths = "resampler.proj.weight",
           .width_axis = 0},
    Family{.projector = "minicpmv4_6",
           .preprocessing = kSliced,
           .layout = minicpmv46_layout,
           .tokens = merged_tokens,
           .markers = {.overview = 2, .slice = 2, .row = 1},
           .merge_key = kScaleKey,
           .merge = 4,
           .block_tensors = kBiasedBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight mm.input_norm.weight mm.up.weight mm.down.weight",
           .widths = "mm.down.weight"},
    Family{.projector = "idefics3",
           .preprocessing = kSliced,
           .layout = idefics3_layout,
           .tokens = merged_tokens,
           .markers = {.overview = 4, .slice = 2, .row = 1},
           .limits = LimitSource::user,
           .merge_key = kScaleKey,
           .merge = 1,
           .block_tensors = kBiasedBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight v.post_ln.weight v.post_ln.bias "
                      "mm.model.fc.weight",
           .widths = "mm.model.fc.weight"},
    Family{.projector = "internvl",
           .preprocessing = kSliced,
           .layout = uhd_layout,
           .tokens = merged_tokens,
           .markers = {.image = 2},
           .merge_key = kScaleKey,
           .merge = 1,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.class_embd v.position_embd.weight mm.model.mlp.0.weight "
                      "mm.model.mlp.0.bias mm.model.mlp.1.weight mm.model.mlp.1.bias mm.model.mlp.3.weight "
                      "mm.model.mlp.3.bias",
           .widths = "mm.model.mlp.3.weight"},
    Family{.projector = "llama4",
           .preprocessing = kSliced,
           .layout = uhd_layout,
           .tokens = merged_tokens,
           .markers = {.image = 2},
           .merge_key = kScaleKey,
           .merge = 1,
           .block_tensors = kBiasedBlock,
           .tensors = "v.patch_embd.weight v.class_embd v.position_embd.weight v.pre_ln.weight v.post_ln.weight "
                      "mm.model.mlp.1.weight mm.model.mlp.2.weight mm.model.fc.weight",
           .widths = "mm.model.fc.weight"},
    Family{.projector = "lfm2",
           .preprocessing = kSliced,
           .layout = lfm2_layout,
           .tokens = grid_up_tokens,
           .markers = {.image = 2, .overview = 1, .slice = 1},
           .limits = LimitSource::built_in,
           .min_tokens = 64,
           .max_tokens = 256,
           .merge_key = kScaleKey,
           .merge = 1,
           .block_tensors = kBiasedBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight v.post_ln.weight mm.1.weight mm.1.bias "
                      "mm.2.weight mm.2.bias",
           .widths = "mm.2.weight"},
    Family{.projector = "step3vl",
           .preprocessing = kSliced,
           .layout = step3_layout,
           .tokens = grid_tokens,
           .markers = {.overview = 2, .slice = 2, .row = 1},
           .merge_key = kScaleKey,
           .merge = 4,
           .block_tensors = kBlock,
           .tensors = "v.patch_embd.weight v.position_embd.weight mm.0.weight mm.1.weight mm.model.fc.weight",
           .widths = "mm.model.fc.weight"},
    Family{.projector = "deepseekocr",
           .preprocessing = kSliced,
           .layout = deepseek_ocr_layout,
           .tokens = deepseek_ocr_tokens,
           .markers = {.image = 1},
           .block_tensors = kBlock,
           .tensors = "v.sam.pos_embd.weight v.sam.patch_embd.weight v.sam.patch_embd.bias v.sam.neck.0.weight "
                      "v.sam.neck.1.weight v.sam.neck.1.bias v.sam.neck.2.weight v.sam.neck.3.weight "
                      "v.sam.neck.3.bias v.sam.net_2.weight v.sam.net_3.weight v.view_seperator "
                      "mm.model.fc.weight mm.model.fc.bias v.image_newline",
           .widths = "mm.model.fc.weight",
           .keys = "clip.vision.sam.block_count clip.vision.sam.head_count clip.vision.sam.embedding_length "
                   "clip.vision.window_size"},
    Family{.projector = "deepseekocr2",
           .preprocessing = kSliced,
           .layout = deepseek_ocr2_layout,
           .tokens = deepseek_ocr2_tokens,
           .markers = {.image = 1},
           .block_tensors = kBlock,
           .tensors = "v.sam.pos_embd.weight v.sam.patch_embd.weight v.sam.patch_embd.bias v.sam.neck.0.weight "
                      "v.sam.neck.1.weight v.sam.neck.1.bias v.sam.neck.2.weight v.sam.neck.3.weight "
                      "v.sam.neck.3.bias v.sam.net_2.weight v.sam.net_3.weight v.view_seperator "
                      "mm.model.fc.weight mm.model.fc.bias",
           .widths = "mm.model.fc.weight",
           .keys = "clip.vision.sam.block_count clip.vision.sam.head_count clip.vision.sam.embedding_length "
                   "clip.vision.window_size clip.vision.attention.head_count_kv"},
};

}  // namespace

std::span<const Family> sliced_families() { return kFamilies; }

}  // namespace landauer
