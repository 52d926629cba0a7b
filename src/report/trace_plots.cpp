// CPU, memory and power over time, with the stretches that matter, as the trace chart draws them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/run_energy.h"
#include "report/numbers.h"
#include "report/plain_text.h"
#include "report/plot_data.h"
#include "report/thin.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

constexpr double kMiB = 1024.0 * 1024.0;
constexpr std::size_t kFewestSamples = 200;

struct Signal {
    std::string chart;  // "cpu", "memory", "power"
    std::string name;
    SampledSignal values;
    bool hidden = false;  // at first
};

// Channels that are drawn, and where.
struct SignalLine {
    std::string_view meter;
    std::string_view channel;
    std::string_view chart;
    std::string_view name;
    bool hidden;
};
constexpr std::array kSignals = {
    SignalLine{"machine", "busy", "cpu", "whole machine", false},
    SignalLine{"process", "cpu", "cpu", "this program", false},
    SignalLine{"memory", "rss", "memory", "resident", false},
    SignalLine{"memory", "rss_anon", "memory", "of it own pages", false},
    SignalLine{"memory", "rss_file", "memory", "of it file pages", false},
    SignalLine{"memory", "system_used", "memory", "in use on the machine", true},
};

SampledSignal gauge(const Series& series, double factor) {
    SampledSignal out;
    out.t_ns = series.t_ns;
    for (std::size_t i = 0; i < series.size(); ++i) {
        out.value.push_back(series.si(i) / factor);
    }
    return out;
}

// Half the sampling period: the extra readings at a trial's edges are too near to their
// neighbours to say anything about a rate.
double least_interval_s(const SessionRecord& session) { return session.rate_hz > 0.0 ? 0.5 / session.rate_hz : 0.0; }

SampledSignal rate(const Series& series, const SessionRecord& session, double factor) {
    SampledSignal out = utilisation_percent(series, least_interval_s(session));
    for (double& value : out.value) {
        value *= factor;
    }
    return out;
}

std::vector<Signal> signals_of(const SessionData& data, std::span<const std::string> meters) {
    std::vector<Signal> out;
    for (const SignalLine& line : kSignals) {
        const Series* const series = data.trace.find(line.meter, line.channel);
        if (series == nullptr || series->size() < 2) {
            continue;
        }
        const bool is_counter = series->channel.kind == ChannelKind::counter;
        out.push_back({std::string(line.chart), std::string(line.name),
                       is_counter ? rate(*series, data.session, 1.0) : gauge(*series, kMiB), line.hidden});
    }
    for (const std::size_t i : energy_scope(data.trace, meters).series) {
        const Series& series = data.trace.series[i];
        const bool is_counter = series.channel.kind == ChannelKind::counter;
        const Provenance provenance = series.channel.rail.provenance;
        const std::string mark =
            provenance == Provenance::measured ? "" : fmt::format(" ({})", landauer::name(provenance));
        out.push_back({"power", clean_text(series.channel.name) + mark,
                       is_counter ? rate(series, data.session, 0.01) : gauge(series, 1.0), false});
    }
    return out;
}

std::int64_t milliseconds(std::int64_t t_ns, const SessionRecord& session) {
    return (t_ns - session.started_ns + 500'000) / 1'000'000;
}

// Times as steps in milliseconds from the one before: short to write.
Json times(const std::vector<std::int64_t>& t_ns, const SessionRecord& session) {
    Json out = Json::array();
    std::int64_t before = 0;
    for (const std::int64_t t : t_ns) {
        const std::int64_t now = milliseconds(t, session);
        out.push_back(now - before);
        before = now;
    }
    return out;
}

Json stretches(const std::vector<Window>& windows, const SessionRecord& session, std::size_t most) {
    Json out = Json::array();
    for (const Window& window : joined_windows(windows, most)) {
        out.push_back(Json::array({milliseconds(window.begin_ns, session), milliseconds(window.end_ns, session)}));
    }
    return out;
}

Json idle_stretches(const RunAnalysis& run, const SessionRecord& session) {
    Json out = Json::array();
    for (const IdleBaseline& idle : run.idle) {
        if (idle.session_id == session.id) {
            out.push_back(Json::array({milliseconds(idle.window.begin_ns, session),
                                       milliseconds(idle.window.end_ns, session), idle.contaminated ? 1 : 0}));
        }
    }
    return out;
}

Json one_session(const RunAnalysis& run, const SessionData& data, std::size_t samples, std::size_t windows) {
    Json list = Json::array();
    std::size_t most = 0;
    for (const Signal& signal : signals_of(data, named_meters(run.data->run))) {
        most = std::max(most, signal.values.value.size());
        const SampledSignal shown = thinned(signal.values, samples);
        Json values = Json::array();
        for (const double value : shown.value) {
            // A tenth of a percent, a MiB or a watt is finer than a pixel.
            values.push_back(drawn(std::round(value * 10.0) / 10.0));
        }
        list.push_back({{"chart", signal.chart},
                        {"name", signal.name},
                        {"hidden", signal.hidden},
                        {"t", times(shown.t_ns, data.session)},
                        {"y", std::move(values)}});
    }
    Json out = {{"started", clean_text(data.session.started_utc)},
                {"signals", std::move(list)},
                {"idle", idle_stretches(run, data.session)},
                {"marked", Json::array()},
                {"detected", Json::array()},
                {"note", ""}};
    if (most > samples) {
        out["note"] =
            fmt::format("Drawn from {} of {} samples a signal: the least and the largest of each stretch.",
                        count_text(static_cast<std::int64_t>(samples)), count_text(static_cast<std::int64_t>(most)));
    }
    for (const DetectedWindows& found : run.windows) {
        if (found.session_id == data.session.id) {
            out["marked"] = stretches(found.marked, data.session, windows);
            out["detected"] = stretches(found.detected, data.session, windows);
        }
    }
    return out;
}

}  // namespace

Json trace_plots(const RunAnalysis& run, const PlotLimits& limits) {
    std::size_t n = 0;
    const std::vector<std::string> meters = named_meters(run.data->run);
    for (const SessionData& session : run.data->sessions) {
        n += signals_of(session, meters).size();
    }
    const std::size_t samples = std::max(kFewestSamples, limits.samples / std::max<std::size_t>(n, 1));
    Json out = Json::array();
    for (const SessionData& session : run.data->sessions) {
        Json one = one_session(run, session, samples, limits.windows);
        if (!one["signals"].empty()) {
            out.push_back(std::move(one));
        }
    }
    return out;
}

}  // namespace landauer
