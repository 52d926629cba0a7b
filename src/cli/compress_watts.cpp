#include "cli/compress_watts.h"

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "cli/meters_view.h"
#include "compress/kernel_costs.h"
#include "engine/engine.h"

namespace landauer {
namespace {

constexpr double kWatch_s = 2.0;

struct Draw {
    double watts = 0.0;
    std::string covers;
    bool measured = false;
};

// Of the rails that a measurement would count; nothing where there are none.
std::optional<Draw> draw_now(const MeterSources& sources, const std::vector<std::string>& names) {
    const MetersView view = view_meters(sources, kWatch_s, names);
    if (view.choice.empty()) return std::nullopt;
    Draw draw{0.0, view.choice.covers, view.choice.provenance != Provenance::modelled};
    for (const std::size_t index : view.choice.counted) {
        const auto& watts = view.candidates[index].mean_w;
        if (!watts) return std::nullopt;
        draw.watts += *watts;
    }
    return draw;
}

// The same trial over and over, on a thread of its own, for as long as it lives.
class Load {
   public:
    Load(Engine& engine, const TrialRequest& request) : thread_([this, &engine, request] { loop(engine, request); }) {}
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    Load(Load&&) = delete;
    Load& operator=(Load&&) = delete;
    ~Load() { (void)end(); }

    Result<void> end() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
        return outcome_;
    }

   private:
    void loop(Engine& engine, const TrialRequest& request) {
        EngineHooks hooks;
        hooks.abort = [this] { return stop_.load(); };
        while (!stop_ && outcome_) {
            const auto done = engine.run(request, hooks);
            if (!done && done.error().kind != ErrorKind::Interrupted) outcome_ = tl::unexpected(done.error());
        }
    }
    std::atomic<bool> stop_ = false;
    Result<void> outcome_;
    std::thread thread_;  // last: it uses what is above
};

PassWatts by_time(const std::string& why) {
    PassWatts watts;
    watts.source = why + " Joules are an estimate here: in proportion to the time that the cores are busy.";
    return watts;
}

}  // namespace

Result<PassWatts> pass_watts(const CompressSettings& settings, const MeterOptions& meters, const CompressHooks& hooks) {
    const auto sources = meter_sources(meters);
    if (!sources) return tl::unexpected(sources.error());
    const auto names = meter_names(meters);
    const auto idle = wants_no_joules(meters) ? std::nullopt : draw_now(*sources, names);
    if (!idle) return by_time("This machine shows no energy meter.");
    auto engine = make_engine(settings.model);
    if (!engine) return tl::unexpected(engine.error());
    EngineSettings engine_settings;
    engine_settings.model = settings.model;
    engine_settings.n_threads = settings.calibration.n_threads;
    engine_settings.n_ctx = static_cast<std::int32_t>(kPrefillTokens);
    EngineHooks engine_hooks;
    engine_hooks.abort = hooks.abort;
    engine_hooks.memory = hooks.memory;
    if (auto loaded = (*engine)->load(engine_settings, engine_hooks); !loaded) return tl::unexpected(loaded.error());
    PassWatts watts{0.0, 0.0, idle->measured, {}};
    for (const bool prefill : {true, false}) {
        if (hooks.progress) hooks.progress("measuring power", prefill ? 0.3 : 0.6);
        TrialRequest request;
        request.is_grid = true;
        (prefill ? request.n_prompt : request.n_gen) = static_cast<std::int32_t>(kPrefillTokens);
        Load load(**engine, request);
        const auto busy = draw_now(*sources, names);
        if (auto done = load.end(); !done) return tl::unexpected(done.error());
        (prefill ? watts.prefill : watts.decode) = busy ? busy->watts - idle->watts : 0.0;
    }
    if (watts.prefill <= 0.0 || watts.decode <= 0.0) return by_time("The meter shows no more power than idle.");
    watts.source = fmt::format("Beyond idle it draws {:.3g} W while reading and {:.3g} W while writing ({}{}).",
                               watts.prefill, watts.decode, idle->covers,
                               watts.measured ? "" : ": stated watts and CPU use, so joules are an estimate");
    return watts;
}

}  // namespace landauer
