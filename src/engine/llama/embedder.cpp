#include "engine/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "engine/llama/decode.h"
#include "engine/llama/embedder_checks.h"
#include "engine/llama/embedder_text.h"
#include "engine/llama/load.h"
#include "engine/log.h"
#include "engine/phase_timer.h"
#include "gguf/summary.h"

namespace landauer {
namespace {

constexpr std::int32_t kLongest = 2048;  // tokens a text: scratch memory grows with it, answers are shorter

// A sum over a batch's tokens is rounded as the batch is laid out, and so is attention over several texts. So each
// text is a batch of its own, computed by one thread from beginning to end; the threads share the list of texts.
class LlamaEmbedder final : public Embedder {
   public:
    LlamaEmbedder(ModelPtr model, const EmbedderSettings& settings, EmbedderFacts facts, PoolingType pooling)
        : settings_(settings), facts_(std::move(facts)), pooling_(pooling), model_(std::move(model)) {}

    [[nodiscard]] const EmbedderFacts& facts() const override { return facts_; }
    Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                         const std::function<bool()>& abort) override;

    Result<void> ensure_contexts(std::size_t n);

   private:
    Result<Embedding> embed_one(llama_context* context, const std::string& text) const;

    EmbedderSettings settings_;
    EmbedderFacts facts_;
    PoolingType pooling_;
    ModelPtr model_;
    std::vector<Context> contexts_;  // one a thread; after the model: they must go first
};

Result<void> LlamaEmbedder::ensure_contexts(std::size_t n) {
    EngineSettings one_thread;
    one_thread.model = settings_.model;
    auto params = llama_context_default_params();
    params.n_batch = static_cast<std::uint32_t>(facts_.n_ctx);
    params.n_ubatch = params.n_batch;  // an encoder takes a text in one go
    params.n_threads = 1;
    params.n_threads_batch = 1;
    params.embeddings = true;
    params.pooling_type = pooling_;
    while (contexts_.size() < n) {
        auto context = make_context(model_.get(), one_thread, params, facts_.n_ctx);
        if (!context) return tl::unexpected(context.error());
        contexts_.push_back(std::move(*context));
    }
    return {};
}

Result<void> encode(llama_context* context, std::vector<Token>& tokens) {
    if (auto* memory = llama_get_memory(context); memory != nullptr) llama_memory_clear(memory, false);
    std::vector<std::int8_t> wanted(tokens.size(), 1);
    llama_batch batch = llama_batch_get_one(tokens.data(), static_cast<std::int32_t>(tokens.size()));
    batch.logits = wanted.data();
    std::int32_t code = 0;
    try {
        code = llama_decode(context, batch);
    } catch (const std::exception&) {
        code = -3;
    }
    if (code != 0) return tl::unexpected(decode_error(code));
    return {};
}

// Of length 1; nothing when there is no number to make it so.
std::optional<std::vector<float>> normalised(std::span<const float> values) {
    double sum = 0.0;
    for (const float value : values) sum += double{value} * double{value};
    if (!std::isfinite(sum) || sum <= 0.0) return std::nullopt;
    const double scale = 1.0 / std::sqrt(sum);
    std::vector<float> unit(values.size());
    std::transform(values.begin(), values.end(), unit.begin(),
                   [scale](float value) { return static_cast<float>(double{value} * scale); });
    return unit;
}

Result<Embedding> LlamaEmbedder::embed_one(llama_context* context, const std::string& text) const {
    auto read = embedder_text(llama_model_get_vocab(model_.get()), text, facts_.n_ctx);
    if (!read) return tl::unexpected(read.error());
    const auto width = static_cast<std::size_t>(facts_.n_embd);
    if (read->tokens.empty()) return Embedding{std::vector<float>(width, 0.0F), 0};
    if (auto done = encode(context, read->tokens); !done) return tl::unexpected(done.error());
    const float* pooled = llama_get_embeddings_seq(context, 0);
    if (pooled == nullptr) {
        return fail(ErrorKind::Failed, fmt::format("llama.cpp gave no embedding from {}.", settings_.model.string()),
                    "Use another embedding model.");
    }
    auto unit = normalised({pooled, width});
    if (!unit) {
        return fail(ErrorKind::Failed,
                    fmt::format("{} gave an embedding that is no direction: its numbers are 0, infinite or none.",
                                settings_.model.string()),
                    "Check the file, or use another embedding model.");
    }
    return Embedding{std::move(*unit), read->n_sentences_left_out};
}

// Long texts first, so that no thread begins one when the others are done.
std::vector<std::size_t> by_length(std::span<const std::string> texts) {
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return texts[a].size() > texts[b].size(); });
    return order;
}

Result<std::vector<Embedding>> LlamaEmbedder::embed(std::span<const std::string> texts,
                                                    const std::function<bool()>& abort) {
    std::vector<Embedding> embeddings(texts.size());
    if (texts.empty()) return embeddings;
    const std::size_t n_workers = std::min(static_cast<std::size_t>(settings_.n_threads), texts.size());
    if (auto made = ensure_contexts(n_workers); !made) return tl::unexpected(made.error());
    clear_engine_log();
    const std::vector<std::size_t> order = by_length(texts);
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> stop = false;
    std::mutex mutex;
    std::optional<Error> failure;
    // Only the caller's own thread asks `abort`, which need not bear several.
    const auto work = [&](llama_context* context, const std::function<bool()>& poll) {
        for (std::size_t at = next++; at < order.size() && !stop; at = next++) {
            auto embedding = poll && poll() ? Result<Embedding>(interrupted("Embedding was interrupted."))
                                            : embed_one(context, texts[order[at]]);
            if (embedding) {
                embeddings[order[at]] = std::move(*embedding);
                continue;
            }
            const std::lock_guard lock(mutex);
            if (!failure) failure = embedding.error();
            stop = true;
        }
    };
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < n_workers; ++i) helpers.emplace_back(work, contexts_[i].llama.get(), nullptr);
    work(contexts_[0].llama.get(), abort);
    helpers.clear();
    if (failure) return tl::unexpected(*failure);
    return embeddings;
}

}  // namespace

Result<std::unique_ptr<Embedder>> open_embedder(const EmbedderSettings& settings) {
    start_backend();
    const auto summary = inspect_gguf(settings.model);
    if (!summary) return tl::unexpected(summary.error());
    const auto pooling = check_embedder(*summary, settings);
    if (!pooling) return tl::unexpected(pooling.error());
    EngineSettings engine_settings;
    engine_settings.model = settings.model;
    auto model = load_model(engine_settings, llama_model_default_params(), {});
    if (!model) return tl::unexpected(model.error());
    if (llama_model_has_encoder(model->get()) && llama_model_has_decoder(model->get())) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is an encoder with a decoder, which gives no embeddings.", settings.model.string()),
                    "Use an embedding model.");
    }
    EmbedderFacts facts;
    facts.name = summary->name;
    facts.pooling = pooling_name(*pooling);
    facts.n_embd = llama_model_n_embd_out(model->get());
    facts.n_ctx = std::min(llama_model_n_ctx_train(model->get()), kLongest);
    auto embedder = std::make_unique<LlamaEmbedder>(std::move(*model), settings, std::move(facts), *pooling);
    if (auto made = embedder->ensure_contexts(1); !made) return tl::unexpected(made.error());
    return embedder;
}

}  // namespace landauer
