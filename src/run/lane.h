// One thread of the sampler: it reads its meters at absolute deadlines into a ring.
#pragma once

#include <landauer/meter.h>
#include <landauer/sampler.h>
#include <landauer/trace.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "run/clock_watch.h"
#include "run/latency_histogram.h"
#include "run/tick_ring.h"

namespace landauer {

struct LaneOptions {
    double rate_hz = 5.0;
    double ring_s = 30.0;
    // A reading takes long and may stall: how long it took is stored beside it, and a drain does not wait for it.
    bool blocks = false;
};

class Lane {
   public:
    Lane(std::vector<std::unique_ptr<Meter>> meters, const LaneOptions& options);
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    Lane(Lane&&) = delete;
    Lane& operator=(Lane&&) = delete;
    ~Lane();  // stops

    // The first tick comes at once. Failed when there is no thread to be had.
    [[nodiscard]] Result<void> start();
    void ask_to_stop();
    void stop();

    // Merges what was read since the last call; unless the lane blocks, the tick in progress included.
    void drain(Trace& into);
    // Adds this lane's work to `stats`: its ticks and time-keeping only when it is the main one.
    void add_to(SamplerStats& stats, bool is_main) const;

   private:
    // A meter, its turn, and where its part of a tick's record begins: the time, the values, then
    // for blocking ones how long the reading took.
    struct Slot {
        std::unique_ptr<Meter> meter;
        std::mutex* turn = nullptr;
        std::size_t begin = 0;
        std::size_t n_channels = 0;
    };
    // Written by the lane's thread, read by any.
    struct Counts {
        std::atomic<std::uint64_t> ticks{0};
        std::atomic<std::uint64_t> missed{0};
        std::atomic<std::uint64_t> dropped{0};
        std::atomic<std::uint64_t> read_errors{0};
        std::atomic<std::int64_t> cpu_ns{0};
        std::atomic<std::int64_t> wall_ns{0};
        std::atomic<std::int64_t> largest_gap_ns{0};
    };

    static std::vector<Slot> make_slots(std::vector<std::unique_ptr<Meter>> meters);
    static std::size_t record_width(const std::vector<Slot>& slots);
    [[nodiscard]] Trace empty_trace(std::vector<std::size_t>& first_series) const;
    void loop() noexcept;
    void tick() noexcept;
    void read(Slot& slot, std::span<std::int64_t> record) noexcept;
    bool wait_until(std::int64_t t_ns);
    void wait_for_tick_in_progress() const;

    const LaneOptions options_;
    std::vector<Slot> slots_;
    TickRing ring_;
    std::vector<std::int64_t> spare_;  // where a tick is read to while the ring is full
    Counts counts_;
    LatencyHistogram jitter_;
    ClockWatch clocks_;
    std::int64_t last_tick_ns_ = 0;

    // A tick is in progress while the first is one ahead of the second.
    std::atomic<std::uint64_t> ticks_begun_{0};
    std::atomic<std::uint64_t> ticks_done_{0};

    std::mutex stop_guard_;
    std::condition_variable stop_signal_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace landauer
