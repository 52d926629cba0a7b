#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/llama/load.h"

namespace landauer {
namespace {

constexpr std::int32_t kMostThreads = GGML_MAX_N_THREADS;

// Types that libllama accepts for its key-value cache on a CPU.
constexpr std::array kCacheTypes = {GGML_TYPE_F32,  GGML_TYPE_F16,  GGML_TYPE_BF16, GGML_TYPE_Q8_0,  GGML_TYPE_Q4_0,
                                    GGML_TYPE_Q4_1, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1, GGML_TYPE_IQ4_NL};

Result<ggml_type> cache_type(std::string_view setting, const std::string& text) {
    std::string names;
    for (const ggml_type type : kCacheTypes) {
        if (text == ggml_type_name(type)) return type;
        names += fmt::format("{}{}", names.empty() ? "" : ", ", ggml_type_name(type));
    }
    return fail(ErrorKind::Invalid,
                fmt::format("The cache type {} \"{}\" is not one that llama.cpp knows.", setting, text),
                fmt::format("Use one of {}.", names));
}

Result<llama_flash_attn_type> flash_attention(const std::string& text) {
    if (text == "auto") return LLAMA_FLASH_ATTN_TYPE_AUTO;
    if (text == "on" || text == "1") return LLAMA_FLASH_ATTN_TYPE_ENABLED;
    if (text == "off" || text == "0") return LLAMA_FLASH_ATTN_TYPE_DISABLED;
    return fail(ErrorKind::Invalid, fmt::format("The flash attention setting \"{}\" is not known.", text),
                "Use auto, on or off.");
}

Result<llama_load_mode> load_mode(const std::string& text) {
    try {
        return llama_load_mode_from_str(text.c_str());
    } catch (const std::invalid_argument&) {
        return fail(ErrorKind::Invalid, fmt::format("The load mode \"{}\" is not one that llama.cpp knows.", text),
                    "Use auto, none, mmap, mlock, mmap+mlock or dio.");
    }
}

Result<void> check_numbers(const EngineSettings& settings) {
    if (settings.n_threads < 1 || settings.n_threads > kMostThreads) {
        return fail(ErrorKind::Invalid, fmt::format("{} threads cannot be used.", settings.n_threads),
                    fmt::format("Ask for 1 to {} threads.", kMostThreads));
    }
    if (settings.n_batch < 1 || settings.n_ubatch < 1) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("Batches of {} tokens in parts of {} cannot be used.", settings.n_batch, settings.n_ubatch),
            "Give -b and -ub at least 1.");
    }
    if (settings.n_ctx < 0) {
        return fail(ErrorKind::Invalid, fmt::format("A context of {} tokens cannot be made.", settings.n_ctx),
                    "Give -c 1 or more, or leave it out.");
    }
    return {};
}

Result<llama_context_params> context_params(const EngineSettings& settings) {
    const auto type_k = cache_type("for keys", settings.type_k);
    if (!type_k) return tl::unexpected(type_k.error());
    const auto type_v = cache_type("for values", settings.type_v);
    if (!type_v) return tl::unexpected(type_v.error());
    const auto flash = flash_attention(settings.flash_attn);
    if (!flash) return tl::unexpected(flash.error());
    if (ggml_is_quantized(*type_v) && *flash == LLAMA_FLASH_ATTN_TYPE_DISABLED) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A value cache of type {} needs flash attention, which is off.", settings.type_v),
                    "Use -fa auto, or -ctv f16.");
    }
    auto params = llama_context_default_params();
    params.n_batch = static_cast<std::uint32_t>(settings.n_batch);
    params.n_ubatch = static_cast<std::uint32_t>(settings.n_ubatch);
    params.n_threads = settings.n_threads;
    params.n_threads_batch = settings.n_threads;
    params.type_k = *type_k;
    params.type_v = *type_v;
    params.flash_attn_type = *flash;
    // A sliding window that forgets the prefix could not be reused.
    params.swa_full = settings.prefix_cache;
    return params;
}

}  // namespace

Result<LlamaSettings> translate(const EngineSettings& settings) {
    if (const auto numbers = check_numbers(settings); !numbers) return tl::unexpected(numbers.error());
    const auto mode = load_mode(settings.load_mode);
    if (!mode) return tl::unexpected(mode.error());
    const auto context = context_params(settings);
    if (!context) return tl::unexpected(context.error());
    LlamaSettings translated;
    translated.context = *context;
    translated.model = llama_model_default_params();
    translated.model.load_mode = *mode;
    translated.model.use_extra_bufts = settings.repack;
    translated.model.n_gpu_layers = 0;
    return translated;
}

}  // namespace landauer
