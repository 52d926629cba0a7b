#include "analysis/meter_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "analysis/counter_health.h"
#include "analysis/energy_scope.h"
#include "analysis/frozen_gauge.h"
#include "analysis/gauge_steps.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
// Silence for this many usual spacings, and at least this long, is a gap.
constexpr double kGapSpacings = 3.5;
constexpr double kLeastGap_s = 0.5;
constexpr double kLeastEnded_s = 1.0;
constexpr double kLeastFrozen_s = 20.0;
constexpr std::size_t kFewest = 20;  // readings of a gauge that never changed
// A rail that holds another cannot draw less than it: gains, lags and conversions allow for this much.
constexpr double kLeastRatio = 0.8;
// Nor does the rest of a board draw this many times what its processor does.
constexpr double kMostRatio = 50.0;
constexpr double kMostGoodLoss = 0.5;  // of a rail's time: with more of it stuck or impossible, the rail is not used

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) * kNs; }
bool is_energy(const Series& series) { return series.channel.rail.kind != RailKind::none && series.size() > 0; }

class SeriesFaults {
   public:
    SeriesFaults(const Series& series, std::size_t index) : all_(view(series)), index_(index) {}

    std::vector<MeterFault> find(Window session) {
        spacing_s_ = median_spacing_s(all_);
        if (all_.channel->kind == ChannelKind::counter) {
            add_steps();
            add_standstills();
        } else {
            add_impossible();
            add_frozen();
        }
        add_gaps();
        add_end(session);
        return std::move(found_);
    }

   private:
    [[nodiscard]] double at_s(std::size_t i) const { return seconds_between(all_.t_ns.front(), all_.t_ns[i]); }
    void add(MeterFaultKind kind, Severity severity, Window when, std::string what) {
        found_.push_back({kind, severity, index_, when, std::move(what)});
    }

    void add_steps() {
        std::size_t n_wraps = 0;
        for (std::size_t i = 0; i + 1 < all_.size(); ++i) {
            const Window when{all_.t_ns[i], all_.t_ns[i + 1]};
            const auto step = counter_step(all_, i);
            const bool back = all_.raw[i + 1] < all_.raw[i];
            n_wraps += step && *step > 0 && back ? 1 : 0;
            if (!step && back) {
                add(MeterFaultKind::reset, Severity::warning, when,
                    fmt::format("was reset {:.1f} s after its first reading", at_s(i)));
            } else if (!step) {
                add(MeterFaultKind::lost_wraps, Severity::warning, when,
                    fmt::format("was not read for {:.0f} s, in which it may have wrapped more than once",
                                seconds_between(when.begin_ns, when.end_ns)));
            }
        }
        if (n_wraps > 0) {
            add(MeterFaultKind::wrapped, Severity::note, extent(all_),
                fmt::format("wrapped {} times, undone", n_wraps));
        }
    }

    void add_standstills() {
        if (publishes_seldom(all_)) {
            return;
        }
        for (const Standstill& still : standstills(all_)) {
            const Window when{all_.t_ns[still.first], all_.t_ns[still.last]};
            const double seconds = seconds_between(when.begin_ns, when.end_ns);
            const std::string what =
                fmt::format("stood still for {:.1f} s, {:.1f} s after its first reading", seconds, at_s(still.first));
            add(still.caught_up ? MeterFaultKind::held : MeterFaultKind::stuck, Severity::warning, when,
                still.caught_up ? what + ", and caught up" : what);
        }
    }

