// A stored recording, played back from the first reading on: for demonstrations and tests without a meter.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/clock.h"
#include "meters/rail_argument.h"
#include "meters/table.h"
#include "meters/wire/power_csv.h"
#include "meters/wire/trace_text.h"
#include "platform/files.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20U;
constexpr double kMicro = 1e-6;
constexpr double kNsPerSecond = 1e9;

// The last sample at or before `t_ns`; empty before the first and after the last.
std::optional<std::int64_t> value_at(const Series& series, std::int64_t t_ns) noexcept {
    const auto after = std::upper_bound(series.t_ns.begin(), series.t_ns.end(), t_ns);
    if (after == series.t_ns.begin() || (after == series.t_ns.end() && t_ns > series.t_ns.back())) {
        return std::nullopt;
    }
    return series.raw[static_cast<std::size_t>(after - series.t_ns.begin()) - 1];
}

class ReplayMeter final : public Meter {
   public:
    ReplayMeter(MeterInfo info, Trace trace, Clock& clock)
        : info_(std::move(info)), trace_(std::move(trace)), clock_(clock) {
        first_ns_ = trace_.series.front().t_ns.front();
        for (const Series& series : trace_.series) {
            first_ns_ = series.t_ns.empty() ? first_ns_ : std::min(first_ns_, series.t_ns.front());
        }
    }

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        const std::int64_t now_ns = clock_.now_ns();
        started_ns_ = started_ns_ ? started_ns_ : now_ns;
        const std::int64_t t_ns = first_ns_ + (now_ns - *started_ns_);
        int got = 0;
        const std::size_t count = std::min(values.size(), trace_.series.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto value = value_at(trace_.series[i], t_ns);
            values[i] = value.value_or(kMissing);
            got += value ? 1 : 0;
        }
        return got;
    }

   private:
    MeterInfo info_;
    Trace trace_;
    Clock& clock_;
    std::int64_t first_ns_ = 0;
    std::optional<std::int64_t> started_ns_;
};

// Times from the recording's first, since nanoseconds since 1970 are finer than a double holds.
Trace trace_of(const wire::PowerRecording& recording, RailKind kind) {
    Series series;
    Rail rail{kind};
    rail.provenance = Provenance::modelled;
    series.channel = recording.is_energy ? Channel{"replay", "energy", "J", ChannelKind::counter, kMicro, 0, rail}
                                         : Channel{"replay", "power", "W", ChannelKind::gauge, kMicro, 0, rail};
    series.t_ns.reserve(recording.t_s.size());
    series.raw.reserve(recording.t_s.size());
    for (std::size_t i = 0; i < recording.t_s.size(); ++i) {
        series.t_ns.push_back(std::llround((recording.t_s[i] - recording.t_s.front()) * kNsPerSecond));
        series.raw.push_back(std::llround(recording.value[i] / kMicro));
    }
    return {{std::move(series)}};
}

bool is_trace_text(std::string_view text) {
    while (!text.empty()) {
        std::string_view line = trim(next_line(text));
        if (!line.empty() && line.front() != '#') {
            return next_word(line) == "channel";
        }
    }
    return false;
}

// The channels become this meter's own, with their first meter's name before theirs.
void take_over(Trace& trace) {
    for (Series& series : trace.series) {
        series.channel.name = fmt::format("{}/{}", series.channel.meter, series.channel.name);
        series.channel.meter = "replay";
    }
}

Result<Trace> load(const RailArgument& argument) {
    const auto text = read_text(argument.rest, kMostBytes);
    if (!text) {
        return tl::unexpected(text.error());
    }
    if (is_trace_text(*text)) {
        auto trace = parse_trace_text(*text);
        if (trace) {
            take_over(*trace);
        }
        return trace;
    }
    const auto recording = wire::parse_power_csv(*text);
    if (!recording) {
        return tl::unexpected(recording.error());
    }
    return trace_of(*recording, argument.kind);
}

}  // namespace

MeterResult probe_replay(const MeterSources& sources, const std::string& argument) {
    const RailArgument what = rail_argument_from(argument);
    if (what.rest.empty()) {
        return fail(ErrorKind::Invalid, "The meter 'replay' needs a recording to play back.",
                    "--meter replay:FILE, with a CSV of time and watts or joules, or a stored trace as text.");
    }
    auto trace = load(what);
    if (!trace) {
        return tl::unexpected(trace.error());
    }
    MeterInfo info;
    info.name = "replay";
    info.covers = "a recording from another time, played back";
    info.blocks = true;
    for (const Series& series : trace->series) {
        info.channels.push_back(series.channel);
    }
    info.notes = {"These joules were not spent by this machine now; they count as modelled."};
    Clock& clock = sources.clock != nullptr ? *sources.clock : system_clock();
    return std::make_unique<ReplayMeter>(std::move(info), std::move(*trace), clock);
}

}  // namespace landauer
