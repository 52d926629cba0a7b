#include "engine/llama/chunk_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <utility>

#include "engine/llama/decode.h"
#include "engine/llama/load.h"
#include "engine/llama/sequence_batch.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

EngineSettings engine_settings(const std::filesystem::path& file, const ChunkPlan& plan, std::int32_t n_threads) {
    EngineSettings settings;
    settings.model = file;
    settings.n_ctx = plan.n_ctx * plan.n_together;
    settings.n_batch = plan.n_batch;
    settings.n_threads = n_threads;
    return settings;
}

}  // namespace

Result<ChunkModel> ChunkModel::load(const std::filesystem::path& file, const ChunkPlan& plan, std::int32_t n_threads,
                                    const EngineHooks& hooks) {
    const EngineSettings settings = engine_settings(file, plan, n_threads);
    auto translated = translate(settings);
    if (!translated) return tl::unexpected(translated.error());
    auto model = load_model(settings, translated->model, hooks);
    if (!model) return tl::unexpected(model.error());
    translated->context.n_seq_max = static_cast<std::uint32_t>(plan.n_together);
    auto context = make_context(model->get(), settings, translated->context, settings.n_ctx);
    if (!context) return tl::unexpected(context.error());
    ChunkModel loaded;
    loaded.file_ = file;
    loaded.plan_ = plan;
    loaded.model_ = std::move(*model);
    loaded.context_ = std::move(*context);
    return loaded;
}

std::size_t ChunkModel::n_vocab() const {
    return static_cast<std::size_t>(llama_vocab_n_tokens(llama_model_get_vocab(model_.get())));
}

Result<void> ChunkModel::read(std::span<const Token> tokens, std::int32_t chunk, const EngineHooks& hooks) {
    llama_memory_clear(llama_get_memory(context_.llama.get()), true);
    gathered_.clear();
    const AbortGuard guard(context_.llama.get(), hooks);
    for (std::int32_t from = 0; from < plan_.n_ctx; from += plan_.n_batch) {
        if (wants_abort(hooks)) return interrupted("Scoring was interrupted.");
        const std::int32_t to = std::min(from + plan_.n_batch, plan_.n_ctx);
        if (auto done = read_part(tokens, chunk, from, to, hooks); !done) return done;
    }
    llama_synchronize(context_.llama.get());
    return {};
}

// Positions [from, to) of each chunk that goes together with `chunk`.
Result<void> ChunkModel::read_part(std::span<const Token> tokens, std::int32_t chunk, std::int32_t from,
                                   std::int32_t to, const EngineHooks& hooks) {
    const llama_vocab* vocab = llama_model_get_vocab(model_.get());
    const bool begins = llama_vocab_get_add_bos(vocab);
    SequenceBatch batch;
    const std::int32_t n_chunks = std::min(plan_.n_together, plan_.n_chunks - chunk);
    for (std::int32_t nth = 0; nth < n_chunks; ++nth) {
        const std::size_t start = static_cast<std::size_t>(chunk + nth) * static_cast<std::size_t>(plan_.n_ctx);
        for (std::int32_t at = from; at < to; ++at) {
            // Every chunk begins like a text of its own, its first token gives way.
            const Token token =
                at == 0 && begins ? llama_vocab_bos(vocab) : tokens[start + static_cast<std::size_t>(at)];
            batch.add(token, at, nth, at >= plan_.first());
        }
    }
    std::int32_t code = 0;
    try {
        code = llama_decode(context_.llama.get(), batch.view());
    } catch (const std::exception&) {
        code = -3;
    }
    if (code == 2 || wants_abort(hooks)) return interrupted("Scoring was interrupted.");
    if (code != 0) return tl::unexpected(decode_error(code));
    if (plan_.n_batch < plan_.n_ctx && batch.n_wanted() > 0) {
        const float* rows = llama_get_logits(context_.llama.get());
        gathered_.insert(gathered_.end(), rows, rows + batch.n_wanted() * n_vocab());
    }
    return {};
}

std::span<const float> ChunkModel::logits(std::int32_t nth) const {
    const std::size_t n = static_cast<std::size_t>(plan_.n_scored()) * n_vocab();
    if (!gathered_.empty()) return {gathered_.data(), n};
    return {llama_get_logits_ith(context_.llama.get(), nth * plan_.n_ctx + plan_.first()), n};
}

}  // namespace landauer
