#include "engine/llama/load.h"

#include <fmt/format.h>

#include <array>
#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "engine/llama/factors/factor_model.h"
#include "engine/log.h"
#include "engine/phase_timer.h"
#include "gguf/factor_format.h"
#include "gguf/summary.h"

namespace landauer {
namespace {

// libllama's progress callback: passes the fraction on and answers whether to go on.
struct LoadWatch {
    const EngineHooks& hooks;
    bool aborted = false;
};

bool on_load_progress(float fraction, void* user) {
    auto& watch = *static_cast<LoadWatch*>(user);
    if (watch.hooks.progress) watch.hooks.progress(PhaseKind::load, static_cast<double>(fraction));
    watch.aborted = watch.aborted || wants_abort(watch.hooks);
    return !watch.aborted;
}

std::string reason() {
    const std::string lines = recent_engine_errors();
    return lines.empty() ? "" : fmt::format(" (llama.cpp: {})", lines);
}

tl::unexpected<Error> refused(const std::filesystem::path& file) {
    return fail(ErrorKind::Failed, fmt::format("llama.cpp could not load the model {}{}.", file.string(), reason()),
                "Run with -v for the whole log; if the file is sound, this version of llama.cpp may not know the "
                "model's architecture: update llama.cpp or take another model.");
}

Result<ModelPtr> load_guarded(const std::filesystem::path& file, llama_model_params params) {
    // An empty list of devices: weights stay on the CPU even where libllama has a GPU.
    std::array<ggml_backend_dev_t, 1> no_devices = {nullptr};
    params.devices = no_devices.data();
    const auto summary = params.vocab_only ? Result<GgufSummary>{} : inspect_gguf(file);
    try {
        if (summary && has_factors(*summary)) return load_factor_model(*summary, params);
        return ModelPtr(llama_model_load_from_file(file.c_str(), params));
    } catch (const std::exception&) {
        return ModelPtr{};
    }
}

}  // namespace

void start_backend() {
    static std::once_flag once;
    std::call_once(once, [] {
        capture_engine_log();
        // Builds with loadable backends register none by themselves.
        if (ggml_backend_reg_count() == 0) ggml_backend_load_all();
        llama_backend_init();
    });
}

Result<ModelPtr> load_model(const EngineSettings& settings, llama_model_params params, const EngineHooks& hooks) {
    clear_engine_log();
    LoadWatch watch{hooks};
    params.progress_callback = on_load_progress;
    params.progress_callback_user_data = &watch;
    auto model = load_guarded(settings.model, params);
    if (watch.aborted) return interrupted("Loading the model was interrupted.");
    if (model && !*model) return refused(settings.model);
    return model;
}

Result<ModelPtr> load_vocabulary(const std::filesystem::path& file) {
    clear_engine_log();
    auto params = llama_model_default_params();
    params.vocab_only = true;
    auto model = load_guarded(file, params);
    if (model && !*model) return refused(file);
    return model;
}

Result<Context> make_context(llama_model* model, const EngineSettings& settings, llama_context_params params,
                             std::int32_t n_ctx) {
    clear_engine_log();
    params.n_ctx = static_cast<std::uint32_t>(n_ctx);
    Context context;
    try {
        context.llama.reset(llama_init_from_model(model, params));
    } catch (const std::exception&) {
        context.llama.reset();
    }
    if (!context.llama) {
        return fail(ErrorKind::Failed,
                    fmt::format("llama.cpp could not make a context of {} tokens for {}{}.", n_ctx,
                                settings.model.string(), reason()),
                    "Ask for a smaller context (-c), or for the default cache types (-ctk f16 -ctv f16).");
    }
    auto pool_params = ggml_threadpool_params_default(settings.n_threads);
    context.threads.reset(ggml_threadpool_new(&pool_params));
    if (!context.threads) {
        return fail(ErrorKind::Failed, fmt::format("{} threads could not be started.", settings.n_threads),
                    "Ask for fewer threads (-t).");
    }
    llama_attach_threadpool(context.llama.get(), context.threads.get(), nullptr);
    return context;
}

}  // namespace landauer
