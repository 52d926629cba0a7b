#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
#include <random>
#include <span>

#include "engine/llama/checks.h"
#include "engine/llama/decode.h"
#include "engine/llama/handles.h"
#include "engine/llama/load.h"
#include "engine/llama/sequence_batch.h"
#include "engine/phase_timer.h"
#include "engine/windows.h"
#include "gguf/summary.h"

namespace landauer {
namespace {

constexpr std::int32_t kTogether = 32;  // windows written at once: a batch is then nearly as fast as reading

// A token drawn from the softmax of the logits; nothing when they are not numbers.
std::optional<Token> draw(std::span<const float> logits, double uniform) {
    const float most = *std::max_element(logits.begin(), logits.end());
    double sum = 0.0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit - most));
    if (!std::isfinite(sum)) return std::nullopt;
    double left = uniform * sum;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        left -= std::exp(static_cast<double>(logits[i] - most));
        if (left <= 0.0) return static_cast<Token>(i);
    }
    return static_cast<Token>(logits.size() - 1);
}

// A generator for each window, so that how many are written together changes nothing but rounding.
std::mt19937_64 random_of(std::uint64_t seed, std::size_t window) {
    std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                           static_cast<std::uint32_t>(window)};
    return std::mt19937_64(sequence);
}

class SelfWriter {
   public:
    Result<void> load(const std::filesystem::path& file, const SelfTextSettings& settings, const EngineHooks& hooks);
    // Windows [first, first + n): all of one length, grown token by token.
    Result<void> write(std::size_t first, std::size_t n, const EngineHooks& hooks,
                       const std::function<void(std::int32_t)>& grown, std::vector<TokenWindow>& windows);

   private:
    Result<void> step(std::int32_t at, std::span<TokenWindow> group, std::vector<std::mt19937_64>& random,
                      const EngineHooks& hooks);
    [[nodiscard]] Token beginning() const;

    std::filesystem::path file_;
    SelfTextSettings settings_;
    ModelPtr model_;
    Context context_;
};

Result<void> SelfWriter::load(const std::filesystem::path& file, const SelfTextSettings& settings,
                              const EngineHooks& hooks) {
    file_ = file;
    settings_ = settings;
    const std::int32_t n_together = std::min(kTogether, settings.n_windows);
    EngineSettings engine;
    engine.model = file;
    engine.n_ctx = settings.n_tokens * n_together;
    engine.n_batch = std::max(n_together, 32);
    engine.n_threads = settings.n_threads;
    auto translated = translate(engine);
    if (!translated) return tl::unexpected(translated.error());
    auto model = load_model(engine, translated->model, hooks);
    if (!model) return tl::unexpected(model.error());
    translated->context.n_seq_max = static_cast<std::uint32_t>(n_together);
    auto context = make_context(model->get(), engine, translated->context, engine.n_ctx);
    if (!context) return tl::unexpected(context.error());
    model_ = std::move(*model);
    context_ = std::move(*context);
    return {};
}

Token SelfWriter::beginning() const {
    const llama_vocab* vocab = llama_model_get_vocab(model_.get());
    const Token bos = llama_vocab_bos(vocab);
    return bos != LLAMA_TOKEN_NULL ? bos : std::max(llama_vocab_eos(vocab), 0);
}

Result<void> SelfWriter::step(std::int32_t at, std::span<TokenWindow> group, std::vector<std::mt19937_64>& random,
                              const EngineHooks& hooks) {
    SequenceBatch batch;
    for (std::size_t i = 0; i < group.size(); ++i) {
        batch.add(group[i].back(), at, static_cast<llama_seq_id>(i), true);
    }
    std::int32_t code = 0;
    try {
        code = llama_decode(context_.llama.get(), batch.view());
    } catch (const std::exception&) {
        code = -3;
    }
    if (code == 2 || wants_abort(hooks)) return interrupted("Writing calibration text was interrupted.");
    if (code != 0) return tl::unexpected(decode_error(code));
    const llama_vocab* vocab = llama_model_get_vocab(model_.get());
    const auto n_vocab = static_cast<std::size_t>(llama_vocab_n_tokens(vocab));
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (llama_vocab_is_eog(vocab, group[i].back())) {
            group[i].push_back(beginning());
            continue;
        }
        const float* row = llama_get_logits_ith(context_.llama.get(), static_cast<std::int32_t>(i));
        const auto token = draw({row, n_vocab}, uniform(random[i]));
        if (!token) {
            return fail(ErrorKind::Failed, fmt::format("{} gives logits that are not numbers.", file_.string()),
                        "Check the file: landauer score --text FILE -m MODEL.");
        }
        group[i].push_back(*token);
    }
    return {};
}

Result<void> SelfWriter::write(std::size_t first, std::size_t n, const EngineHooks& hooks,
                               const std::function<void(std::int32_t)>& grown, std::vector<TokenWindow>& windows) {
    llama_memory_clear(llama_get_memory(context_.llama.get()), true);
    const AbortGuard guard(context_.llama.get(), hooks);
    std::vector<std::mt19937_64> random;
    const std::span<TokenWindow> group = std::span(windows).subspan(first, n);
    for (std::size_t i = 0; i < n; ++i) {
        random.push_back(random_of(settings_.seed, first + i));
        group[i] = {beginning()};
    }
    for (std::int32_t at = 0; at + 1 < settings_.n_tokens; ++at) {
        if (auto done = step(at, group, random, hooks); !done) return done;
        grown(at + 2);
    }
    return {};
}

Result<void> check(const std::filesystem::path& model, const SelfTextSettings& settings) {
    start_backend();
    const auto summary = inspect_gguf(model);
    if (!summary) return tl::unexpected(summary.error());
    if (auto sane = check_plausible(*summary); !sane) return tl::unexpected(sane.error());
    if (settings.n_windows < 1 || settings.n_tokens < 2 || settings.n_threads < 1) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} windows of {} tokens cannot be written by {} threads.", settings.n_windows,
                                settings.n_tokens, settings.n_threads),
                    "Ask for one window or more, of two tokens or more, and one thread or more.");
    }
    return {};
}

}  // namespace

Result<std::vector<TokenWindow>> self_windows(const std::filesystem::path& model, const SelfTextSettings& settings,
                                              const std::function<bool()>& abort,
                                              const std::function<void(double)>& progress) {
    if (auto fit = check(model, settings); !fit) return tl::unexpected(fit.error());
    EngineHooks hooks;
    hooks.abort = abort;
    SelfWriter writer;
    if (auto loaded = writer.load(model, settings, hooks); !loaded) return tl::unexpected(loaded.error());
    const auto n_windows = static_cast<std::size_t>(settings.n_windows);
    std::vector<TokenWindow> windows(n_windows);
    for (std::size_t first = 0; first < n_windows; first += kTogether) {
        const std::size_t n = std::min<std::size_t>(kTogether, n_windows - first);
        const auto grown = [&](std::int32_t length) {
            if (!progress) return;
            const double part = static_cast<double>(n) * length / settings.n_tokens;
            progress((static_cast<double>(first) + part) / static_cast<double>(n_windows));
        };
        if (auto done = writer.write(first, n, hooks, grown, windows); !done) return tl::unexpected(done.error());
    }
    return windows;
}

}  // namespace landauer
