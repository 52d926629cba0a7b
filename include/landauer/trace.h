// Raw samples as they were read, and nothing derived from them: every figure can be
// computed again from a trace. Values are integers in the channel's own unit, so that
// counters stay exact and cumulative; `scale` turns them into SI.
#pragma once

#include <landauer/rail.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

enum class ChannelKind : std::uint8_t { counter, gauge };

struct Channel {
    std::string meter;  // "machine", "process", "memory", "powercap"
    std::string name;   // "busy", "cpu0_busy", "rss_anon", "package-0"
    std::string unit;   // SI unit of raw * scale: "s", "B", "J", "W", "Hz", "degC", "1"
    ChannelKind kind = ChannelKind::gauge;
    double scale = 1.0;
    std::int64_t wrap_range = 0;  // counters that wrap: values are in [0, wrap_range); 0: never wraps
    Rail rail = {};               // energy channels: what the joules cover; else of kind none
    friend bool operator==(const Channel&, const Channel&) = default;
};

// One channel over time; t_ns strictly increasing, on the session's monotonic clock.
struct Series {
    Channel channel;
    std::vector<std::int64_t> t_ns;
    std::vector<std::int64_t> raw;

    [[nodiscard]] std::size_t size() const { return t_ns.size(); }
    [[nodiscard]] double si(std::size_t i) const { return static_cast<double>(raw[i]) * channel.scale; }
};

struct Trace {
    std::vector<Series> series;

    [[nodiscard]] const Series* find(std::string_view meter, std::string_view channel) const;
    Series& require(const Channel& channel);  // found, or added empty
    // Merges the other trace's samples in time order; equal times of one channel are kept once.
    void merge(const Trace& other);
    // The part in [begin_ns, end_ns] plus the nearest sample on either side.
    [[nodiscard]] Trace slice(std::int64_t begin_ns, std::int64_t end_ns) const;
};

}  // namespace landauer