    void add_impossible() {
        std::size_t n = 0;
        std::optional<Window> when;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (!is_plausible_power(all_.si(i))) {
                ++n;
                when = Window{when ? when->begin_ns : all_.t_ns[i], all_.t_ns[i]};
            }
        }
        if (when) {
            add(MeterFaultKind::impossible, Severity::warning, *when,
                fmt::format("read below 0 W or above {:.0f} W {} times of {}", kMostPlausibleWatts, n, all_.size()));
        }
    }

    void add_frozen() {
        const bool frozen =
            std::all_of(all_.raw.begin(), all_.raw.end(), [&](std::int64_t raw) { return raw == all_.raw.front(); });
        const double seconds = at_s(all_.size() - 1);
        if (frozen && all_.size() >= kFewest && seconds >= kLeastFrozen_s) {
            add(MeterFaultKind::frozen, Severity::warning, extent(all_),
                fmt::format("showed {:.3g} W for {:.0f} s and never anything else", all_.si(0), seconds));
        }
        if (const auto from = frozen_from(all_)) {
            add(MeterFaultKind::frozen, Severity::warning, {all_.t_ns[*from], all_.t_ns.back()},
                fmt::format("showed {:.3g} W from {:.1f} s after its first reading to the end", all_.si(*from),
                            at_s(*from)));
        }
    }

    void add_gaps() {
        const double most_s = std::max(kGapSpacings * spacing_s_, kLeastGap_s);
        const bool counts = all_.channel->kind == ChannelKind::counter;
        for (std::size_t i = 0; i + 1 < all_.size(); ++i) {
            const double seconds = seconds_between(all_.t_ns[i], all_.t_ns[i + 1]);
            if (seconds > most_s) {
                add(MeterFaultKind::gap, counts ? Severity::note : Severity::warning, {all_.t_ns[i], all_.t_ns[i + 1]},
                    fmt::format("could not be read for {:.1f} s, {:.1f} s after its first reading", seconds, at_s(i)));
            }
        }
    }

    void add_end(Window session) {
        const double early_s = seconds_between(all_.t_ns.back(), session.end_ns);
        if (early_s > std::max(kLeastEnded_s, kGapSpacings * spacing_s_)) {
            add(MeterFaultKind::ended, Severity::warning, {all_.t_ns.back(), session.end_ns},
                fmt::format("could not be read any more {:.1f} s after its first reading, {:.1f} s before the end",
                            at_s(all_.size() - 1), early_s));
        }
    }

    SeriesView all_;
    std::size_t index_;
    double spacing_s_ = 0.0;
    std::vector<MeterFault> found_;
};

Window whole(const Trace& trace) {
    Window all;
    bool any = false;
    for (const Series& series : trace.series) {
        if (series.size() > 0) {
            all.begin_ns = any ? std::min(all.begin_ns, series.t_ns.front()) : series.t_ns.front();
            all.end_ns = any ? std::max(all.end_ns, series.t_ns.back()) : series.t_ns.back();
            any = true;
        }
    }
    return all;
}

void add_relations(const Trace& trace, std::vector<MeterFault>& found) {
    const EnergyChannels energy = energy_channels(trace);
    for (std::size_t c = 0; c < energy.candidates.size(); ++c) {
        const std::size_t i = energy.series[c];
        const Window all = extent(view(trace.series[i]));
        if (std::string what = contradiction(energy.candidates, c); !what.empty()) {
            found.push_back({MeterFaultKind::wrong_unit, Severity::warning, i, all, std::move(what)});
        }
        if (const auto other = energy.candidates[c].mirrors) {
            found.push_back({MeterFaultKind::mirrored, Severity::note, i, all,
                             fmt::format("shows the same counter as {} and is counted once",
                                         energy.candidates[*other].channel.name)});
        }
    }
}

struct KindText {
    std::string_view code;
    std::string_view remedy;
};

KindText text_of(MeterFaultKind kind) {
    switch (kind) {
        case MeterFaultKind::reset:
            return {"counter-reset",
                    "Do not reload the meter's driver during a run; what was lost is in the interval."};
        case MeterFaultKind::lost_wraps:
            return {"counter-lost-wraps", "Sample faster, or do not suspend the machine during a run."};
        case MeterFaultKind::wrapped:
            return {"counter-wrapped", "Nothing to do: wraps are undone."};
        case MeterFaultKind::stuck:
            return {"counter-stuck", "Use another meter (landauer meters), or reload this one's driver."};
        case MeterFaultKind::held:
            return {"counter-held", "Nothing was lost; take longer trials, or another meter, for narrower intervals."};
        case MeterFaultKind::gap:
            return {"meter-gap", "See that nothing else uses the meter and that its cable sits well, and run again."};
        case MeterFaultKind::ended:
            return {"meter-ended",
                    "See that the meter stays plugged in and readable, and run the trials without joules again."};
        case MeterFaultKind::impossible:
            return {"power-impossible", "Those readings are left out; look at the meter's wiring and driver."};
        case MeterFaultKind::frozen:
            return {"gauge-frozen", "Use another meter (landauer meters), or reload this one's driver."};
        case MeterFaultKind::wrong_unit:
            return {"power-wrong-unit", "Look up the sensor's unit and shunt, or name another meter with --meter."};
        case MeterFaultKind::mirrored:
            return {"counter-mirrored", "Nothing to do: it is counted once."};
    }
    return {"meter-fault", ""};
}

}  // namespace

