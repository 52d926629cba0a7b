#include "engine/fake/fake_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numbers>
#include <random>
#include <utility>

#include "engine/fake/fake_images.h"
#include "engine/fake/spend.h"
#include "engine/fake/words.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

constexpr std::size_t kPage = 4096;
constexpr double kLeastNoise = 0.05;  // a phase never takes less than this part of its time

double uniform(std::mt19937_64& random) { return (static_cast<double>(random() >> 11U) + 0.5) * 0x1.0p-53; }

tl::unexpected<Error> told_to_fail(PhaseKind kind) {
    return fail(ErrorKind::Failed, fmt::format("The fake model failed at {}, as it was told.", name(kind)),
                "Remove \"fail_at\" from the fake model's file.");
}

}  // namespace

// One draw a phase, from the seed and the phase's number alone: the same in every process.
double FakeEngine::noise_factor() {
    std::mt19937_64 random(model_.seed * 0x9E3779B97F4A7C15ULL + n_phases_++);
    const double radius = std::sqrt(-2.0 * std::log(uniform(random)));
    const double normal = radius * std::cos(2.0 * std::numbers::pi * uniform(random));
    return std::max(kLeastNoise, 1.0 + model_.noise * normal);
}

Result<PhaseRecord> FakeEngine::phase(PhaseKind kind, double seconds, std::int64_t n_tokens, const EngineHooks& hooks) {
    PhaseTimer timer(hooks, kind);
    if (model_.fail_at == name(kind)) return told_to_fail(kind);
    const auto progress = [&](double fraction) {
        if (hooks.progress) hooks.progress(kind, fraction);
    };
    if (!spend(seconds * noise_factor() / model_.speed, model_.busy, hooks, progress)) {
        return interrupted("The trial was interrupted.");
    }
    return timer.end(n_tokens);
}

Result<LoadResult> FakeEngine::load(const EngineSettings& settings, const EngineHooks& hooks) {
    unload();
    const auto need = static_cast<std::uint64_t>(model_.ram_bytes);
    if (hooks.memory && need > hooks.memory()) {
        return fail(ErrorKind::Failed,
                    fmt::format("The fake model needs {} bytes of memory, more than there is.", need),
                    "Lower \"ram_bytes\" in the fake model's file.");
    }
    const auto loaded = phase(PhaseKind::load, model_.load_s, 0, hooks);
    if (!loaded) return tl::unexpected(loaded.error());
    try {
        ram_.resize(static_cast<std::size_t>(model_.ram_bytes));
    } catch (const std::bad_alloc&) {
        return fail(ErrorKind::Failed, fmt::format("{} bytes of memory cannot be had.", need),
                    "Lower \"ram_bytes\" in the fake model's file.");
    }
    for (std::size_t at = 0; at < ram_.size(); at += kPage) ram_[at] = std::byte{1};
    settings_ = settings;
    is_loaded_ = true;
    LoadResult result;
    result.load = *loaded;
    result.n_ctx = settings.n_ctx;
    result.n_ctx_train = model_.n_ctx_train;
    result.model.path = settings.model.string();
    result.model.name = settings.model.stem().stem().string();
    result.model.type = "fake";
    result.model.size_bytes = need;
    return result;
}

void FakeEngine::unload() {
    is_loaded_ = false;
    cached_.clear();
    // Assigning {} would keep the memory.
    std::vector<std::byte>().swap(ram_);
}

Result<std::vector<Token>> FakeEngine::tokenize(const TrialRequest& request) {
    return word_tokens(request.text, request.chat_template);
}

std::int64_t FakeEngine::reuse_prefix(const std::vector<Token>& prompt) {
    if (!settings_.prefix_cache) return 0;
    const auto difference = std::mismatch(prompt.begin(), prompt.end() - 1, cached_.begin(), cached_.end()).first;
    return difference - prompt.begin();
}

Result<TrialResult> FakeEngine::run(const TrialRequest& request, const EngineHooks& hooks) {
    if (!is_loaded_) {
        return fail(ErrorKind::Bug, "The engine was asked to work before a model was loaded.", "Load a model first.");
    }
    const auto prompt = request.is_grid ? std::vector<Token>(static_cast<std::size_t>(std::max(0, request.n_prompt)), 1)
                                        : word_tokens(request.text, request.chat_template);
    if (const auto fits = check_fits(request, prompt.size()); !fits) return tl::unexpected(fits.error());
    TrialResult result;
    if (request.image) {
        if (auto seen = look_at(*request.image, hooks, result); !seen) return tl::unexpected(seen.error());
    }
    result.n_prompt = static_cast<std::int64_t>(prompt.size()) + result.image.n_tokens;
    result.n_reused = request.is_grid || request.image ? 0 : reuse_prefix(prompt);
    const std::int64_t n_fresh = static_cast<std::int64_t>(prompt.size()) - result.n_reused;
    cached_.clear();
    if (n_fresh > 0) {
        const auto n = static_cast<double>(n_fresh);
        const auto record = phase(
            PhaseKind::prefill, model_.prefill_s + model_.prefill_s_per_token * n + model_.prefill_s_per_token2 * n * n,
            n_fresh, hooks);
        if (!record) return tl::unexpected(record.error());
        result.phases.push_back(*record);
    }
    if (!request.is_grid && !request.image) cached_ = prompt;
    if (auto generated = generate(request, prompt, hooks, result); !generated) return tl::unexpected(generated.error());
    return result;
}

