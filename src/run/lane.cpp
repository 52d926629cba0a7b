#include "run/lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <system_error>

#include "core/clock.h"
#include "platform/process_clocks.h"
#include "platform/thread_setup.h"
#include "run/deadlines.h"
#include "run/read_turn.h"

namespace landauer {
namespace {

constexpr double kSecondsPerNs = 1e-9;
constexpr std::size_t kExtra = 2;  // of a slot: the time and how long the reading took

std::chrono::steady_clock::time_point to_steady(std::int64_t t_ns) {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(t_ns));
}

}  // namespace

std::vector<Lane::Slot> Lane::make_slots(std::vector<std::unique_ptr<Meter>> meters) {
    std::vector<Slot> slots;
    slots.reserve(meters.size());
    std::size_t begin = 0;
    for (auto& meter : meters) {
        const std::size_t n_channels = meter->info().channels.size();
        std::mutex& turn = read_turn(meter->info().name);
        slots.push_back({std::move(meter), &turn, begin, n_channels});
        begin += n_channels + kExtra;
    }
    return slots;
}

std::size_t Lane::record_width(const std::vector<Slot>& slots) {
    return slots.empty() ? 1 : slots.back().begin + slots.back().n_channels + kExtra;
}

Lane::Lane(std::vector<std::unique_ptr<Meter>> meters, const LaneOptions& options)
    : options_(options),
      slots_(make_slots(std::move(meters))),
      ring_(static_cast<std::size_t>(std::ceil(options.ring_s * options.rate_hz)) + 2, record_width(slots_)),
      spare_(record_width(slots_)) {}

Lane::~Lane() { stop(); }

Result<void> Lane::start() {
    const SignalsBlocked blocked;
    try {
        thread_ = std::thread([this] { loop(); });
    } catch (const std::system_error& error) {
        return fail(ErrorKind::Failed, fmt::format("Could not start the sampler's thread: {}.", error.code().message()),
                    "Raise the limit on threads (ulimit -u), or end other programs.");
    }
    return {};
}

void Lane::ask_to_stop() {
    {
        const std::scoped_lock lock(stop_guard_);
        stopping_ = true;
    }
    stop_signal_.notify_one();
}

