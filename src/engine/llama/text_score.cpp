#include "engine/text_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>

#include "engine/llama/checks.h"
#include "engine/llama/chunk_model.h"
#include "engine/llama/load.h"
#include "engine/llama/log_probs.h"
#include "engine/llama/text.h"
#include "engine/llama/text_statistics.h"
#include "engine/llama/vocabulary_match.h"
#include "engine/phase_timer.h"
#include "gguf/memory.h"
#include "gguf/summary.h"

namespace landauer {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr std::int32_t kLeastContext = 8;

Result<void> check_settings(const TextScoreSettings& settings) {
    if (settings.n_ctx < kLeastContext || settings.n_batch < 1) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Chunks of {} tokens in batches of {} cannot be scored.", settings.n_ctx,
                                settings.n_batch),
                    fmt::format("Use chunks (-c) of {} tokens or more, and -b 1 or more.", kLeastContext));
    }
    if (settings.n_chunks == 0 || settings.n_chunks < -1) {
        return fail(ErrorKind::Invalid, fmt::format("{} chunks cannot be scored.", settings.n_chunks),
                    "Ask for 1 chunk or more, or for -1: all.");
    }
    return {};
}

// The header alone: what can be scored at all.
Result<GgufSummary> inspect(const std::filesystem::path& file) {
    auto summary = inspect_gguf(file);
    if (!summary) return summary;
    if (auto sane = check_plausible(*summary); !sane) return tl::unexpected(sane.error());
    if (summary->synthetic) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} has synthetic weights, so that its perplexity says nothing.", file.string()),
                    "Score the real model; synthetic ones are for costs.");
    }
    return summary;
}

Result<ModelPtr> vocabulary_of(const std::filesystem::path& file) {
    auto vocabulary = load_vocabulary(file);
    if (!vocabulary) return vocabulary;
    const llama_model* model = vocabulary->get();
    if (llama_vocab_type(llama_model_get_vocab(model)) == LLAMA_VOCAB_TYPE_NONE || !llama_model_has_decoder(model) ||
        llama_model_has_encoder(model)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} does not predict text token by token, so that it has no perplexity.", file.string()),
                    "Use a decoder-only language model with a tokenizer.");
    }
    return vocabulary;
}

Result<ChunkPlan> plan_chunks(const TextScoreSettings& settings, std::size_t n_tokens) {
    const auto n_ctx = static_cast<std::size_t>(settings.n_ctx);
    if (n_tokens < 2 * n_ctx) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The text has {} tokens, but chunks of {} need {} or more.", n_tokens, settings.n_ctx,
                                2 * n_ctx),
                    "Use a longer text, or shorter chunks (-c).");
    }
    ChunkPlan plan;
    plan.n_ctx = settings.n_ctx;
    plan.n_chunks = static_cast<std::int32_t>(n_tokens / n_ctx);
    if (settings.n_chunks > 0) plan.n_chunks = std::min(plan.n_chunks, settings.n_chunks);
    plan.n_together = std::max(1, settings.n_batch / settings.n_ctx);
    plan.n_batch = std::min(settings.n_batch, plan.n_together * plan.n_ctx);
    return plan;
}

// A model with its cache and the logits of one batch.
std::uint64_t need(const GgufSummary& summary, const ChunkPlan& plan) {
    MemoryPlan memory;
    memory.n_ctx = std::int64_t{plan.n_ctx} * plan.n_together;
    const auto rows = static_cast<std::uint64_t>(plan.n_ctx - plan.first()) * static_cast<std::uint64_t>(plan.n_together);
    return estimate_memory(summary, memory).least() +
           rows * static_cast<std::uint64_t>(summary.n_vocab) * sizeof(float);
}

// In the order of the rows, on as many threads as asked for.
void for_rows(std::int32_t n_rows, std::int32_t n_threads, const std::function<void(std::int32_t)>& row) {
    std::atomic<std::int32_t> next = 0;
    const auto work = [&] {
        for (std::int32_t at = next++; at < n_rows; at = next++) row(at);
    };
    std::vector<std::jthread> helpers;
    for (std::int32_t i = 1; i < n_threads; ++i) helpers.emplace_back(work);
    work();
}

struct Candidate {
    std::filesystem::path file;
    std::optional<Error> failure;
    std::optional<ChunkModel> model;
    std::vector<RowComparison> rows;
};

class TextScorer {
   public:
    TextScorer(const TextScoreSettings& settings, EngineHooks hooks, std::function<void(double)> progress)
        : settings_(settings), hooks_(std::move(hooks)), progress_(std::move(progress)) {}

    Result<void> open(const std::filesystem::path& base, std::span<const std::filesystem::path> candidates,
                      const std::string& text);
    Result<void> walk();
    [[nodiscard]] TextScores scores() const;

