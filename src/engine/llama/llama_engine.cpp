#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/engine.h"
#include "engine/llama/borrow.h"
#include "engine/llama/checks.h"
#include "engine/llama/facts.h"
#include "engine/llama/load.h"
#include "engine/llama/projector.h"
#include "engine/llama/text.h"
#include "engine/llama/trial.h"
#include "engine/llama/vocabulary.h"
#include "engine/log.h"
#include "engine/phase_timer.h"
#include "gguf/summary.h"
#include "vision/vision.h"

namespace landauer {
namespace {

std::vector<llama_logit_bias> forbid_end_tokens(const llama_vocab* vocab) {
    std::vector<llama_logit_bias> biases;
    for (Token token = 0; token < llama_vocab_n_tokens(vocab); ++token) {
        if (llama_vocab_is_eog(vocab, token)) biases.push_back({token, -INFINITY});
    }
    return biases;
}

tl::unexpected<Error> no_model() {
    return fail(ErrorKind::Bug, "The engine was asked to work before a model was loaded.", "Load a model first.");
}

Result<void> check_request(const TrialRequest& request) {
    const bool is_negative = request.n_prompt < 0 || request.n_depth < 0 || request.n_gen < 0;
    if (is_negative) {
        return fail(ErrorKind::Invalid, "A trial cannot have a negative number of tokens.", "Use 0 or more tokens.");
    }
    if (request.is_grid && request.n_prompt == 0 && request.n_gen == 0) {
        return fail(ErrorKind::Invalid, "A grid test of 0 prompt and 0 generated tokens has nothing to measure.",
                    "Give -p or -n at least 1.");
    }
    if (request.image && (request.is_grid || request.text.empty())) {
        return fail(ErrorKind::Invalid, "An image needs a question about it.", "Give the question with the image.");
    }
    return {};
}

Result<void> check_prompt(std::size_t n_prompt, std::int64_t n_needed, std::int32_t n_ctx_train) {
    if (n_prompt == 0) {
        return fail(ErrorKind::Invalid, "The prompt has no tokens.", "Give a prompt that is not empty.");
    }
    if (n_ctx_train > 0 && n_needed > n_ctx_train) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A prompt of {} tokens and its answer need a context of {} tokens, but the model was "
                                "made for {}.",
                                n_prompt, n_needed, n_ctx_train),
                    "Use a shorter prompt, fewer generated tokens (-n), or a model with a longer context.");
    }
    return {};
}

std::string describe(const llama_model* model) {
    std::string text(128, '\0');
    const std::int32_t n = llama_model_desc(model, text.data(), text.size());
    text.resize(n < 0 ? 0 : std::min<std::size_t>(static_cast<std::size_t>(n), text.size() - 1));
    return text;
}

ModelRecord model_record(const GgufSummary& summary, const llama_model* model) {
    ModelRecord record;
    record.path = summary.path.string();
    record.name = summary.name;
    record.metadata = summary.metadata;
    record.type = describe(model) + (summary.synthetic ? ", synthetic weights" : "");
    record.size_bytes = llama_model_size(model);
    record.n_params = llama_model_n_params(model);
    return record;
}

void add_load_caveats(const EngineSettings& settings, const GgufSummary& summary, const llama_model* model,
                      std::vector<Caveat>& caveats) {
    if (summary.synthetic) {
        caveats.push_back(
            {"synthetic-weights", Severity::note,
             fmt::format("{} has synthetic weights: its costs are those of the true shape, its answers are "
                         "noise.",
                         summary.name),
             "Judge answers on the real model only."});
    }
    const TemplateState state = chat_template_state(model);
    if (state != TemplateState::usable) {
        caveats.push_back({state == TemplateState::absent ? "no-chat-template" : "unknown-chat-template",
                           Severity::note,
                           state == TemplateState::absent
                               ? "The model has no chat template, so that prompts are given to it as plain text."
                               : "The model's chat template is not one that llama.cpp knows, so that prompts are given "
                                 "to it as plain text.",
                           "Costs are measured all the same; for sensible answers use an instruction-tuned model."});
    }
    const std::int32_t n_ctx_train = llama_model_n_ctx_train(model);
    if (n_ctx_train > 0 && settings.n_ctx > n_ctx_train) {
        caveats.push_back({"context-beyond-training", Severity::warning,
                           fmt::format("The context of {} tokens is longer than the {} that the model was made for.",
                                       settings.n_ctx, n_ctx_train),
                           fmt::format("Use -c {} or less.", n_ctx_train)});
    }
}

