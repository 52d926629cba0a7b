#include <fmt/format.h>
#include <landauer/sampler.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/clock.h"
#include "platform/process_clocks.h"
#include "platform/thread_setup.h"
#include "run/clock_watch.h"
#include "run/deadlines.h"
#include "run/latency_histogram.h"
#include "run/read_turn.h"
#include "run/tick_ring.h"

namespace landauer {
namespace {

constexpr double kSlowest_hz = 1.0;
constexpr double kFastest_hz = 50.0;
constexpr double kLongestRing_s = 3600.0;
constexpr double kSecondsPerNs = 1e-9;

// A meter, its turn, and where its part of a tick's record begins: the time, then the values.
struct Slot {
    std::unique_ptr<Meter> meter;
    std::mutex* turn = nullptr;
    std::size_t begin = 0;
    std::size_t n_channels = 0;
};

// Written by the sampler thread, read by any.
struct Counts {
    std::atomic<std::uint64_t> ticks{0};
    std::atomic<std::uint64_t> missed{0};
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<std::uint64_t> read_errors{0};
    std::atomic<std::int64_t> cpu_ns{0};
    std::atomic<std::int64_t> wall_ns{0};
    std::atomic<std::int64_t> largest_gap_ns{0};
};

std::chrono::steady_clock::time_point to_steady(std::int64_t t_ns) {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(t_ns));
}

std::vector<Slot> make_slots(std::vector<std::unique_ptr<Meter>> meters) {
    std::vector<Slot> slots;
    std::size_t begin = 0;
    for (auto& meter : meters) {
        const std::size_t n_channels = meter->info().channels.size();
        std::mutex& turn = read_turn(meter->info().name);
        slots.push_back({std::move(meter), &turn, begin, n_channels});
        begin += n_channels + 1;
    }
    return slots;
}

std::size_t record_width(const std::vector<Slot>& slots) {
    return slots.empty() ? 1 : slots.back().begin + slots.back().n_channels + 1;
}

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

}  // namespace

struct Sampler::State {
    State(std::vector<std::unique_ptr<Meter>> meters, const SamplerOptions& wanted)
        : options(wanted),
          slots(make_slots(std::move(meters))),
          ring(static_cast<std::size_t>(std::ceil(wanted.ring_s * wanted.rate_hz)) + 2, record_width(slots)),
          spare(record_width(slots)) {}

    void loop() noexcept;
    void tick() noexcept;
    void read(Slot& slot, std::span<std::int64_t> record) noexcept;
    bool wait_until(std::int64_t t_ns);
    void wait_for_tick_in_progress() const;

    const SamplerOptions options;
    std::vector<Slot> slots;
    TickRing ring;
    std::vector<std::int64_t> spare;  // where a tick is read to while the ring is full
    Counts counts;
    LatencyHistogram jitter;
    ClockWatch clocks;
    std::int64_t last_tick_ns = 0;

    // A tick is in progress while the first is one ahead of the second.
    std::atomic<std::uint64_t> ticks_begun{0};
    std::atomic<std::uint64_t> ticks_done{0};

    std::mutex stop_guard;
    std::condition_variable stop_signal;
    bool stopping = false;
    std::thread thread;
};

void Sampler::State::loop() noexcept {
    name_this_thread("landauer-sampler");
    const std::int64_t origin_ns = system_clock().now_ns();
    Deadlines deadlines(origin_ns, options.rate_hz);
    do {
        jitter.add(system_clock().now_ns() - deadlines.next_ns());
        tick();
        const std::int64_t now_ns = system_clock().now_ns();
        counts.missed.fetch_add(deadlines.advance(now_ns), std::memory_order_relaxed);
        counts.cpu_ns.store(read_thread_cpu_ns(), std::memory_order_relaxed);
        counts.wall_ns.store(now_ns - origin_ns, std::memory_order_relaxed);
    } while (wait_until(deadlines.next_ns()));
}

// True when it is time for the next tick, false when the sampler is to stop.
bool Sampler::State::wait_until(std::int64_t t_ns) {
    std::unique_lock lock(stop_guard);
    return !stop_signal.wait_until(lock, to_steady(t_ns), [this] { return stopping; });
}

void Sampler::State::tick() noexcept {
    ticks_begun.fetch_add(1, std::memory_order_seq_cst);
    const ClockReading now = read_clocks();
    clocks.note(now);
    if (last_tick_ns != 0) {
        const std::int64_t gap_ns = now.monotonic_ns - last_tick_ns;
        counts.largest_gap_ns.store(std::max(gap_ns, counts.largest_gap_ns.load(std::memory_order_relaxed)),
                                    std::memory_order_relaxed);
    }
    last_tick_ns = now.monotonic_ns;
    const std::span<std::int64_t> free = ring.begin_write();
    const std::span<std::int64_t> record = free.empty() ? std::span(spare) : free;
    for (Slot& slot : slots) {
        read(slot, record);
    }
    if (free.empty()) {
        counts.dropped.fetch_add(1, std::memory_order_relaxed);
    } else {
        ring.end_write();
    }
    counts.ticks.fetch_add(1, std::memory_order_relaxed);
    ticks_done.fetch_add(1, std::memory_order_release);
}

