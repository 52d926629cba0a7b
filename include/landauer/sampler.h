// One thread that reads meters at absolute deadlines into a ring which the caller drains.
#pragma once

#include <landauer/meter.h>
#include <landauer/trace.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace landauer {

struct SamplerOptions {
    double rate_hz = 5.0;  // 1 to 50; the paper samples at 5 Hz
    double ring_s = 30.0;  // how long the ring holds samples that nobody drained
};

// What measuring cost and how well it kept time; stored with every session.
struct SamplerStats {
    std::uint64_t ticks = 0;
    std::uint64_t missed_deadlines = 0;  // ticks skipped because the one before ran late
    std::uint64_t dropped_ticks = 0;     // ticks lost because the ring was full
    std::uint64_t read_errors = 0;       // single channels that could not be read
    double cpu_s = 0.0;                  // the sampler thread's own CPU time
    double wall_s = 0.0;
    double jitter_p50_us = 0.0;  // wake-up time after the deadline
    double jitter_p99_us = 0.0;
    double jitter_max_us = 0.0;
    double largest_gap_s = 0.0;  // between two ticks; suspends and stalls show here
    double clock_step_s = 0.0;   // largest jump of the wall clock against the monotonic one
    double suspended_s = 0.0;    // boot time minus monotonic time passed
};

class Sampler {
   public:
    // Takes the meters and starts at once, with a first tick. Blocking meters get a thread each and
    // are asked no more often than they publish. Invalid for rates outside
    // 1 to 50 Hz, Failed when there is no thread to be had.
    [[nodiscard]] static Result<std::unique_ptr<Sampler>> start(std::vector<std::unique_ptr<Meter>> meters,
                                                                const SamplerOptions& options = {});
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;
    Sampler(Sampler&&) = delete;
    Sampler& operator=(Sampler&&) = delete;
    ~Sampler();  // stops

    // Merges everything read since the last call into `into`, the tick in progress included
    // (it waits for that, a second at most); one consumer thread only.
    void drain(Trace& into);
    // Stops the thread after its present tick; drain() still returns what is left.
    void stop();
    [[nodiscard]] SamplerStats stats() const;

   private:
    struct State;
    explicit Sampler(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace landauer