Result<void> check_writes_text(const std::filesystem::path& file, const llama_model* model) {
    if (llama_model_has_decoder(model) && !llama_model_has_encoder(model) && !llama_model_is_diffusion(model))
        return {};
    return fail(ErrorKind::Invalid,
                fmt::format("{} does not write text token by token: it is an embedding, encoder or diffusion model.",
                            file.string()),
                "Use a decoder-only language model.");
}

// The projector's header, held against the model's before any weight is loaded; nothing for text alone.
Result<std::optional<VisionModel>> read_projector(const EngineSettings& settings, const GgufSummary& summary) {
    if (settings.mmproj.empty()) return std::nullopt;
    auto vision = read_vision_model(settings.mmproj);
    if (!vision) return tl::unexpected(vision.error());
    if (auto fits = check_pair(*vision, summary); !fits) return tl::unexpected(fits.error());
    const ImageLimits limits{settings.image_min_tokens, settings.image_max_tokens};
    if (auto sane = check_limits(*vision, limits); !sane) return tl::unexpected(sane.error());
    return std::move(*vision);
}

class LlamaEngine final : public Engine {
   public:
    LlamaEngine() { start_backend(); }

    Result<LoadResult> load(const EngineSettings& settings, const EngineHooks& hooks) override;
    void unload() override;
    Result<std::vector<Token>> tokenize(const TrialRequest& request) override;
    Result<TrialResult> run(const TrialRequest& request, const EngineHooks& hooks) override;
    [[nodiscard]] std::map<std::string, std::string> facts() const override;

    Result<void> load_vocabulary_only(const std::filesystem::path& file);
    llama_model* model() { return model_.get(); }

   private:
    Result<void> ensure_context(std::int64_t n_needed);
    Result<void> load_projector(const std::optional<VisionModel>& vision, const EngineHooks& hooks);
    Result<TrialResult> run_image(const TrialRequest& request, const EngineHooks& hooks);
    [[nodiscard]] TrialBench bench();
    Result<TrialResult> run_fitting(std::vector<Token> prompt, const TrialRequest& request, const EngineHooks& hooks);

    EngineSettings settings_;
    llama_context_params context_params_{};
    ModelPtr model_;
    std::optional<VisionModel> vision_;
    std::optional<Projector> projector_;  // after the model: it must go first
    Context context_;                     // likewise
    std::vector<llama_logit_bias> no_end_;
    std::vector<Token> cached_;
    DepthState depth_;
    bool vocabulary_only_ = false;
};

