#include "cli/runs_attach.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/align.h"
#include "analysis/run_windows.h"
#include "analysis/trial_net.h"
#include "meters/wire/power_csv.h"
#include "platform/files.h"

namespace landauer {
namespace {

constexpr double kLookRound_s = 5.0;
constexpr std::size_t kMostBytes = std::size_t{1} << 28U;

// Joules so far become the mean power since the reading before.
Recording recording_of(const wire::PowerRecording& read) {
    Recording out;
    for (std::size_t i = 0; i < read.t_s.size(); ++i) {
        if (!read.is_energy) {
            out.t_s.push_back(read.t_s[i]);
            out.watts.push_back(read.value[i]);
        } else if (i > 0) {
            out.t_s.push_back(read.t_s[i]);
            out.watts.push_back((read.value[i] - read.value[i - 1]) / (read.t_s[i] - read.t_s[i - 1]));
        }
    }
    return out;
}

Result<Channel> channel_of(const AttachOptions& options) {
    Channel channel{"external", options.name.empty() ? options.file.stem().string() : options.name,
                    "W",        ChannelKind::gauge,
                    1e-6,       0,
                    {}};
    if (!rail_kind_from_name(options.rail, channel.rail.kind) || channel.rail.kind == RailKind::none) {
        return fail(ErrorKind::Invalid, fmt::format("There is no rail called '{}'.", options.rail),
                    "Name one of: wall, battery, dc-input, board, psys, package, dram, device, part.");
    }
    channel.rail.accuracy = options.accuracy_percent / 100.0;
    return channel;
}

struct Fitted {
    const SessionData* session = nullptr;
    Alignment alignment;
};

Result<Fitted> best_session(const RunData& run, const Recording& recording, const AttachOptions& options) {
    AlignOptions look;
    if (options.lag_s) {
        look = {*options.lag_s - kLookRound_s, *options.lag_s + kLookRound_s};
    }
    std::optional<Fitted> best;
    Error why{ErrorKind::Failed, "The run has no session with CPU samples.", "Attach to a run that landauer measured."};
    for (const SessionData& session : run.sessions) {
        const Series* const busy = session.trace.find("machine", "busy");
        if (busy == nullptr) {
            continue;
        }
        auto found = align_recording(recording, *busy, look);
        if (!found) {
            why = found.error();
        } else if (!best || found->r2 > best->alignment.r2) {
            best = Fitted{&session, *found};
        }
    }
    if (!best) {
        return tl::unexpected(why);
    }
    return *best;
}

double half(const Estimate& e) { return 0.5 * (e.ci95.high - e.ci95.low); }

std::string alignment_words(const Alignment& a) {
    return fmt::format(
        "  lag     {:.3f} s +- {:.0f} ms (added to the recording's times)\n"
        "  gain    {:.2f} W +- {:.2f} for each busy core\n"
        "  offset  {:.2f} W +- {:.2f} with no load\n"
        "  load explains {:.1f} % of the recording's variation over {} readings (next best lag: {:.1f} %)\n",
        a.lag_s.value, 1e3 * half(a.lag_s), a.gain_w.value, half(a.gain_w), a.offset_w.value, half(a.offset_w),
        100.0 * a.r2, a.n_readings, 100.0 * a.second_r2);
}

// The trials as the gradient of the recording alone shows them.
std::string windows_words(const RunData& run, const SessionData& session, const Series& power) {
    std::vector<const TrialRecord*> trials;
    for (const TrialRecord& trial : run.trials) {
        if (trial.session_id == session.session.id) {
            trials.push_back(&trial);
        }
    }
    SampledSignal signal;
    signal.t_ns = power.t_ns;
    for (std::size_t i = 0; i < power.size(); ++i) {
        signal.value.push_back(power.si(i));
    }
    const DetectedWindows found = detect_windows(session, trials, session_baselines(session, trials), signal);
    return fmt::format(
        "  the recording's gradient alone shows {} of {} windows that its rate can resolve, edges off by {:.0f} ms "
        "(median)\n",
        found.n_matched, found.n_resolvable, 1e3 * found.median_edge_error_s);
}

Caveat attached_caveat(const AttachOptions& options, const Channel& channel, const Alignment& a) {
    return {
        "meter-attached", Severity::note,
        fmt::format("{} ({}) is a recording by another instrument, attached from {} and aligned by the CPU's load: "
                    "lag {:.3f} s +- {:.0f} ms.",
                    channel.name, channel.meter, options.file.filename().string(), a.lag_s.value, 1e3 * half(a.lag_s)),
        "Its joules carry the lag's interval; a run with --staircase aligns more sharply."};
}

}  // namespace

Result<std::string> attach_recording(Store& store, std::int64_t run_id, const AttachOptions& options) {
    auto channel = channel_of(options);
    if (!channel) {
        return tl::unexpected(channel.error());
    }
    const auto text = read_text(options.file, kMostBytes);
    if (!text) {
        return tl::unexpected(text.error());
    }
    const auto read = wire::parse_power_csv(*text);
    if (!read) {
        return tl::unexpected(read.error());
    }
    const auto run = store.read_run(run_id);
    if (!run) {
        return tl::unexpected(run.error());
    }
    const Recording recording = recording_of(*read);
    auto fitted = best_session(*run, recording, options);
    if (!fitted) {
        return tl::unexpected(fitted.error());
    }
    if (fitted->session->trace.find(channel->meter, channel->name) != nullptr) {
        return fail(ErrorKind::Invalid, fmt::format("The run has a recording called {} already.", channel->name),
                    "Give this one another name with --name.");
    }
    Series series = aligned_series(recording, fitted->alignment, *channel);
    std::string words = fmt::format("{} to run {}: {} readings as {}\n", options.dry_run ? "Would attach" : "Attached",
                                    run_id, series.size(), options.rail);
    words += alignment_words(fitted->alignment) + windows_words(*run, *fitted->session, series);
    if (read->n_skipped > 0) {
        words += fmt::format("  {} lines were not understood\n", read->n_skipped);
    }
    if (!options.dry_run) {
        const Caveat caveat = attached_caveat(options, *channel, fitted->alignment);
        Trace samples;
        samples.series.push_back(std::move(series));
        if (auto done = store.attach_samples(fitted->session->session.id, samples, caveat); !done) {
            return tl::unexpected(done.error());
        }
    }
    return words;
}

}  // namespace landauer
