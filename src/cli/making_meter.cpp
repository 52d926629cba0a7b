#include "cli/making_meter.h"

#include <landauer/sampler.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "analysis/energy_scope.h"
#include "analysis/net_energy.h"
#include "cli/joules_setup.h"
#include "core/clock.h"

namespace landauer {
namespace {

constexpr double kSecondsPerHour = 3600.0;
constexpr auto kIdle = std::chrono::seconds(3);
constexpr auto kLastReading = std::chrono::milliseconds(500);  // longer than the sampler's period
constexpr auto kDrainEvery = std::chrono::seconds(10);         // a ring holds 30 s

std::vector<std::unique_ptr<Meter>> energy_meters(const MeterSources& sources) {
    std::vector<std::unique_ptr<Meter>> meters;
    for (MeterProbe& probe : probe_meters(sources)) {
        if (probe.meter && (*probe.meter)->info().is_energy()) meters.push_back(std::move(*probe.meter));
    }
    return meters;
}

}  // namespace

struct MakingMeter::State {
    std::unique_ptr<Sampler> sampler;  // null: nothing to sample
    std::vector<std::string> names;
    Trace trace;
    Window idle;
    std::int64_t begin_ns = 0;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::jthread drainer;

    void drain_until(const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            wake.wait_for(lock, stop, kDrainEvery, [] { return false; });
            sampler->drain(trace);
        }
    }
};

MakingMeter::MakingMeter(std::unique_ptr<State> state) : state_(std::move(state)) {}
MakingMeter::MakingMeter(MakingMeter&& other) noexcept = default;
MakingMeter& MakingMeter::operator=(MakingMeter&& other) noexcept = default;
MakingMeter::~MakingMeter() = default;

Result<MakingMeter> MakingMeter::start(const MeterOptions& options) {
    auto state = std::make_unique<State>();
    const auto joules = set_up_joules(options, false);
    if (!joules) return tl::unexpected(joules.error());
    auto meters = wants_no_joules(options) ? std::vector<std::unique_ptr<Meter>>() : energy_meters(joules->sources);
    if (meters.empty()) return MakingMeter(std::move(state));
    auto sampler = Sampler::start(std::move(meters));
    if (!sampler) return tl::unexpected(sampler.error());
    state->sampler = std::move(*sampler);
    state->names = meter_names(options);
    state->idle.begin_ns = system_clock().now_ns();
    std::this_thread::sleep_for(kIdle);
    state->idle.end_ns = system_clock().now_ns();
    state->begin_ns = state->idle.end_ns;
    state->drainer = std::jthread([own = state.get()](const std::stop_token& stop) { own->drain_until(stop); });
    return MakingMeter(std::move(state));
}

std::optional<MakingEnergy> MakingMeter::stop() {
    if (!state_ || state_->sampler == nullptr) return std::nullopt;
    const Window window{state_->begin_ns, system_clock().now_ns()};
    std::this_thread::sleep_for(kLastReading);
    state_->drainer.request_stop();
    state_->drainer.join();
    state_->sampler->stop();
    state_->sampler->drain(state_->trace);
    state_->sampler.reset();
    const EnergyScope scope = energy_scope(state_->trace, state_->names);
    if (scope.empty()) return std::nullopt;
    const std::array idle = {state_->idle};
    const std::array busy = {window};
    const auto energy = EnergyModel(state_->trace, scope.series, idle, busy).over(window);
    if (!energy || !energy->net_j) return std::nullopt;
    const double wh = *energy->net_j / kSecondsPerHour;
    const double half = energy->net_error.half_width() / kSecondsPerHour;
    if (wh <= half) return std::nullopt;
    return MakingEnergy{{wh, {wh - half, wh + half}}, scope.covers, scope.provenance == name(Provenance::modelled)};
}

}  // namespace landauer