Result<LoadResult> LlamaEngine::load(const EngineSettings& settings, const EngineHooks& hooks) {
    const auto translated = translate(settings);
    if (!translated) return tl::unexpected(translated.error());
    const auto summary = inspect_gguf(settings.model);
    if (!summary) return tl::unexpected(summary.error());
    if (const auto sane = check_plausible(*summary); !sane) return tl::unexpected(sane.error());
    const auto vision = read_projector(settings, *summary);
    if (!vision) return tl::unexpected(vision.error());
    const std::optional<VisionModel>& eyes = *vision;
    unload();
    auto caveats = check_room(*summary, settings, hooks, eyes ? eyes->tensor_bytes : 0);
    if (!caveats) return tl::unexpected(caveats.error());
    PhaseTimer timer(hooks, PhaseKind::load);
    auto model = load_model(settings, translated->model, hooks);
    if (!model) return tl::unexpected(model.error());
    if (auto writes = check_writes_text(settings.model, model->get()); !writes) return tl::unexpected(writes.error());
    model_ = std::move(*model);
    settings_ = settings;
    context_params_ = translated->context;
    if (auto loaded = load_projector(eyes, hooks); !loaded) {
        unload();
        return tl::unexpected(loaded.error());
    }
    if (settings.n_ctx > 0) {
        if (auto made = ensure_context(settings.n_ctx); !made) {
            unload();
            return tl::unexpected(made.error());
        }
    }
    LoadResult result;
    result.load = timer.end(0);
    no_end_ = forbid_end_tokens(llama_model_get_vocab(model_.get()));
    result.model = model_record(*summary, model_.get());
    result.n_ctx = context_ ? static_cast<std::int32_t>(llama_n_ctx(context_.llama.get())) : 0;
    result.n_ctx_train = llama_model_n_ctx_train(model_.get());
    result.caveats = std::move(*caveats);
    add_load_caveats(settings, *summary, model_.get(), result.caveats);
    return result;
}

Result<void> LlamaEngine::load_projector(const std::optional<VisionModel>& vision, const EngineHooks& hooks) {
    vision_ = vision;
    if (!vision_) return {};
    auto projector = Projector::load(settings_, context_params_.flash_attn_type, model_.get(), hooks);
    if (!projector) return tl::unexpected(projector.error());
    projector_ = std::move(*projector);
    return {};
}

void LlamaEngine::unload() {
    context_ = {};
    projector_.reset();
    vision_.reset();
    model_.reset();
    no_end_.clear();
    cached_.clear();
    depth_ = {};
    vocabulary_only_ = false;
}

Result<void> LlamaEngine::load_vocabulary_only(const std::filesystem::path& file) {
    const auto summary = inspect_gguf(file);
    if (!summary) return tl::unexpected(summary.error());
    auto model = load_vocabulary(file);
    if (!model) return tl::unexpected(model.error());
    unload();
    model_ = std::move(*model);
    vocabulary_only_ = true;
    return {};
}

Result<std::vector<Token>> LlamaEngine::tokenize(const TrialRequest& request) {
    if (!model_) return no_model();
    return tokenize_prompt(model_.get(), request);
}

// Makes the context, or a larger one when its size was left to the trials.
Result<void> LlamaEngine::ensure_context(std::int64_t n_needed) {
    const auto have = context_ ? static_cast<std::int64_t>(llama_n_ctx(context_.llama.get())) : 0;
    if (n_needed <= have) return {};
    if (context_ && settings_.n_ctx > 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Prompt and answer need {} tokens, but the context holds {}.", n_needed, have),
                    fmt::format("Ask for a larger context (-c {}), or for fewer tokens.", n_needed));
    }
    context_ = {};
    cached_.clear();
    depth_ = {};
    auto made = make_context(model_.get(), settings_, context_params_, static_cast<std::int32_t>(n_needed));
    if (!made) return tl::unexpected(made.error());
    context_ = std::move(*made);
    return {};
}

Result<TrialResult> LlamaEngine::run(const TrialRequest& request, const EngineHooks& hooks) {
    if (!model_ || vocabulary_only_) return no_model();
    if (const auto sane = check_request(request); !sane) return tl::unexpected(sane.error());
    if (request.image) return run_image(request, hooks);
    std::vector<Token> prompt;
    std::int64_t n_needed = std::int64_t{request.n_depth} + request.n_prompt + request.n_gen;
    if (!request.is_grid) {
        auto tokens = tokenize(request);
        if (!tokens) return tl::unexpected(tokens.error());
        prompt = std::move(*tokens);
        n_needed = static_cast<std::int64_t>(prompt.size()) + request.n_gen;
        if (const auto fits = check_prompt(prompt.size(), n_needed, llama_model_n_ctx_train(model_.get())); !fits) {
            return tl::unexpected(fits.error());
        }
    }
    if (const auto fits = ensure_context(n_needed); !fits) return tl::unexpected(fits.error());
    auto result = run_fitting(std::move(prompt), request, hooks);
    if (!result) {
        // What a broken trial left in memory would be the next one's prefix.
        llama_memory_clear(llama_get_memory(context_.llama.get()), false);
        cached_.clear();
    }
    return result;
}

