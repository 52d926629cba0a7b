#include <algorithm>
#include <cmath>
#include <string_view>

#include "analysis/figures.h"
#include "analysis/series_view.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
using Figures = std::map<std::string, double>;

double length_s(Window window) { return static_cast<double>(window.end_ns - window.begin_ns) * kNs; }

bool is_inference(PhaseKind kind) {
    return kind == PhaseKind::prefill || kind == PhaseKind::decode || kind == PhaseKind::image_preprocess ||
           kind == PhaseKind::image_encode || kind == PhaseKind::image_prefill;
}

void put(Figures& out, const char* metric, std::optional<double> value) {
    if (value && std::isfinite(*value)) {
        out[metric] = *value;
    }
}

// All phases of one kind together.
struct PhaseSum {
    bool seen = false;
    double seconds = 0.0;
    std::int64_t n_tokens = 0;
};

PhaseSum sum_phases(const TrialRecord& trial, PhaseKind kind) {
    PhaseSum sum;
    for (const PhaseRecord& phase : trial.phases) {
        if (phase.kind == kind) {
            sum.seen = true;
            sum.seconds += length_s({phase.begin_ns, phase.end_ns});
            sum.n_tokens += phase.n_tokens;
        }
    }
    return sum;
}

void time_figures(const TrialRecord& trial, Figures& out) {
    double seconds = 0.0;
    bool any = false;
    for (const PhaseRecord& phase : trial.phases) {
        if (is_inference(phase.kind)) {
            seconds += length_s({phase.begin_ns, phase.end_ns});
            any = true;
        }
    }
    if (any) {
        put(out, "seconds", seconds);
    }
    const auto of_phase = [&](PhaseKind kind, const char* time, const char* rate = nullptr) {
        const PhaseSum sum = sum_phases(trial, kind);
        if (!sum.seen) {
            return;
        }
        put(out, time, sum.seconds);
        if (rate != nullptr && sum.seconds > 0 && sum.n_tokens > 0) {
            put(out, rate, static_cast<double>(sum.n_tokens) / sum.seconds);
        }
    };
    of_phase(PhaseKind::image_preprocess, "preprocess_s");
    of_phase(PhaseKind::image_encode, "encode_s", "encode_ts");
    of_phase(PhaseKind::image_prefill, "image_prefill_s", "image_prefill_ts");
    of_phase(PhaseKind::prefill, "prefill_s", "prefill_ts");
    of_phase(PhaseKind::decode, "decode_s", "decode_ts");
}

// Reads channels of one trace inside one trial.
class TrialView {
   public:
    TrialView(const Trace& trace, const TrialRecord& trial) : trace_(trace), window_{trial.begin_ns, trial.end_ns} {}

    [[nodiscard]] std::optional<SeriesView> series(std::string_view meter, std::string_view channel) const {
        const Series* const found = trace_.find(meter, channel);
        if (found == nullptr) {
            return std::nullopt;
        }
        const SeriesView inside = within(view(*found), window_);
        return inside.empty() ? std::nullopt : std::optional(inside);
    }
    [[nodiscard]] std::optional<double> delta(std::string_view meter, std::string_view channel) const {
        return delta(meter, channel, window_);
    }
    [[nodiscard]] std::optional<double> delta(std::string_view meter, std::string_view channel, Window part) const {
        const auto inside = series(meter, channel);
        return inside ? counter_delta(*inside, part) : std::nullopt;
    }
    // Over the stretch of the trial that has samples.
    [[nodiscard]] std::optional<double> mean(std::string_view meter, std::string_view channel) const {
        const auto inside = series(meter, channel);
        return inside ? gauge_mean(*inside, extent(*inside)) : std::nullopt;
    }
    [[nodiscard]] std::optional<double> most(std::string_view meter, std::string_view channel) const {
        const auto inside = series(meter, channel);
        return inside ? gauge_max(*inside, extent(*inside)) : std::nullopt;
    }
    [[nodiscard]] const Trace& trace() const { return trace_; }
    [[nodiscard]] Window window() const { return window_; }

   private:
    const Trace& trace_;
    Window window_;
};

std::optional<double> phase_cpu(const TrialView& view, const TrialRecord& trial, PhaseKind kind) {
    std::optional<double> sum;
    for (const PhaseRecord& phase : trial.phases) {
        if (phase.kind != kind) {
            continue;
        }
        const auto part = view.delta("process", "cpu", {phase.begin_ns, phase.end_ns});
        if (!part) {
            return std::nullopt;
        }
        sum = sum.value_or(0.0) + *part;
    }
    return sum;
}

void cpu_figures(const TrialView& view, const TrialRecord& trial, Figures& out) {
    const auto own = view.delta("process", "cpu");
    const auto busy = view.delta("machine", "busy");
    put(out, "cpu_s", own);
    put(out, "encode_cpu_s", phase_cpu(view, trial, PhaseKind::image_encode));
    put(out, "image_prefill_cpu_s", phase_cpu(view, trial, PhaseKind::image_prefill));
    put(out, "prefill_cpu_s", phase_cpu(view, trial, PhaseKind::prefill));
    put(out, "decode_cpu_s", phase_cpu(view, trial, PhaseKind::decode));
    put(out, "cpu_busy_s", busy);
    if (own && length_s(view.window()) > 0) {
        put(out, "cpu_percent", 100.0 * *own / length_s(view.window()));
    }
    if (own && busy) {
        put(out, "others_cpu_s", *busy - *own);  // below 0 by a kernel tick when nobody else ran: left so, unbiased
    }
    put(out, "steal_s", view.delta("machine", "steal"));
}

void memory_figures(const TrialView& view, Figures& out) {
    put(out, "rss_peak_bytes", view.most("memory", "rss"));
    put(out, "rss_anon_bytes", view.mean("memory", "rss_anon"));
    put(out, "rss_file_bytes", view.mean("memory", "rss_file"));
    put(out, "major_faults", view.delta("process", "major_faults"));
}

void heat_figures(const TrialView& view, Figures& out) {
    put(out, "freq_mean_hz", view.mean("frequency", "mean"));
    std::optional<double> hottest;
    std::optional<double> throttled;
    for (const Series& series : view.trace().series) {
        if (series.channel.meter == "thermal") {
            const auto most = view.most("thermal", series.channel.name);
            hottest = most ? std::max(hottest.value_or(*most), *most) : hottest;
        } else if (series.channel.meter == "throttle") {
            const auto events = view.delta("throttle", series.channel.name);
            throttled = events ? throttled.value_or(0.0) + *events : throttled;
        }
    }
    put(out, "temperature_max_degc", hottest);
    put(out, "throttle_events", throttled);
}

}  // namespace

std::map<std::string, double> trial_figures(const Trace& trace, const TrialRecord& trial) {
    Figures out;
    const TrialView view(trace, trial);
    time_figures(trial, out);
    cpu_figures(view, trial, out);
    memory_figures(view, out);
    heat_figures(view, out);
    return out;
}

}  // namespace landauer