// Stamped with the middle of the reading, which halves the error of a slow one.
void Sampler::State::read(Slot& slot, std::span<std::int64_t> record) noexcept {
    const auto values = record.subspan(slot.begin + 1, slot.n_channels);
    std::fill(values.begin(), values.end(), kMissing);
    std::int64_t before_ns = 0;
    std::int64_t after_ns = 0;
    {
        const std::scoped_lock lock(*slot.turn);
        before_ns = system_clock().now_ns();
        slot.meter->read(values);
        after_ns = system_clock().now_ns();
    }
    record[slot.begin] = before_ns + (after_ns - before_ns) / 2;
    const auto missing = std::count(values.begin(), values.end(), kMissing);
    counts.read_errors.fetch_add(static_cast<std::uint64_t>(missing), std::memory_order_relaxed);
}

// A meter that hangs must not hang the caller: after a second it is waited for no longer.
void Sampler::State::wait_for_tick_in_progress() const {
    constexpr int kMostWaits = 10'000;
    constexpr auto kPause = std::chrono::microseconds(100);
    const std::uint64_t begun = ticks_begun.load(std::memory_order_seq_cst);
    for (int i = 0; i < kMostWaits && ticks_done.load(std::memory_order_acquire) < begun; ++i) {
        std::this_thread::sleep_for(kPause);
    }
}

Result<std::unique_ptr<Sampler>> Sampler::start(std::vector<std::unique_ptr<Meter>> meters,
                                                const SamplerOptions& options) {
    if (auto checked = check(options); !checked) {
        return tl::unexpected(checked.error());
    }
    std::erase(meters, nullptr);
    auto state = std::make_unique<State>(std::move(meters), options);
    const SignalsBlocked blocked;
    try {
        state->thread = std::thread([raw = state.get()] { raw->loop(); });
    } catch (const std::system_error& error) {
        return fail(ErrorKind::Failed, fmt::format("Could not start the sampler's thread: {}.", error.code().message()),
                    "Raise the limit on threads (ulimit -u), or end other programs.");
    }
    return std::unique_ptr<Sampler>(new Sampler(std::move(state)));
}

Sampler::Sampler(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sampler::~Sampler() { stop(); }

void Sampler::stop() {
    {
        const std::scoped_lock lock(state_->stop_guard);
        state_->stopping = true;
    }
    state_->stop_signal.notify_one();
    if (state_->thread.joinable()) {
        state_->thread.join();
    }
}

void Sampler::drain(Trace& into) {
    state_->wait_for_tick_in_progress();
    Trace fresh;
    std::vector<std::size_t> first_series;  // of each slot, in `fresh`
    for (const Slot& slot : state_->slots) {
        first_series.push_back(fresh.series.size());
        for (const Channel& channel : slot.meter->info().channels) {
            fresh.series.push_back({channel, {}, {}});
        }
    }
    for (auto record = state_->ring.begin_read(); !record.empty(); record = state_->ring.begin_read()) {
        for (std::size_t s = 0; s < state_->slots.size(); ++s) {
            const Slot& slot = state_->slots[s];
            for (std::size_t i = 0; i < slot.n_channels; ++i) {
                if (record[slot.begin + 1 + i] != kMissing) {
                    Series& series = fresh.series[first_series[s] + i];
                    series.t_ns.push_back(record[slot.begin]);
                    series.raw.push_back(record[slot.begin + 1 + i]);
                }
            }
        }
        state_->ring.end_read();
    }
    into.merge(fresh);
}

SamplerStats Sampler::stats() const {
    const Counts& counts = state_->counts;
    SamplerStats stats;
    stats.ticks = counts.ticks.load(std::memory_order_relaxed);
    stats.missed_deadlines = counts.missed.load(std::memory_order_relaxed);
    stats.dropped_ticks = counts.dropped.load(std::memory_order_relaxed);
    stats.read_errors = counts.read_errors.load(std::memory_order_relaxed);
    stats.cpu_s = static_cast<double>(counts.cpu_ns.load(std::memory_order_relaxed)) * kSecondsPerNs;
    stats.wall_s = static_cast<double>(counts.wall_ns.load(std::memory_order_relaxed)) * kSecondsPerNs;
    stats.jitter_p50_us = state_->jitter.quantile_us(0.50);
    stats.jitter_p99_us = state_->jitter.quantile_us(0.99);
    stats.jitter_max_us = state_->jitter.max_us();
    stats.largest_gap_s = static_cast<double>(counts.largest_gap_ns.load(std::memory_order_relaxed)) * kSecondsPerNs;
    stats.clock_step_s = static_cast<double>(state_->clocks.largest_step_ns()) * kSecondsPerNs;
    stats.suspended_s = static_cast<double>(state_->clocks.suspended_ns()) * kSecondsPerNs;
    return stats;
}

}  // namespace landauer
