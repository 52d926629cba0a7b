// What libmtmd itself makes of images of given sizes: bitmaps without pixels are tokenised, nothing is encoded.
#include <fmt/format.h>

#include <exception>
#include <memory>

#include "engine/engine.h"
#include "engine/llama/load.h"
#include "engine/log.h"
#include "mtmd.h"

namespace landauer {
namespace {

using MtmdPtr = std::unique_ptr<mtmd_context, FreeWith<mtmd_free>>;
using BitmapPtr = std::unique_ptr<mtmd_bitmap, FreeWith<mtmd_bitmap_free>>;
using ChunksPtr = std::unique_ptr<mtmd_input_chunks, FreeWith<mtmd_input_chunks_free>>;

std::string reason() {
    const std::string lines = recent_engine_errors();
    return lines.empty() ? "" : fmt::format(" (llama.cpp: {})", lines);
}

Result<MtmdPtr> load_projector(const std::filesystem::path& mmproj, const llama_model* model,
                               const ImageLimits& limits) {
    clear_engine_log();
    mtmd_context_params params = mtmd_context_params_default();
    params.use_gpu = false;
    params.print_timings = false;
    params.warmup = false;
    if (limits.min_tokens > 0) params.image_min_tokens = limits.min_tokens;
    if (limits.max_tokens > 0) params.image_max_tokens = limits.max_tokens;
    MtmdPtr context(mtmd_init_from_file(mmproj.c_str(), model, params));
    if (context) return context;
    return fail(ErrorKind::Failed,
                fmt::format("llama.cpp could not load the projector {}{}.", mmproj.string(), reason()),
                "Give the mmproj that was published beside the model; a newer one may need a newer llama.cpp.");
}

Result<ImageCost> count(const mtmd_context* context, ImageSize size) {
    const BitmapPtr bitmap(
        mtmd_bitmap_init(static_cast<std::uint32_t>(size.width), static_cast<std::uint32_t>(size.height), nullptr));
    const ChunksPtr chunks(mtmd_input_chunks_init());
    const std::string marker = mtmd_default_marker();
    const mtmd_input_text text{marker.c_str(), marker.size(), false, true};
    const mtmd_bitmap* const bitmaps[] = {bitmap.get()};
    clear_engine_log();
    if (mtmd_tokenize(context, chunks.get(), &text, bitmaps, 1) != 0) {
        return fail(ErrorKind::Failed,
                    fmt::format("llama.cpp made no tokens of an image of {}x{}{}.", size.width, size.height, reason()),
                    "Use another size.");
    }
    ImageCost cost;
    cost.n_slices = 0;
    for (std::size_t i = 0; i < mtmd_input_chunks_size(chunks.get()); ++i) {
        const mtmd_input_chunk* const chunk = mtmd_input_chunks_get(chunks.get(), i);
        const bool is_image = mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_IMAGE;
        (is_image ? cost.n_tokens : cost.n_marker_tokens) +=
            static_cast<std::int64_t>(mtmd_input_chunk_get_n_tokens(chunk));
        cost.n_slices += is_image ? 1 : 0;
    }
    return cost;
}

Result<std::vector<ImageCost>> count_all(const std::filesystem::path& model, const std::filesystem::path& mmproj,
                                         const ImageLimits& limits, std::span<const ImageSize> sizes) {
    const auto vocabulary = load_vocabulary(model);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    const auto context = load_projector(mmproj, vocabulary->get(), limits);
    if (!context) return tl::unexpected(context.error());
    std::vector<ImageCost> costs;
    for (const ImageSize size : sizes) {
        auto cost = count(context->get(), size);
        if (!cost) return tl::unexpected(cost.error());
        costs.push_back(*cost);
    }
    return costs;
}

}  // namespace

Result<std::vector<ImageCost>> count_image_tokens(const std::filesystem::path& model,
                                                  const std::filesystem::path& mmproj, const ImageLimits& limits,
                                                  std::span<const ImageSize> sizes) {
    capture_engine_log();
    const auto vision = read_vision_model(mmproj);
    if (!vision) return tl::unexpected(vision.error());
    if (auto fit = check_limits(*vision, limits); !fit) return tl::unexpected(fit.error());
    const auto summary = inspect_gguf(model);
    if (!summary) return tl::unexpected(summary.error());
    if (auto fit = check_pair(*vision, *summary); !fit) return tl::unexpected(fit.error());
    try {
        return count_all(model, mmproj, limits, sizes);
    } catch (const std::exception& error) {
        return fail(ErrorKind::Failed, fmt::format("llama.cpp could not count an image's tokens: {}.", error.what()),
                    "Run with -v for the whole log.");
    }
}

}  // namespace landauer
