#include "sample_trace.h"

#include <algorithm>
#include <cmath>

namespace landauer::test {
namespace {

double wobble(std::int64_t i) { return static_cast<double>((i * 37 + 11) % 101 - 50) / 50.0; }

// How much of [from, to] lies in trials, which are in order of time; `at` moves along with it.
double busy_part(const std::vector<TrialRecord>& trials, std::size_t& at, std::int64_t from, std::int64_t to) {
    while (at < trials.size() && trials[at].end_ns <= from) {
        ++at;
    }
    std::int64_t inside = 0;
    for (std::size_t i = at; i < trials.size() && trials[i].begin_ns < to; ++i) {
        inside += std::min(to, trials[i].end_ns) - std::max(from, trials[i].begin_ns);
    }
    return static_cast<double>(inside) / static_cast<double>(to - from);
}

}  // namespace

Trace sample_trace(const RunData& data, const RunAnalysis& analysis, const SampleOptions& options) {
    Trace trace;
    const auto add = [&](Channel channel) -> Series& {
        trace.series.push_back({std::move(channel), {}, {}});
        return trace.series.back();
    };
    trace.series.reserve(8);
    Series* const energy =
        options.energy
            ? &add({"powercap", "package-0", "J", ChannelKind::counter, 1e-6, 262'143'328'850, Rail{RailKind::package}})
            : nullptr;
    Series& machine = add({"machine", "busy", "s", ChannelKind::counter, 1e-2, 0});
    Series& process = add({"process", "cpu", "s", ChannelKind::counter, 1e-9, 0});
    Series& anon = add({"memory", "rss_anon", "B", ChannelKind::gauge, 4096.0, 0});
    Series& file = add({"memory", "rss_file", "B", ChannelKind::gauge, 4096.0, 0});
    Series& rss = add({"memory", "rss", "B", ChannelKind::gauge, 4096.0, 0});
    Series& used = add({"memory", "system_used", "B", ChannelKind::gauge, 1.0, 0});
    const std::int64_t first = analysis.idle.front().window.begin_ns;
    const std::int64_t last = analysis.idle.back().window.end_ns;
    const auto step = static_cast<std::int64_t>(1e9 / options.rate_hz);
    double busy_s = 400.0;
    double own_s = 0.5;
    double joules = 100.0;
    std::size_t at = 0;
    for (std::int64_t i = 0, t = first; t <= last; ++i, t += step) {
        const double load = busy_part(data.trials, at, t - step, t);
        const double dt = static_cast<double>(step) * 1e-9;
        own_s += dt * 1.95 * load;
        busy_s += dt * (1.95 * load + 0.02 + 0.01 * wobble(i));
        joules += dt * (9.1 + 19.0 * load);
        const bool loaded = t > analysis.idle.front().window.end_ns;
        const std::int64_t pages_file = loaded ? 24'000 : 1'500;
        const std::int64_t pages_anon = (loaded ? 36'000 : 3'000) + static_cast<std::int64_t>(900.0 * load);
        const auto put = [&](Series& series, std::int64_t raw) {
            series.t_ns.push_back(t);
            series.raw.push_back(raw);
        };
        put(machine, std::llround(busy_s * 100.0));
        put(process, std::llround(own_s * 1e9));
        put(anon, pages_anon);
        put(file, pages_file);
        put(rss, pages_anon + pages_file);
        put(used, 1'900'000'000 + std::llround(2e6 * wobble(i)) + (loaded ? 250'000'000 : 0));
        if (energy != nullptr) {
            put(*energy, std::llround(joules * 1e6));
        }
    }
    return trace;
}

}  // namespace landauer::test
