// The sampler with every meter under a system root, for bench/meters_peer.py:
//   bench_meter_loop ROOT RATE_HZ SECONDS     prints: ticks, CPU seconds, wall seconds, energy channels, channels
//   bench_meter_loop ROOT                     prints how long each meter's reading takes
#include <fmt/format.h>
#include <landauer/sampler.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "core/clock.h"

namespace landauer {
namespace {

MeterSources sources_at(const std::string& root) {
    MeterSources sources;
    sources.root = root;
    sources.open_perf = [](std::uint32_t, std::uint64_t, int) -> Result<int> {
        return fail(ErrorKind::Absent, "A copied root has no counters.", "Run on the machine itself.");
    };
    return sources;
}

std::vector<std::unique_ptr<Meter>> readable_meters(const std::string& root) {
    std::vector<std::unique_ptr<Meter>> meters;
    for (MeterProbe& probe : probe_meters(sources_at(root))) {
        if (probe.meter) {
            meters.push_back(std::move(*probe.meter));
        }
    }
    return meters;
}

int sample(const std::string& root, double rate_hz, double seconds) {
    auto meters = readable_meters(root);
    std::size_t energy = 0;
    std::size_t all = 0;
    for (const auto& meter : meters) {
        for (const Channel& channel : meter->info().channels) {
            energy += channel.rail.kind != RailKind::none ? 1 : 0;
            ++all;
        }
    }
    auto sampler = Sampler::start(std::move(meters), {rate_hz, 2.0 * seconds});
    if (!sampler) {
        fmt::print(stderr, "{}\n", sampler.error().sentence);
        return 1;
    }
    Clock& clock = system_clock();
    clock.sleep_until(clock.now_ns() + static_cast<std::int64_t>(seconds * 1e9));
    (*sampler)->stop();
    const SamplerStats stats = (*sampler)->stats();
    fmt::print("{} {:.6f} {:.6f} {} {}\n", stats.ticks, stats.cpu_s, stats.wall_s, energy, all);
    return 0;
}

int latencies(const std::string& root) {
    constexpr int kReadings = 2000;
    for (const auto& meter : readable_meters(root)) {
        std::vector<std::int64_t> values(meter->info().channels.size());
        std::vector<double> us;
        us.reserve(kReadings);
        for (int i = 0; i < kReadings; ++i) {
            const std::int64_t before_ns = system_clock().now_ns();
            meter->read(values);
            us.push_back(static_cast<double>(system_clock().now_ns() - before_ns) * 1e-3);
        }
        std::sort(us.begin(), us.end());
        fmt::print("{} {} {:.1f} {:.1f}\n", meter->info().name, values.size(), us[kReadings / 2],
                   us[kReadings * 99 / 100]);
    }
    return 0;
}

}  // namespace
}  // namespace landauer

int main(int argc, char** argv) {
    if (argc == 2) {
        return landauer::latencies(argv[1]);
    }
    return argc == 4 ? landauer::sample(argv[1], std::atof(argv[2]), std::atof(argv[3])) : 2;
}
