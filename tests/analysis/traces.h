// Small traces with known answers, and a run of trials with planted costs.
#pragma once

#include <landauer/trace.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/records.h"

namespace landauer::test {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline std::int64_t ns(double seconds) { return std::llround(seconds * 1e9); }

inline Channel busy() { return {"machine", "busy", "s", ChannelKind::counter, 1e-9, 0}; }
inline Channel process_cpu() { return {"process", "cpu", "s", ChannelKind::counter, 1e-9, 0}; }
inline Channel rss() { return {"memory", "rss", "B", ChannelKind::gauge, 1.0, 0}; }
inline Channel package(std::int64_t range = 0) {
    return {"powercap", "package-0", "J", ChannelKind::counter, 1e-6, range, Rail{RailKind::package}};
}
inline Channel watts() { return {"hwmon", "board/VDD_IN", "W", ChannelKind::gauge, 1e-6, 0, Rail{RailKind::board}}; }

// Samples of a function of time (SI value) at the given seconds, as the channel would hold them.
inline Series sample(const Channel& channel, const std::vector<double>& at_s,
                     const std::function<double(double)>& value) {
    Series out{channel, {}, {}};
    for (const double t : at_s) {
        auto raw = static_cast<std::int64_t>(std::llround(value(t) / channel.scale));
        if (channel.wrap_range > 0) {
            raw %= channel.wrap_range;
        }
        out.t_ns.push_back(ns(t));
        out.raw.push_back(raw);
    }
    return out;
}

inline std::vector<double> grid(double from_s, double to_s, double step_s) {
    std::vector<double> out;
    const auto n = static_cast<int>(std::floor((to_s - from_s) / step_s + 1e-9));
    for (int i = 0; i <= n; ++i) {
        out.push_back(from_s + i * step_s);
    }
    return out;
}

// Standard normal from sums of uniforms: the same with every standard library.
inline double normal(std::mt19937_64& random) {
    double sum = 0.0;
    for (int i = 0; i < 12; ++i) {
        sum += static_cast<double>(random() >> 11U) * 0x1.0p-53;
    }
    return sum - 6.0;
}

}  // namespace landauer::test
