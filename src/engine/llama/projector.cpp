#include "engine/llama/projector.h"

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "engine/llama/decode.h"
#include "engine/log.h"
#include "engine/phase_timer.h"
#include "mtmd-helper.h"

namespace landauer {
namespace {

using BitmapPtr = std::unique_ptr<mtmd_bitmap, FreeWith<mtmd_bitmap_free>>;

std::string reason() {
    const std::string lines = recent_engine_errors();
    return lines.empty() ? "" : fmt::format(" (llama.cpp: {})", lines);
}

struct LoadWatch {
    const EngineHooks& hooks;
    bool aborted = false;
};

bool on_load(float fraction, void* user) {
    auto& watch = *static_cast<LoadWatch*>(user);
    if (watch.hooks.progress) watch.hooks.progress(PhaseKind::load, static_cast<double>(fraction));
    watch.aborted = watch.aborted || wants_abort(watch.hooks);
    return !watch.aborted;
}

mtmd_context_params params_of(const EngineSettings& settings, llama_flash_attn_type flash_attn) {
    auto params = mtmd_context_params_default();
    params.use_gpu = false;
    params.print_timings = false;
    params.n_threads = settings.n_threads;
    params.flash_attn_type = flash_attn;
    if (settings.image_min_tokens > 0) params.image_min_tokens = settings.image_min_tokens;
    if (settings.image_max_tokens > 0) params.image_max_tokens = settings.image_max_tokens;
    return params;
}

Result<ImagePrompt> counted(ChunksPtr chunks) {
    ImagePrompt prompt;
    for (std::size_t i = 0; i < mtmd_input_chunks_size(chunks.get()); ++i) {
        const mtmd_input_chunk* piece = mtmd_input_chunks_get(chunks.get(), i);
        const auto n = static_cast<std::int64_t>(mtmd_input_chunk_get_n_tokens(piece));
        prompt.n_tokens += n;
        if (mtmd_input_chunk_get_type(piece) == MTMD_INPUT_CHUNK_TYPE_IMAGE) {
            prompt.n_image_tokens += n;
            ++prompt.n_slices;
        }
    }
    prompt.chunks = std::move(chunks);
    return prompt;
}

}  // namespace

// libmtmd asks at every node of the encoder's graph whether to stop there; it does at the end of a layer, and only
// when somebody may want to interrupt.
bool Projector::at_layer(ggml_tensor* tensor, bool ask, void* user) {
    auto& watch = *static_cast<Watch*>(user);
    if (watch.hooks == nullptr || !watch.hooks->abort) return !ask;
    if (ask) return std::string_view(tensor->name).starts_with("layer_out");
    watch.aborted = watch.aborted || wants_abort(*watch.hooks);
    return !watch.aborted;
}

Result<Projector> Projector::load(const EngineSettings& settings, llama_flash_attn_type flash_attn,
                                  const llama_model* model, const EngineHooks& hooks) {
    clear_engine_log();
    Projector projector;
    projector.watch_ = std::make_unique<Watch>();
    LoadWatch watch{hooks};
    auto params = params_of(settings, flash_attn);
    params.cb_eval = at_layer;
    params.cb_eval_user_data = projector.watch_.get();
    params.progress_callback = on_load;
    params.progress_callback_user_data = &watch;
    projector.mtmd_.reset(mtmd_init_from_file(settings.mmproj.c_str(), model, params));
    if (watch.aborted) return interrupted("Loading the vision projector was interrupted.");
    if (!projector.mtmd_ || !mtmd_support_vision(projector.mtmd_.get())) {
        return fail(
            ErrorKind::Failed,
            fmt::format("llama.cpp could not load the vision projector {}{}.", settings.mmproj.string(), reason()),
            "Run with -v for the whole log; take the mmproj file that belongs to this very model.");
    }
    return projector;
}

Result<ImagePrompt> Projector::preprocess(const PromptText& prompt, const RgbImage& image) const {
    clear_engine_log();
    if (image.size.width < 1 || image.size.height < 1) {
        return fail(ErrorKind::Invalid, "The image has no pixels.", "Give an image of at least 1x1 pixels.");
    }
    const BitmapPtr bitmap(mtmd_bitmap_init(static_cast<std::uint32_t>(image.size.width),
                                            static_cast<std::uint32_t>(image.size.height), image.rgb.data()));
    ChunksPtr chunks(mtmd_input_chunks_init());
    const mtmd_input_text text{prompt.text.c_str(), prompt.text.size(), !prompt.has_beginning, prompt.is_rendered};
    const mtmd_bitmap* one = bitmap.get();
    std::int32_t code = 0;
    try {
        code = mtmd_tokenize(mtmd_.get(), chunks.get(), &text, &one, 1);
    } catch (const std::exception&) {
        code = 2;
    }
    if (code == 1) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("The prompt holds {} itself, the mark that stands for the image.", mtmd_default_marker()),
            "Leave the mark out; the image is put before the text.");
    }
    if (code != 0) {
        return fail(ErrorKind::Failed, fmt::format("llama.cpp could not prepare the image{}.", reason()),
                    "Try the image at another size; run with -v for the whole log.");
    }
    return counted(std::move(chunks));
}

Result<void> Projector::encode(const mtmd_input_chunk* piece, const EngineHooks& hooks) {
    *watch_ = {&hooks, false};
    const std::int32_t code = mtmd_encode_chunk(mtmd_.get(), piece);
    const bool aborted = watch_->aborted || wants_abort(hooks);
    *watch_ = {};
    if (aborted) return interrupted("The trial was interrupted.");
    if (code == 0) return {};
    return fail(ErrorKind::Failed, fmt::format("llama.cpp could not encode the image{}.", reason()),
                "Run with -v for the whole log; a smaller image needs less memory.");
}

Result<llama_pos> Projector::prefill(llama_context* context, const mtmd_input_chunk* piece, llama_pos first,
                                     std::int32_t n_batch) {
    const auto n_tokens = static_cast<std::int64_t>(mtmd_input_chunk_get_n_tokens(piece));
    if (mtmd_decode_use_non_causal(mtmd_.get(), piece) && n_tokens > llama_n_ubatch(context)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("This model must see the {} tokens of an image at once, but -ub is {}.", n_tokens,
                                llama_n_ubatch(context)),
                    fmt::format("Use -b {0} -ub {0}.", n_tokens));
    }
    llama_pos next = first;
    std::int32_t code = 0;
    try {
        code = mtmd_helper_decode_image_chunk(mtmd_.get(), context, piece, mtmd_get_output_embd(mtmd_.get()), first, 0,
                                              n_batch, &next, nullptr, nullptr);
    } catch (const std::exception&) {
        code = -3;
    }
    llama_synchronize(context);
    if (code != 0) return tl::unexpected(decode_error(code));
    return next;
}

}  // namespace landauer
