#include "meters/wire/trace_text.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

#include "meters/wire/time_text.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::size_t kMostChannels = 1024;
constexpr std::size_t kLongestWord = 128;

// Why a line cannot be used, or nothing.
using Complaint = std::optional<std::string>;

Complaint take_channel(std::string_view rest, Trace& trace) {
    Channel channel;
    channel.meter = next_word(rest);
    channel.name = next_word(rest);
    channel.unit = next_word(rest);
    const std::string_view kind = next_word(rest);
    const auto scale = wire::parse_number(next_word(rest));
    const auto wrap = parse_integer(next_word(rest));
    const std::string_view rail = next_word(rest);
    const auto index = parse_integer(next_word(rest));
    if (channel.unit.empty() || (kind != "counter" && kind != "gauge")) {
        return "a channel needs a meter, a name, a unit, and 'counter' or 'gauge'";
    }
    channel.kind = kind == "counter" ? ChannelKind::counter : ChannelKind::gauge;
    if (!scale || !(*scale > 0.0) || !wrap || *wrap < 0) {
        return "its scale must be above 0 and its wrap range 0 or more";
    }
    channel.scale = *scale;
    channel.wrap_range = *wrap;
    if (!rail_kind_from_name(rail, channel.rail.kind) || !index || *index < 0 || *index > 1024) {
        return "it names no rail and index, such as 'package 0' or 'none 0'";
    }
    channel.rail.index = static_cast<int>(*index);
    // What is played back was measured, if ever, at another time.
    channel.rail.provenance = Provenance::modelled;
    if (channel.meter.size() > kLongestWord || channel.name.size() > kLongestWord ||
        channel.unit.size() > kLongestWord) {
        return "a name is too long";
    }
    if (trace.series.size() >= kMostChannels || trace.find(channel.meter, channel.name) != nullptr) {
        return "the channel is there twice, or there are too many";
    }
    trace.series.push_back({std::move(channel), {}, {}});
    return std::nullopt;
}

Series* find_series(Trace& trace, std::string_view meter, std::string_view name) {
    for (Series& series : trace.series) {
        if (series.channel.meter == meter && series.channel.name == name) {
            return &series;
        }
    }
    return nullptr;
}

Complaint take_sample(std::string_view first, std::string_view rest, Trace& trace) {
    const auto t_ns = parse_integer(first);
    const std::string_view meter = next_word(rest);
    const std::string_view name = next_word(rest);
    const auto raw = parse_integer(rest);
    if (!t_ns || !raw) {
        return "it is no 'T_NS METER CHANNEL RAW'";
    }
    Series* const series = find_series(trace, meter, name);
    if (series == nullptr) {
        return "its channel was not announced by a 'channel' line";
    }
    if (*t_ns < 0 || (!series->t_ns.empty() && *t_ns <= series->t_ns.back())) {
        return "its time is not after the channel's last";
    }
    if (*raw == std::numeric_limits<std::int64_t>::min()) {
        return "its value stands for a missing one";
    }
    series->t_ns.push_back(*t_ns);
    series->raw.push_back(*raw);
    return std::nullopt;
}

}  // namespace

Result<Trace> parse_trace_text(std::string_view text) {
    Trace trace;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view rest = trim(next_line(text));
        if (rest.empty() || rest.starts_with('#')) {
            continue;
        }
        const std::string_view first = next_word(rest);
        const Complaint complaint = first == "channel" ? take_channel(rest, trace) : take_sample(first, rest, trace);
        if (complaint) {
            return fail(ErrorKind::Invalid, fmt::format("Line {} of the trace cannot be used: {}.", number, *complaint),
                        "Write 'channel METER NAME UNIT counter|gauge SCALE WRAP RAIL INDEX' lines, then "
                        "'T_NS METER NAME RAW' ones.");
        }
    }
    if (trace.series.empty() || trace.series.front().t_ns.empty()) {
        return fail(ErrorKind::Invalid, "The trace has no samples.", "Give a file that holds a recorded trace.");
    }
    return trace;
}

}  // namespace landauer