   private:
    Result<void> check_memory(const GgufSummary& base) const;
    void open_candidate(const llama_vocab* base, const std::filesystem::path& base_file, Candidate& candidate);
    Result<void> load_all(const std::filesystem::path& base);
    Result<void> read_all(std::int32_t chunk);
    Result<void> score_base(std::int32_t chunk, std::int32_t nth);
    void score_candidate(Candidate& candidate, std::int32_t chunk, std::int32_t nth);
    [[nodiscard]] Token target(std::int32_t chunk, std::int32_t row) const;
    [[nodiscard]] bool has_candidates() const;

    const TextScoreSettings& settings_;
    EngineHooks hooks_;
    std::function<void(double)> progress_;
    ChunkPlan plan_;
    std::vector<Token> tokens_;
    std::optional<ChunkModel> base_;
    std::vector<Candidate> candidates_;
    std::vector<std::optional<GgufSummary>> summaries_;  // of the candidates
    std::vector<double> base_nll_;
    std::vector<std::uint16_t> levels_;  // of one chunk of the base
    std::vector<BaseRow> base_rows_;
};

bool TextScorer::has_candidates() const {
    return std::any_of(candidates_.begin(), candidates_.end(), [](const Candidate& c) { return !c.failure; });
}

void TextScorer::open_candidate(const llama_vocab* base, const std::filesystem::path& base_file,
                                Candidate& candidate) {
    auto& summary = summaries_.emplace_back();
    auto inspected = inspect(candidate.file);
    if (!inspected) {
        candidate.failure = inspected.error();
        return;
    }
    const auto vocabulary = vocabulary_of(candidate.file);
    if (!vocabulary) {
        candidate.failure = vocabulary.error();
        return;
    }
    const auto same = check_same_vocabulary(base, llama_model_get_vocab(vocabulary->get()), base_file, candidate.file);
    if (!same) {
        candidate.failure = same.error();
        return;
    }
    summary = std::move(*inspected);
}

Result<void> TextScorer::check_memory(const GgufSummary& base) const {
    if (!settings_.memory) return {};
    std::uint64_t needed = need(base, plan_);
    std::size_t n = 1;
    for (const auto& summary : summaries_) {
        if (!summary) continue;
        needed += need(*summary, plan_);
        ++n;
    }
    const std::uint64_t available = settings_.memory();
    if (needed <= available) return {};
    return fail(ErrorKind::Failed,
                fmt::format("{} {} with their caches and logits need {:.2f} GiB at once, but {:.2f} GiB are available.",
                            n, n == 1 ? "model" : "models", static_cast<double>(needed) / kGib,
                            static_cast<double>(available) / kGib),
                n > 2 ? "Score fewer candidates at a time." : "Use smaller batches (-b) or chunks (-c), or free memory.");
}

Result<void> TextScorer::open(const std::filesystem::path& base, std::span<const std::filesystem::path> candidates,
                              const std::string& text) {
    const auto summary = inspect(base);
    if (!summary) return tl::unexpected(summary.error());
    const auto vocabulary = vocabulary_of(base);
    if (!vocabulary) return tl::unexpected(vocabulary.error());
    const llama_vocab* vocab = llama_model_get_vocab(vocabulary->get());
    auto tokens = to_tokens(vocab, text.ends_with('\n') ? text.substr(0, text.size() - 1) : text, true, false);
    if (!tokens) return tl::unexpected(tokens.error());
    tokens_ = std::move(*tokens);
    const auto plan = plan_chunks(settings_, tokens_.size());
    if (!plan) return tl::unexpected(plan.error());
    plan_ = *plan;
    for (const auto& file : candidates) {
        candidates_.push_back({file, std::nullopt, std::nullopt, {}});
        open_candidate(vocab, base, candidates_.back());
    }
    if (auto fits = check_memory(*summary); !fits) return fits;
    return load_all(base);
}

Result<void> TextScorer::load_all(const std::filesystem::path& base) {
    auto loaded = ChunkModel::load(base, plan_, settings_.n_threads, hooks_);
    if (!loaded) return tl::unexpected(loaded.error());
    base_ = std::move(*loaded);
    for (Candidate& candidate : candidates_) {
        if (candidate.failure) continue;
        auto model = ChunkModel::load(candidate.file, plan_, settings_.n_threads, hooks_);
        if (model) {
            candidate.model = std::move(*model);
        } else if (model.error().kind == ErrorKind::Interrupted) {
            return tl::unexpected(model.error());
        } else {
            candidate.failure = model.error();
        }
    }
    if (!has_candidates()) return {};
    const auto n_rows = static_cast<std::size_t>(plan_.n_scored());
    levels_.resize(n_rows * base_->n_vocab());
    base_rows_.resize(n_rows);
    for (std::size_t row = 0; row < n_rows; ++row) {
        base_rows_[row].levels = std::span(levels_).subspan(row * base_->n_vocab(), base_->n_vocab());
    }
    return {};
}

