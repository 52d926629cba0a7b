#include "compress/model_passes.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "compress/kernel_costs.h"

namespace landauer {
namespace {

constexpr int kDecodeVisits = 4;  // a round

struct Loaded {
    std::unique_ptr<Engine> engine;
    EngineHooks hooks;
};

Result<Loaded> load(const std::filesystem::path& model, const PassSettings& settings, std::int64_t n_ctx,
                    const std::function<bool()>& abort) {
    auto engine = make_engine(model);
    if (!engine) return tl::unexpected(engine.error());
    Loaded loaded{std::move(*engine), {}};
    loaded.hooks.abort = abort;
    loaded.hooks.memory = settings.memory;
    EngineSettings engine_settings;
    engine_settings.model = model;
    engine_settings.n_threads = settings.n_threads;
    engine_settings.n_ctx = static_cast<std::int32_t>(n_ctx);
    if (auto done = loaded.engine->load(engine_settings, loaded.hooks); !done) return tl::unexpected(done.error());
    return loaded;
}

TrialRequest grid(std::int64_t n_prompt, std::int64_t n_gen, std::int64_t n_depth) {
    TrialRequest request;
    request.is_grid = true;
    request.n_prompt = static_cast<std::int32_t>(n_prompt);
    request.n_gen = static_cast<std::int32_t>(n_gen);
    request.n_depth = static_cast<std::int32_t>(n_depth);
    return request;
}

Result<double> phase_seconds(const Loaded& loaded, const TrialRequest& request) {
    const auto trial = loaded.engine->run(request, loaded.hooks);
    if (!trial) return tl::unexpected(trial.error());
    double seconds = 0.0;
    for (const PhaseRecord& phase : trial->phases) seconds += static_cast<double>(phase.end_ns - phase.begin_ns) * 1e-9;
    return seconds;
}

// A thing that is timed: a trial on a model, its seconds divided by so many.
struct Timed {
    const Loaded* loaded = nullptr;
    TrialRequest request;
    double parts = 1.0;
    int visits = 1;  // a round
};

// Seconds by thing and round.
template <std::size_t N>
Result<std::array<std::vector<double>, N>> in_turns(const std::array<Timed, N>& things, int n_rounds,
                                                    const std::function<void(double)>& done) {
    std::array<std::vector<double>, N> seconds;
    for (int round = -1; round < n_rounds; ++round) {  // the first only warms up
        for (std::size_t i = 0; i < N; ++i) {
            for (int visit = 0; visit < things[i].visits; ++visit) {
                const auto one = phase_seconds(*things[i].loaded, things[i].request);
                if (!one) return tl::unexpected(one.error());
                if (round >= 0) seconds[i].push_back(*one / things[i].parts);
            }
        }
        if (done) done(static_cast<double>(round + 2) / static_cast<double>(n_rounds + 1));
    }
    return seconds;
}

// Round by round, each by the quiet ones of its visits.
PassRatio ratio_of(const std::vector<double>& base, const std::vector<double>& small, int visits) {
    std::vector<double> ratios;
    const auto round_of = [&](const std::vector<double>& seconds, std::size_t first) {
        const auto begin = seconds.begin() + static_cast<std::ptrdiff_t>(first);
        return quiet_time({begin, begin + visits}).seconds;
    };
    for (std::size_t i = 0; i < base.size(); i += static_cast<std::size_t>(visits)) {
        ratios.push_back(round_of(base, i) / round_of(small, i));
    }
    return {quiet_time(base), quiet_time(small), median_time(std::move(ratios))};
}

}  // namespace

Result<ModelPasses> measure_passes(const std::filesystem::path& model, const PassSettings& settings,
                                   const std::function<bool()>& abort, const std::function<void(double)>& done) {
    const auto loaded =
        load(model, settings, settings.depth + std::max<std::int64_t>(kPrefillTokens, settings.n_decode), abort);
    if (!loaded) return tl::unexpected(loaded.error());
    const Loaded* one = &*loaded;
    const double parts = settings.n_decode;
    const auto seconds = in_turns(
        std::array{Timed{one, grid(0, settings.n_decode, 0), parts, kDecodeVisits},
                   Timed{one, grid(0, settings.n_decode, settings.depth), parts, kDecodeVisits},
                   Timed{one, grid(kPrefillTokens, 0, 0)}, Timed{one, grid(kPrefillTokens, 0, settings.depth)}},
        settings.n_rounds, done);
    if (!seconds) return tl::unexpected(seconds.error());
    ModelPasses passes;
    passes.depth = settings.depth;
    passes.decode = quiet_time((*seconds)[0]).seconds;
    passes.decode_deep = quiet_time((*seconds)[1]).seconds;
    passes.prefill = quiet_time((*seconds)[2]).seconds;
    passes.prefill_deep = quiet_time((*seconds)[3]).seconds;
    return passes;
}

Result<PassComparison> compare_passes(const std::filesystem::path& base, const std::filesystem::path& small,
                                      std::int64_t n_in, std::int64_t decode_depth, const PassSettings& settings,
                                      const std::function<bool()>& abort, const std::function<void(double)>& done) {
    const std::int64_t n_ctx = std::max<std::int64_t>(n_in, decode_depth + settings.n_decode);
    const auto loaded_base = load(base, settings, n_ctx, abort);
    if (!loaded_base) return tl::unexpected(loaded_base.error());
    const auto loaded_small = load(small, settings, n_ctx, abort);
    if (!loaded_small) return tl::unexpected(loaded_small.error());
    // The middle token of those that are decoded is at the depth asked for.
    const std::int64_t depth = std::max<std::int64_t>(0, decode_depth - settings.n_decode / 2);
    const TrialRequest prompt = grid(n_in, 0, 0);
    const TrialRequest answer = grid(0, settings.n_decode, depth);
    const double parts = settings.n_decode;
    const auto seconds = in_turns(std::array{Timed{&*loaded_base, prompt}, Timed{&*loaded_small, prompt},
                                             Timed{&*loaded_base, answer, parts, kDecodeVisits},
                                             Timed{&*loaded_small, answer, parts, kDecodeVisits}},
                                  settings.n_rounds, done);
    if (!seconds) return tl::unexpected(seconds.error());
    return PassComparison{ratio_of((*seconds)[0], (*seconds)[1], 1),
                          ratio_of((*seconds)[2], (*seconds)[3], kDecodeVisits)};
}

}  // namespace landauer
