// A loaded vision projector (libmtmd) and what it makes of pictures.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/engine.h"
#include "engine/llama/handles.h"
#include "engine/llama/text.h"
#include "mtmd.h"

namespace landauer {

using MtmdPtr = std::unique_ptr<mtmd_context, FreeWith<mtmd_free>>;
using ChunksPtr = std::unique_ptr<mtmd_input_chunks, FreeWith<mtmd_input_chunks_free>>;

// A prompt with its picture cut, resized and tokenised: pieces of text and of image in reading order.
struct ImagePrompt {
    ChunksPtr chunks;
    std::int64_t n_tokens = 0;  // text and image together
    std::int64_t n_image_tokens = 0;
    std::int64_t n_slices = 0;
};

class Projector {
   public:
    // Loads settings.mmproj for the CPU. Failed with libmtmd's own reason; Interrupted by the hooks' abort poll.
    [[nodiscard]] static Result<Projector> load(const EngineSettings& settings, llama_flash_attn_type flash_attn,
                                                const llama_model* model, const EngineHooks& hooks);

    // Invalid: the image's sides, and a prompt that holds libmtmd's media marker itself.
    [[nodiscard]] Result<ImagePrompt> preprocess(const PromptText& prompt, const RgbImage& image) const;

    // Runs the encoder over one image piece; the embeddings stay inside until the next call.
    // Interrupted between two layers.
    [[nodiscard]] Result<void> encode(const mtmd_input_chunk* piece, const EngineHooks& hooks);

    // Puts the last encoded piece into the language model's memory at position `first`; the position after it.
    // Invalid where the model must see all of an image at once and -ub is smaller.
    [[nodiscard]] Result<llama_pos> prefill(llama_context* context, const mtmd_input_chunk* piece, llama_pos first,
                                            std::int32_t n_batch);

   private:
    struct Watch {
        const EngineHooks* hooks = nullptr;
        bool aborted = false;
    };
    static bool at_layer(ggml_tensor* tensor, bool ask, void* user);

    std::unique_ptr<Watch> watch_;  // libmtmd keeps a pointer to it
    MtmdPtr mtmd_;
};

}  // namespace landauer