std::string_view code(MeterFaultKind kind) { return text_of(kind).code; }

std::vector<MeterFault> meter_faults(const Trace& trace, Window session) {
    const Window all = session == Window{} ? whole(trace) : session;
    std::vector<MeterFault> found;
    for (std::size_t i = 0; i < trace.series.size(); ++i) {
        if (is_energy(trace.series[i])) {
            const auto faults = SeriesFaults(trace.series[i], i).find(all);
            found.insert(found.end(), faults.begin(), faults.end());
        }
    }
    add_relations(trace, found);
    return found;
}

std::vector<Caveat> meter_caveats(const Trace& trace, Window session) {
    std::vector<MeterFault> found = meter_faults(trace, session);
    std::stable_sort(found.begin(), found.end(), [](const MeterFault& a, const MeterFault& b) {
        return a.series != b.series ? a.series < b.series : a.kind < b.kind;
    });
    std::vector<Caveat> out;
    for (std::size_t i = 0; i < found.size();) {
        std::size_t end = i;
        while (end < found.size() && found[end].series == found[i].series && found[end].kind == found[i].kind) {
            ++end;
        }
        const Channel& channel = trace.series[found[i].series].channel;
        const KindText text = text_of(found[i].kind);
        const std::string more = end - i > 1 ? fmt::format(", and {} more times", end - i - 1) : std::string();
        out.push_back({std::string(text.code), found[i].severity,
                       fmt::format("{} ({}) {}{}.", channel.name, channel.meter, found[i].what, more),
                       std::string(text.remedy)});
        i = end;
    }
    return out;
}

std::string disqualifying_fault(const Series& series) {
    if (series.size() < 2) {
        return series.size() == 0 ? "never read" : "read only once";
    }
    const bool counts = series.channel.kind == ChannelKind::counter;
    const bool moves =
        std::any_of(series.raw.begin(), series.raw.end(), [&](std::int64_t raw) { return raw != series.raw.front(); });
    const double all_s = seconds_between(series.t_ns.front(), series.t_ns.back());
    if (counts && !moves && all_s >= kLeastEnded_s && series.channel.rail.period_s < all_s) {
        return fmt::format("its counter stood still for all of {:.0f} s", all_s);
    }
    double still_s = 0.0;
    for (const MeterFault& fault : SeriesFaults(series, 0).find(extent(view(series)))) {
        const double seconds = seconds_between(fault.when.begin_ns, fault.when.end_ns);
        if (fault.kind == MeterFaultKind::frozen && seconds > kMostGoodLoss * all_s) {
            return fault.what;
        }
        still_s += fault.kind == MeterFaultKind::stuck ? seconds : 0.0;
    }
    if (still_s > kMostGoodLoss * all_s) {
        return fmt::format("its counter stood still for {:.0f} of {:.0f} s", still_s, all_s);
    }
    std::size_t n_impossible = 0;
    for (std::size_t i = 0; !counts && i < series.size(); ++i) {
        n_impossible += is_plausible_power(series.si(i)) ? 0 : 1;
    }
    return static_cast<double>(n_impossible) > kMostGoodLoss * static_cast<double>(series.size())
               ? fmt::format("{} of {} readings are below 0 W or above {:.0f} W", n_impossible, series.size(),
                             kMostPlausibleWatts)
               : std::string();
}

std::string contradiction(std::span<const RailCandidate> rails, std::size_t which) {
    const RailCandidate& outer = rails[which];
    const double outer_w = outer.mean_w.value_or(-1.0);
    if (outer_w < 0.0 || outer.channel.kind == ChannelKind::counter) {
        return {};
    }
    if (outer.channel.rail.kind <= RailKind::board && outer_w > 0.0 && outer_w < 0.1) {
        return fmt::format("reads {:.2g} W on average, which no board lives on", outer_w);
    }
    for (const RailCandidate& inner : rails) {
        const double inner_w = inner.mean_w.value_or(0.0);
        if (overlap(inner.channel.rail, outer.channel.rail) != Overlap::inside || inner_w <= 0.0) {
            continue;
        }
        const bool too_small = outer_w < kLeastRatio * inner_w;
        if (too_small || (outer_w > kMostRatio * inner_w && inner.channel.rail.kind == RailKind::package)) {
            return fmt::format("reads {:.3g} W on average where {} ({}), which it holds, reads {:.3g} W", outer_w,
                               inner.channel.name, inner.channel.meter, inner_w);
        }
    }
    return {};
}

}  // namespace landauer