void Lane::stop() {
    ask_to_stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Lane::loop() noexcept {
    name_this_thread("landauer-sampler");
    const std::int64_t origin_ns = system_clock().now_ns();
    Deadlines deadlines(origin_ns, options_.rate_hz);
    do {
        jitter_.add(system_clock().now_ns() - deadlines.next_ns());
        tick();
        const std::int64_t now_ns = system_clock().now_ns();
        counts_.missed.fetch_add(deadlines.advance(now_ns), std::memory_order_relaxed);
        counts_.cpu_ns.store(read_thread_cpu_ns(), std::memory_order_relaxed);
        counts_.wall_ns.store(now_ns - origin_ns, std::memory_order_relaxed);
    } while (wait_until(deadlines.next_ns()));
}

// True when it is time for the next tick, false when the sampler is to stop.
bool Lane::wait_until(std::int64_t t_ns) {
    std::unique_lock lock(stop_guard_);
    return !stop_signal_.wait_until(lock, to_steady(t_ns), [this] { return stopping_; });
}

void Lane::tick() noexcept {
    ticks_begun_.fetch_add(1, std::memory_order_seq_cst);
    const ClockReading now = read_clocks();
    clocks_.note(now);
    if (last_tick_ns_ != 0) {
        const std::int64_t gap_ns = now.monotonic_ns - last_tick_ns_;
        counts_.largest_gap_ns.store(std::max(gap_ns, counts_.largest_gap_ns.load(std::memory_order_relaxed)),
                                     std::memory_order_relaxed);
    }
    last_tick_ns_ = now.monotonic_ns;
    const std::span<std::int64_t> free = ring_.begin_write();
    const std::span<std::int64_t> record = free.empty() ? std::span(spare_) : free;
    for (Slot& slot : slots_) {
        read(slot, record);
    }
    if (free.empty()) {
        counts_.dropped.fetch_add(1, std::memory_order_relaxed);
    } else {
        ring_.end_write();
    }
    counts_.ticks.fetch_add(1, std::memory_order_relaxed);
    ticks_done_.fetch_add(1, std::memory_order_release);
}

// Stamped with the middle of the reading, which halves the error of a slow one.
void Lane::read(Slot& slot, std::span<std::int64_t> record) noexcept {
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
    record[slot.begin + 1 + slot.n_channels] = after_ns - before_ns;
    const auto missing = std::count(values.begin(), values.end(), kMissing);
    counts_.read_errors.fetch_add(static_cast<std::uint64_t>(missing), std::memory_order_relaxed);
}

// A meter that hangs must not hang the caller: after a second it is waited for no longer.
void Lane::wait_for_tick_in_progress() const {
    constexpr int kMostWaits = 10'000;
    constexpr auto kPause = std::chrono::microseconds(100);
    const std::uint64_t begun = ticks_begun_.load(std::memory_order_seq_cst);
    for (int i = 0; i < kMostWaits && ticks_done_.load(std::memory_order_acquire) < begun; ++i) {
        std::this_thread::sleep_for(kPause);
    }
}

Trace Lane::empty_trace(std::vector<std::size_t>& first_series) const {
    Trace trace;
    for (const Slot& slot : slots_) {
        first_series.push_back(trace.series.size());
        for (const Channel& channel : slot.meter->info().channels) {
            trace.series.push_back({channel, {}, {}});
        }
        if (options_.blocks) {
            trace.series.push_back(
                {{slot.meter->info().name, "latency", "s", ChannelKind::gauge, kSecondsPerNs, 0, {}}, {}, {}});
        }
    }
    return trace;
}

void Lane::drain(Trace& into) {
    if (!options_.blocks) {
        wait_for_tick_in_progress();
    }
    std::vector<std::size_t> first_series;  // of each slot, in `fresh`
    Trace fresh = empty_trace(first_series);
    for (auto record = ring_.begin_read(); !record.empty(); record = ring_.begin_read()) {
        for (std::size_t s = 0; s < slots_.size(); ++s) {
            const Slot& slot = slots_[s];
            const std::size_t n_values = slot.n_channels + (options_.blocks ? 1 : 0);
            for (std::size_t i = 0; i < n_values; ++i) {
                if (record[slot.begin + 1 + i] != kMissing) {
                    Series& series = fresh.series[first_series[s] + i];
                    series.t_ns.push_back(record[slot.begin]);
                    series.raw.push_back(record[slot.begin + 1 + i]);
                }
            }
        }
        ring_.end_read();
    }
    into.merge(fresh);
}

void Lane::add_to(SamplerStats& stats, bool is_main) const {
    stats.dropped_ticks += counts_.dropped.load(std::memory_order_relaxed);
    stats.read_errors += counts_.read_errors.load(std::memory_order_relaxed);
    stats.cpu_s += static_cast<double>(counts_.cpu_ns.load(std::memory_order_relaxed)) * kSecondsPerNs;
    if (!is_main) {
        return;
    }
    stats.ticks = counts_.ticks.load(std::memory_order_relaxed);
    stats.missed_deadlines = counts_.missed.load(std::memory_order_relaxed);
    stats.wall_s = static_cast<double>(counts_.wall_ns.load(std::memory_order_relaxed)) * kSecondsPerNs;
    stats.jitter_p50_us = jitter_.quantile_us(0.50);
    stats.jitter_p99_us = jitter_.quantile_us(0.99);
    stats.jitter_max_us = jitter_.max_us();
    stats.largest_gap_s = static_cast<double>(counts_.largest_gap_ns.load(std::memory_order_relaxed)) * kSecondsPerNs;
    stats.clock_step_s = static_cast<double>(clocks_.largest_step_ns()) * kSecondsPerNs;
    stats.suspended_s = static_cast<double>(clocks_.suspended_ns()) * kSecondsPerNs;
}

}  // namespace landauer