Result<void> FakeEngine::look_at(const RgbImage& image, const EngineHooks& hooks, TrialResult& result) {
    const ImageLimits limits{settings_.image_min_tokens, settings_.image_max_tokens};
    const ImageCost cost = fake_image_cost(model_, limits, image.size);
    result.image = {image.size.width, image.size.height, cost.n_tokens,
                    cost.n_patches,   cost.effective_px, cost.n_slices};
    const auto n = static_cast<double>(cost.n_tokens);
    struct Step {
        PhaseKind kind;
        double seconds;
        std::int64_t n_tokens;
    };
    const double megapixels = static_cast<double>(image.size.pixels()) * 1e-6;
    for (const Step& step :
         {Step{PhaseKind::image_preprocess, model_.image_preprocess_s_per_mpx * megapixels, 0},
          Step{PhaseKind::image_encode, model_.image_encode_s_per_token * n + model_.image_encode_s_per_token2 * n * n,
               cost.n_tokens},
          Step{PhaseKind::image_prefill, model_.image_prefill_s_per_token * n, cost.n_tokens}}) {
        auto record = phase(step.kind, step.seconds, step.n_tokens, hooks);
        if (!record) return tl::unexpected(record.error());
        result.phases.push_back(*record);
    }
    return {};
}

Result<void> FakeEngine::generate(const TrialRequest& request, const std::vector<Token>& prompt,
                                  const EngineHooks& hooks, TrialResult& result) {
    result.stop = "length";
    if (request.n_gen == 0) return {};
    std::uint64_t seed = model_.seed + request.sampling.seed;
    for (const Token token : prompt) seed = seed * 0x100000001B3ULL + static_cast<std::uint64_t>(token);
    result.n_gen = request.n_gen;
    const auto natural_end = static_cast<std::int64_t>(16 + seed % 32);
    if (!request.is_grid && !request.ignore_eos && natural_end < result.n_gen) {
        result.n_gen = natural_end;
        result.stop = "end";
    }
    const std::int64_t n_decoded = request.is_grid ? result.n_gen : result.n_gen - 1;
    const auto record =
        phase(PhaseKind::decode, model_.decode_s + model_.decode_s_per_token * static_cast<double>(n_decoded),
              n_decoded, hooks);
    if (!record) return tl::unexpected(record.error());
    result.phases.push_back(*record);
    if (!request.is_grid) result.answer = fake_answer(seed, result.n_gen);
    return {};
}

Result<void> FakeEngine::check_fits(const TrialRequest& request, std::size_t n_prompt) const {
    if (request.n_prompt < 0 || request.n_depth < 0 || request.n_gen < 0) {
        return fail(ErrorKind::Invalid, "A trial cannot have a negative number of tokens.", "Use 0 or more tokens.");
    }
    if (n_prompt == 0 && (!request.is_grid || request.n_gen == 0)) {
        return fail(ErrorKind::Invalid, "The prompt has no tokens.", "Give a prompt that is not empty.");
    }
    if (request.image && !(model_.image_px_per_token > 0.0)) {
        return fail(ErrorKind::Invalid, "The fake model sees no images.",
                    "Give it \"image_px_per_token\" in its file.");
    }
    const ImageLimits limits{settings_.image_min_tokens, settings_.image_max_tokens};
    const std::int64_t n_image = request.image ? fake_image_cost(model_, limits, request.image->size).n_tokens : 0;
    const std::int64_t needed = static_cast<std::int64_t>(n_prompt) + n_image + request.n_depth + request.n_gen;
    const std::int32_t limit = settings_.n_ctx > 0 ? settings_.n_ctx : model_.n_ctx_train;
    if (needed > limit) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Prompt and answer need {} tokens, but the context holds {}.", needed, limit),
                    fmt::format("Ask for a larger context (-c {}), or for fewer tokens.", needed));
    }
    return {};
}

std::map<std::string, std::string> FakeEngine::facts() const {
    return {{"engine", "fake"}, {"n_threads", std::to_string(settings_.n_threads)}};
}

std::unique_ptr<Engine> make_fake_engine(FakeModel model) { return std::make_unique<FakeEngine>(std::move(model)); }

}  // namespace landauer
