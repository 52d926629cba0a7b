#include "engine/llama/projector.h"

#include <fmt/format.h>

#include <exception>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/llama/decode.h"
#include "engine/log.h"
#include "engine/phase_timer.h"

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

// Some models see the whole of an image at once; text stays causal.
class NonCausal {
   public:
    NonCausal(llama_context* context, bool wanted) : context_(wanted ? context : nullptr) {
        if (context_ != nullptr) llama_set_causal_attn(context_, false);
    }
    NonCausal(const NonCausal&) = delete;
    NonCausal& operator=(const NonCausal&) = delete;
    NonCausal(NonCausal&&) = delete;
    NonCausal& operator=(NonCausal&&) = delete;
    ~NonCausal() {
        if (context_ != nullptr) llama_set_causal_attn(context_, true);
    }

   private:
    llama_context* context_;
};

// Of every embedding: one number, or time, row, column and an unused one where the model has two dimensions.
Positions positions_of(const mtmd_context* mtmd, const mtmd_input_chunk* piece, llama_pos first) {
    const mtmd_image_tokens* image = mtmd_input_chunk_get_tokens_image(piece);
    const std::size_t n = mtmd_input_chunk_get_n_tokens(piece);
    if (!mtmd_decode_use_mrope(mtmd)) {
        Positions line(1, std::vector<llama_pos>(n));
        std::iota(line.front().begin(), line.front().end(), first);
        return line;
    }
    Positions plane(4, std::vector<llama_pos>(n, 0));
    for (std::size_t i = 0; i < n; ++i) {
        const mtmd_decoder_pos at = mtmd_image_tokens_get_decoder_pos(image, first, i);
        plane[0][i] = static_cast<llama_pos>(at.t);
        plane[1][i] = static_cast<llama_pos>(at.y);
        plane[2][i] = static_cast<llama_pos>(at.x);
    }
    return plane;
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
    const std::string_view marker = mtmd_default_marker();
    if (prompt.text.find(marker) != prompt.text.rfind(marker)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The prompt holds {} itself, the mark that stands for the image.", marker),
                    "Leave the mark out; the image is put before the text.");
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
    const bool non_causal = mtmd_decode_use_non_causal(mtmd_.get(), piece);
    if (non_causal && n_tokens > llama_n_ubatch(context)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("This model must see the {} tokens of an image at once, but -ub is {}.", n_tokens,
                                llama_n_ubatch(context)),
                    fmt::format("Use -b {0} -ub {0}.", n_tokens));
    }
    const NonCausal attention(context, non_causal);
    const auto width = static_cast<std::size_t>(llama_model_n_embd_inp(llama_get_model(context)));
    const std::span embeddings(mtmd_get_output_embd(mtmd_.get()), static_cast<std::size_t>(n_tokens) * width);
    const Positions positions = positions_of(mtmd_.get(), piece, first);
    auto done = prefill_embeddings(context, embeddings, width, positions, n_batch);
    if (!done) return tl::unexpected(done.error());
    return first + mtmd_input_chunk_get_n_pos(piece);
}

}  // namespace landauer
