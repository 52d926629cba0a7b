// What sampling costs on this machine, and how well it keeps time.
//   bench_sampler [SECONDS for each rate, 10]
// Prints markdown tables: CPU share, allocations and jitter by rate; read latency by meter;
// the process counter against getrusage over a busy stretch.
#include <fmt/format.h>
#include <landauer/sampler.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <thread>

#include "analysis/figures.h"
#include "core/clock.h"
#include "platform/process_clocks.h"
#include "run/edge_recorder.h"

namespace {

thread_local bool counting = false;
std::atomic<std::int64_t> allocations{0};

void* counted(std::size_t size) {
    allocations.fetch_add(counting ? 1 : 0, std::memory_order_relaxed);
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        std::abort();
    }
    return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace landauer {
namespace {

// Turns the allocation count on in the sampler's thread, from its second tick on.
class CountFromHere final : public Meter {
   public:
    CountFromHere() { info_.name = "allocations"; }
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }
    int read(std::span<std::int64_t> /*values*/) noexcept override {
        counting = began_;
        began_ = true;
        return 0;
    }

   private:
    MeterInfo info_;
    bool began_ = false;
};

std::vector<std::unique_ptr<Meter>> readable_meters() {
    std::vector<std::unique_ptr<Meter>> meters;
    for (MeterProbe& probe : probe_meters()) {
        if (probe.meter) {
            meters.push_back(std::move(*probe.meter));
        }
    }
    return meters;
}

void sleep_s(double seconds) {
    Clock& clock = system_clock();
    clock.sleep_until(clock.now_ns() + static_cast<std::int64_t>(seconds * 1e9));
}

void rate_row(double rate_hz, double seconds) {
    auto meters = readable_meters();
    meters.insert(meters.begin(), std::make_unique<CountFromHere>());
    allocations = 0;
    auto sampler = Sampler::start(std::move(meters), {rate_hz, 2.0 * seconds});
    if (!sampler) {
        fmt::print("{}\n", sampler.error().sentence);
        return;
    }
    sleep_s(seconds);
    (*sampler)->stop();
    const SamplerStats s = (*sampler)->stats();
    fmt::print("| {:.0f} | {} | {:.4f} | {:.1f} | {:.2f} | {:.0f} | {:.0f} | {:.0f} | {} |\n", rate_hz, s.ticks,
               100.0 * s.cpu_s / s.wall_s, 1e6 * s.cpu_s / static_cast<double>(s.ticks),
               static_cast<double>(allocations.load()) / static_cast<double>(s.ticks), s.jitter_p50_us, s.jitter_p99_us,
               s.jitter_max_us, s.missed_deadlines);
}

double quantile(std::vector<double>& sorted, double q) {
    return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

void latency_row(Meter& meter) {
    constexpr int kReadings = 2000;
    std::vector<std::int64_t> values(meter.info().channels.size());
    std::vector<double> us;
    for (int i = 0; i < kReadings; ++i) {
        const std::int64_t before_ns = system_clock().now_ns();
        meter.read(values);
        us.push_back(static_cast<double>(system_clock().now_ns() - before_ns) * 1e-3);
    }
    std::sort(us.begin(), us.end());
    fmt::print("| {} | {} | {:.1f} | {:.1f} |\n", meter.info().name, values.size(), quantile(us, 0.5),
               quantile(us, 0.99));
}

void spin_until(std::int64_t t_ns, std::atomic<double>& sink) {
    double x = 1.0;
    while (system_clock().now_ns() < t_ns) {
        for (int i = 0; i < 1000; ++i) {
            x = std::sqrt(x + 1.0);
        }
    }
    sink = x;
}

// Two threads busy, now and then idle, over a window whose edges the edge recorder reads.
// Half a second of quiet on either side holds what trapezoids smear over the edges.
void cpu_against_rusage(double seconds) {
    constexpr double kMargin_s = 0.5;
    EdgeRecorder edges(readable_meters());
    auto sampler = Sampler::start(readable_meters());
    if (!sampler) {
        fmt::print("{}\n", sampler.error().sentence);
        return;
    }
    std::atomic<double> sink{0.0};
    const std::int64_t begin_ns = edges.record_all(Edge::begin);
    const std::int64_t usage_begin_ns = read_rusage_cpu_ns();
    sleep_s(kMargin_s);
    const std::int64_t stop_ns = system_clock().now_ns() + static_cast<std::int64_t>(seconds * 1e9);
    std::thread second([&] {
        while (system_clock().now_ns() < stop_ns) {
            spin_until(std::min(stop_ns, system_clock().now_ns() + 300'000'000), sink);
            sleep_s(0.1);
        }
    });
    spin_until(stop_ns, sink);
    second.join();
    sleep_s(kMargin_s);
    const std::int64_t usage_end_ns = read_rusage_cpu_ns();
    const std::int64_t end_ns = edges.record_all(Edge::end);
    Trace trace;
    (*sampler)->stop();
    (*sampler)->drain(trace);
    edges.drain(trace);
    const Series& cpu = *trace.find("process", "cpu");
    const double rusage_s = static_cast<double>(usage_end_ns - usage_begin_ns) * 1e-9;
    const double counter_s = counter_delta(cpu, {begin_ns, end_ns}).value_or(NAN);
    const SampledSignal signal = utilisation_percent(cpu, 0.05);
    const Window sampled{signal.t_ns.front(), signal.t_ns.back()};
    const double sampled_s = auc(signal, 0.0, sampled).value_or(NAN) / 100.0;
    fmt::print(
        "| getrusage | {:.4f} | |\n| process counter | {:.4f} | {:+.3f} % |\n| sampled AUC at 5 Hz | {:.4f} | {:+.3f} "
        "% |\n",
        rusage_s, counter_s, 100.0 * (counter_s / rusage_s - 1.0), sampled_s, 100.0 * (sampled_s / rusage_s - 1.0));
}

}  // namespace
}  // namespace landauer

int main(int argc, char** argv) {
    using namespace landauer;
    const double seconds = std::max(1.0, argc > 1 ? std::atof(argv[1]) : 10.0);
    fmt::print(
        "| rate, Hz | ticks | CPU, % of one core | CPU a tick, us | allocations a tick | jitter p50, us | p99, us | "
        "max, us | missed |\n");
    fmt::print("|---|---|---|---|---|---|---|---|---|\n");
    for (const double rate_hz : {5.0, 10.0, 50.0}) {
        rate_row(rate_hz, seconds);
    }
    fmt::print("\n| meter | channels | read p50, us | p99, us |\n|---|---|---|---|\n");
    for (const auto& meter : readable_meters()) {
        latency_row(*meter);
    }
    fmt::print("\n| CPU time of a busy stretch | s | against getrusage |\n|---|---|---|\n");
    cpu_against_rusage(seconds);
    return 0;
}
