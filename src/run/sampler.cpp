#include <fmt/format.h>
#include <landauer/sampler.h>

#include <algorithm>

#include "run/lane.h"

namespace landauer {
namespace {

constexpr double kSlowest_hz = 1.0;
constexpr double kFastest_hz = 50.0;
constexpr double kLongestRing_s = 3600.0;
constexpr double kSeldomest_hz = 1.0 / 60.0;  // of a blocking meter

Result<void> check(const SamplerOptions& options) {
    if (!(options.rate_hz >= kSlowest_hz && options.rate_hz <= kFastest_hz)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A sampling rate of {:g} Hz is outside 1 to 50 Hz.", options.rate_hz),
                    "Choose a rate between 1 and 50 Hz; 5 Hz is the paper's.");
    }
    if (!(options.ring_s > 0.0 && options.ring_s <= kLongestRing_s)) {
        return fail(ErrorKind::Invalid, fmt::format("A ring of {:g} s is outside 0 to 3600 s.", options.ring_s),
                    "Choose a ring of some seconds, longer than the longest time between two drains.");
    }
    return {};
}

// A meter that publishes once a second need not be asked five times.
double rate_of(const MeterInfo& info, const SamplerOptions& options) {
    return info.period_s > 0.0 ? std::clamp(1.0 / info.period_s, kSeldomest_hz, options.rate_hz) : options.rate_hz;
}

}  // namespace

// The quick meters share one lane, every blocking meter has its own.
struct Sampler::State {
    std::vector<std::unique_ptr<Lane>> lanes;  // the first one is the main one
};

Result<std::unique_ptr<Sampler>> Sampler::start(std::vector<std::unique_ptr<Meter>> meters,
                                                const SamplerOptions& options) {
    if (auto checked = check(options); !checked) {
        return tl::unexpected(checked.error());
    }
    std::erase(meters, nullptr);
    const auto blocking =
        std::stable_partition(meters.begin(), meters.end(), [](const auto& meter) { return !meter->info().blocks; });
    std::vector<std::unique_ptr<Meter>> slow(std::make_move_iterator(blocking), std::make_move_iterator(meters.end()));
    meters.erase(blocking, meters.end());
    auto state = std::make_unique<State>();
    state->lanes.push_back(
        std::make_unique<Lane>(std::move(meters), LaneOptions{options.rate_hz, options.ring_s, false}));
    for (auto& meter : slow) {
        const LaneOptions own{rate_of(meter->info(), options), options.ring_s, true};
        std::vector<std::unique_ptr<Meter>> only;
        only.push_back(std::move(meter));
        state->lanes.push_back(std::make_unique<Lane>(std::move(only), own));
    }
    for (const auto& lane : state->lanes) {
        if (auto started = lane->start(); !started) {
            return tl::unexpected(started.error());
        }
    }
    return std::unique_ptr<Sampler>(new Sampler(std::move(state)));
}

Sampler::Sampler(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sampler::~Sampler() { stop(); }

// All are asked before any is waited for, so that slow ones end their readings side by side.
void Sampler::stop() {
    for (const auto& lane : state_->lanes) {
        lane->ask_to_stop();
    }
    for (const auto& lane : state_->lanes) {
        lane->stop();
    }
}

void Sampler::drain(Trace& into) {
    for (const auto& lane : state_->lanes) {
        lane->drain(into);
    }
}

SamplerStats Sampler::stats() const {
    SamplerStats stats;
    for (const auto& lane : state_->lanes) {
        lane->add_to(stats, lane == state_->lanes.front());
    }
    return stats;
}

}  // namespace landauer