Result<TrialResult> LlamaEngine::run_fitting(std::vector<Token> prompt, const TrialRequest& request,
                                             const EngineHooks& hooks) {
    clear_engine_log();
    if (request.is_grid) return run_grid_trial(bench(), request, hooks);
    return run_text_trial(bench(), std::move(prompt), request, hooks);
}

TrialBench LlamaEngine::bench() {
    TrialBench bench;
    bench.context = context_.llama.get();
    bench.vocab = llama_model_get_vocab(model_.get());
    bench.n_batch = static_cast<std::int32_t>(llama_n_batch(bench.context));
    bench.no_end = &no_end_;
    bench.cached = &cached_;
    bench.prefix_cache = settings_.prefix_cache;
    bench.depth = &depth_;
    return bench;
}

Result<TrialResult> LlamaEngine::run_image(const TrialRequest& request, const EngineHooks& hooks) {
    if (!projector_ || !vision_) {
        return fail(ErrorKind::Invalid, "The model was loaded without a vision projector, so that it sees no images.",
                    "Give the projector that belongs to it with --mmproj.");
    }
    PhaseTimer timer(hooks, PhaseKind::image_preprocess);
    const PromptText prompt = image_prompt_text(model_.get(), request);
    auto pieces = projector_->preprocess(prompt, *request.image);
    if (!pieces) return tl::unexpected(pieces.error());
    const PhaseRecord preprocess = timer.end(0);
    const std::int64_t n_needed = pieces->n_tokens + request.n_gen;
    if (const auto fits =
            check_prompt(static_cast<std::size_t>(pieces->n_tokens), n_needed, llama_model_n_ctx_train(model_.get()));
        !fits) {
        return tl::unexpected(fits.error());
    }
    if (const auto fits = ensure_context(n_needed); !fits) return tl::unexpected(fits.error());
    clear_engine_log();
    auto result = run_image_trial(bench(), *projector_, *pieces, request, hooks);
    if (!result) return result;
    result->phases.insert(result->phases.begin(), preprocess);
    result->image.width = request.image->size.width;
    result->image.height = request.image->size.height;
    const ImageLimits limits{settings_.image_min_tokens, settings_.image_max_tokens};
    // A prediction that miscounts the tokens knows the patches no better: they stay unknown.
    const auto cost = predict_image(*vision_, limits, request.image->size);
    if (cost && cost->n_tokens == result->image.n_tokens) {
        result->image.n_patches = cost->n_patches;
        result->image.effective_px = cost->effective_px;
    }
    return result;
}

std::map<std::string, std::string> LlamaEngine::facts() const {
    auto facts = llama_facts();
    if (context_) {
        facts["n_threads"] = std::to_string(llama_n_threads(context_.llama.get()));
        facts["n_ctx"] = std::to_string(llama_n_ctx(context_.llama.get()));
    }
    return facts;
}

}  // namespace

llama_model* borrow_model(Engine& engine) {
    auto* llama = dynamic_cast<LlamaEngine*>(&engine);
    return llama == nullptr ? nullptr : llama->model();
}

std::unique_ptr<Engine> make_llama_engine() { return std::make_unique<LlamaEngine>(); }

Result<std::unique_ptr<Engine>> open_llama_vocabulary(const std::filesystem::path& model) {
    auto engine = std::make_unique<LlamaEngine>();
    if (auto loaded = engine->load_vocabulary_only(model); !loaded) return tl::unexpected(loaded.error());
    return engine;
}

}  // namespace landauer
