#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <thread>
#include <utility>
#include <vector>

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

// Windows that one context writes at once. Each context is computed by one thread, and the threads take such groups in
// turns: nobody waits for anybody, and the windows are the same whatever the number of threads.
constexpr std::size_t kTogether = 8;

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

// A generator for each window.
std::mt19937_64 random_of(std::uint64_t seed, std::size_t window) {
    std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                           static_cast<std::uint32_t>(window)};
    return std::mt19937_64(sequence);
}

struct Loaded {
    std::filesystem::path file;
    SelfTextSettings settings;
    EngineSettings engine;
    llama_context_params params{};
    ModelPtr model;
};

Result<Loaded> load(const std::filesystem::path& file, const SelfTextSettings& settings, const EngineHooks& hooks) {
    Loaded loaded;
    loaded.file = file;
    loaded.settings = settings;
    loaded.engine.model = file;
    loaded.engine.n_ctx = settings.n_tokens * static_cast<std::int32_t>(kTogether);
    loaded.engine.n_batch = 32;
    loaded.engine.n_threads = 1;
    auto translated = translate(loaded.engine);
    if (!translated) return tl::unexpected(translated.error());
    auto model = load_model(loaded.engine, translated->model, hooks);
    if (!model) return tl::unexpected(model.error());
    loaded.model = std::move(*model);
    loaded.params = translated->context;
    loaded.params.n_seq_max = static_cast<std::uint32_t>(kTogether);
    return loaded;
}

class SelfWriter {
   public:
    static Result<SelfWriter> create(const Loaded& loaded);
    // Windows [first, first + group.size()), grown token by token.
    Result<void> write(std::size_t first, std::span<TokenWindow> group, const EngineHooks& hooks,
                       const std::function<void()>& grown);

   private:
    explicit SelfWriter(const Loaded& loaded) : loaded_(&loaded) {}
    Result<void> step(std::int32_t at, std::span<TokenWindow> group, std::vector<std::mt19937_64>& random,
                      const EngineHooks& hooks);
    [[nodiscard]] Token beginning() const;

    const Loaded* loaded_;
    Context context_;
};

Result<SelfWriter> SelfWriter::create(const Loaded& loaded) {
    SelfWriter writer(loaded);
    auto context = make_context(loaded.model.get(), loaded.engine, loaded.params, loaded.engine.n_ctx);
    if (!context) return tl::unexpected(context.error());
    writer.context_ = std::move(*context);
    return writer;
}

Token SelfWriter::beginning() const {
    const llama_vocab* vocab = llama_model_get_vocab(loaded_->model.get());
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
    const llama_vocab* vocab = llama_model_get_vocab(loaded_->model.get());
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
            return fail(ErrorKind::Failed, fmt::format("{} gives logits that are not numbers.", loaded_->file.string()),
                        "Check the file: landauer score --text FILE -m MODEL.");
        }
        group[i].push_back(*token);
    }
    return {};
}

Result<void> SelfWriter::write(std::size_t first, std::span<TokenWindow> group, const EngineHooks& hooks,
                               const std::function<void()>& grown) {
    llama_memory_clear(llama_get_memory(context_.llama.get()), true);
    const AbortGuard guard(context_.llama.get(), hooks);
    std::vector<std::mt19937_64> random;
    for (std::size_t i = 0; i < group.size(); ++i) {
        random.push_back(random_of(loaded_->settings.seed, first + i));
        group[i] = {beginning()};
    }
    for (std::int32_t at = 0; at + 1 < loaded_->settings.n_tokens; ++at) {
        if (auto done = step(at, group, random, hooks); !done) return done;
        grown();
    }
    return {};
}

// Takes groups until there are none, or one failed anywhere.
class SelfWriters {
   public:
    SelfWriters(const Loaded& loaded, const EngineHooks& hooks, const std::function<void(double)>& progress,
                std::vector<TokenWindow>& windows)
        : loaded_(loaded), hooks_(hooks), progress_(progress), windows_(windows) {}

    Result<void> run() {
        const std::size_t n_groups = (windows_.size() + kTogether - 1) / kTogether;
        const auto n_workers = std::min(static_cast<std::size_t>(loaded_.settings.n_threads), n_groups);
        {
            std::vector<std::jthread> workers;
            for (std::size_t i = 1; i < n_workers; ++i) workers.emplace_back([this] { work(); });
            work();
        }
        if (failure_) return tl::unexpected(*failure_);
        return {};
    }

   private:
    void work() {
        auto writer = SelfWriter::create(loaded_);
        if (!writer) return end(writer.error());
        for (std::size_t first = next_.fetch_add(kTogether); first < windows_.size() && !is_over_;
             first = next_.fetch_add(kTogether)) {
            const std::size_t n = std::min(kTogether, windows_.size() - first);
            EngineHooks hooks = hooks_;
            hooks.abort = [this] { return is_over_ || (hooks_.abort && hooks_.abort()); };
            if (auto done = writer->write(first, std::span(windows_).subspan(first, n), hooks, [&] { tell(n); });
                !done) {
                return end(done.error());
            }
        }
    }
    void end(const Error& error) {
        const std::scoped_lock lock(mutex_);
        if (!failure_) failure_ = error;
        is_over_ = true;
    }
    void tell(std::size_t n) {
        const std::scoped_lock lock(mutex_);
        n_written_ += n;
        const auto all = windows_.size() * static_cast<std::size_t>(loaded_.settings.n_tokens - 1);
        if (progress_) progress_(static_cast<double>(n_written_) / static_cast<double>(all));
    }

    const Loaded& loaded_;
    const EngineHooks& hooks_;
    const std::function<void(double)>& progress_;
    std::vector<TokenWindow>& windows_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<bool> is_over_ = false;
    std::mutex mutex_;
    std::size_t n_written_ = 0;
    std::optional<Error> failure_;
};

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
    const auto loaded = load(model, settings, hooks);
    if (!loaded) return tl::unexpected(loaded.error());
    std::vector<TokenWindow> windows(static_cast<std::size_t>(settings.n_windows));
    if (auto done = SelfWriters(*loaded, hooks, progress, windows).run(); !done) return tl::unexpected(done.error());
    return windows;
}

}  // namespace landauer