Token TextScorer::target(std::int32_t chunk, std::int32_t row) const {
    const std::size_t start = static_cast<std::size_t>(chunk) * static_cast<std::size_t>(plan_.n_ctx);
    return tokens_[start + static_cast<std::size_t>(plan_.first() + row + 1)];
}

Error no_numbers(const std::filesystem::path& file, std::int32_t chunk) {
    return {ErrorKind::Failed,
            fmt::format("{} gives logits that are not numbers in chunk {} of the text.", file.string(), chunk + 1),
            "The file's weights are damaged or were made wrongly: make or download it again."};
}

Result<void> TextScorer::score_base(std::int32_t chunk, std::int32_t nth) {
    const std::span<const float> logits = base_->logits(nth);
    const std::size_t width = base_->n_vocab();
    const std::size_t at = base_nll_.size();
    base_nll_.resize(at + static_cast<std::size_t>(plan_.n_scored()));
    for_rows(plan_.n_scored(), settings_.n_threads, [&](std::int32_t row) {
        const auto place = static_cast<std::size_t>(row);
        const auto values = logits.subspan(place * width, width);
        base_nll_[at + place] = negative_log_likelihood(values, target(chunk + nth, row));
        if (!base_rows_.empty()) store_base(values, base_rows_[place]);
    });
    const bool sound = std::all_of(base_nll_.begin() + static_cast<std::ptrdiff_t>(at), base_nll_.end(),
                                   [](double nll) { return std::isfinite(nll); });
    if (!sound) return tl::unexpected(no_numbers(base_->file(), chunk + nth));
    return {};
}

void TextScorer::score_candidate(Candidate& candidate, std::int32_t chunk, std::int32_t nth) {
    const std::span<const float> logits = candidate.model->logits(nth);
    const std::size_t width = base_->n_vocab();
    const std::size_t at = candidate.rows.size();
    candidate.rows.resize(at + static_cast<std::size_t>(plan_.n_scored()));
    for_rows(plan_.n_scored(), settings_.n_threads, [&](std::int32_t row) {
        const auto place = static_cast<std::size_t>(row);
        candidate.rows[at + place] =
            compare_row(logits.subspan(place * width, width), base_rows_[place], target(chunk + nth, row));
    });
    const bool sound = std::all_of(candidate.rows.begin() + static_cast<std::ptrdiff_t>(at), candidate.rows.end(),
                                   [](const RowComparison& r) { return std::isfinite(r.nll) && std::isfinite(r.kl); });
    if (!sound) candidate.failure = no_numbers(candidate.file, chunk + nth);
}

// A candidate that fails is left out from then on; the base's failure and an interruption end all.
Result<void> TextScorer::read_all(std::int32_t chunk) {
    if (auto done = base_->read(tokens_, chunk, hooks_); !done) return done;
    for (Candidate& candidate : candidates_) {
        if (candidate.failure) continue;
        auto done = candidate.model->read(tokens_, chunk, hooks_);
        if (done) continue;
        if (done.error().kind == ErrorKind::Interrupted) return done;
        candidate.failure = done.error();
    }
    return {};
}

Result<void> TextScorer::walk() {
    for (std::int32_t chunk = 0; chunk < plan_.n_chunks; chunk += plan_.n_together) {
        if (auto done = read_all(chunk); !done) return done;
        const std::int32_t n_here = std::min(plan_.n_together, plan_.n_chunks - chunk);
        for (std::int32_t nth = 0; nth < n_here; ++nth) {
            if (auto done = score_base(chunk, nth); !done) return done;
            for (Candidate& candidate : candidates_) {
                if (!candidate.failure) score_candidate(candidate, chunk, nth);
            }
        }
        if (progress_) progress_(static_cast<double>(chunk + n_here) / static_cast<double>(plan_.n_chunks));
    }
    return {};
}

TextScores TextScorer::scores() const {
    TextScores scores;
    scores.base = score_alone(base_nll_);
    scores.base.n_ctx = plan_.n_ctx;
    for (const Candidate& candidate : candidates_) {
        if (candidate.failure) {
            scores.candidates.emplace_back(tl::unexpected(*candidate.failure));
            continue;
        }
        TextScore score = score_against_base(candidate.rows);
        score.n_ctx = plan_.n_ctx;
        scores.candidates.emplace_back(score);
    }
    return scores;
}

}  // namespace

Result<TextScores> score_text(const std::filesystem::path& base, std::span<const std::filesystem::path> candidates,
                              const std::string& text, const TextScoreSettings& settings,
                              const std::function<bool()>& abort, const std::function<void(double)>& progress) {
    start_backend();
    if (auto sane = check_settings(settings); !sane) return tl::unexpected(sane.error());
    EngineHooks hooks;
    hooks.abort = abort;
    TextScorer scorer(settings, std::move(hooks), progress);
    if (auto opened = scorer.open(base, candidates, text); !opened) return tl::unexpected(opened.error());
    if (auto walked = scorer.walk(); !walked) return tl::unexpected(walked.error());
    return scorer.scores();
}

}  // namespace landauer
