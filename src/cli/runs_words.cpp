#include "cli/runs_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace landauer {
namespace {

constexpr std::size_t kModelWidth = 28;
constexpr std::size_t kLabelWidth = 15;

// At most `width` characters (not bytes), the cut marked.
std::string cut(const std::string& raw, std::size_t width) {
    std::string text = printable(raw);
    const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    if (static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character)) <= width) {
        return text;
    }
    std::size_t bytes = 0;
    for (std::size_t characters = 0; bytes < text.size(); ++bytes) {
        if (starts_character(text[bytes]) && ++characters == width) {
            break;
        }
    }
    return text.substr(0, bytes) + "~";
}

std::string figure(const TrialRecord& trial, const char* metric) {
    const auto found = trial.figures.find(metric);
    return found == trial.figures.end() ? "-" : fmt::format("{:.4g}", found->second);
}

std::string fact(std::string_view name, std::string_view value) {
    return value.empty() ? std::string() : fmt::format("  {:<14} {}\n", name, printable(value));
}

std::string caveat_words(const std::vector<Caveat>& caveats, std::string_view indent) {
    std::string out;
    for (const Caveat& caveat : caveats) {
        out += fmt::format("{}{}: {} {}\n", indent, printable(caveat.code), printable(caveat.sentence),
                           printable(caveat.remedy));
    }
    return out;
}

std::string session_words(const SessionData& data) {
    const SessionRecord& session = data.session;
    std::size_t n_samples = 0;
    for (const Series& series : data.trace.series) {
        n_samples += series.size();
    }
    std::string out =
        fmt::format("Session {} ({} {}), landauer {}\n", session.id, printable(session.started_utc),
                    session.ended_utc.empty() ? "until it was killed" : "to " + printable(session.ended_utc),
                    printable(session.version));
    out +=
        fmt::format("  {:<14} {} of {} channels at {:g} Hz; {} deadlines missed, {} ticks lost, sampler {:.3g} s CPU\n",
                    "samples", n_samples, data.trace.series.size(), session.rate_hz, session.sampler.missed_deadlines,
                    session.sampler.dropped_ticks, session.sampler.cpu_s);
    for (const auto& [name, value] : session.environment) {
        out += fact(name, value);
    }
    return out + caveat_words(session.caveats, "  ");
}

std::string trials_words(const std::vector<TrialRecord>& trials) {
    std::string out = fmt::format("{:<20} {:>3} {:>5} {:>8} {:>7} {:>9} {:>11} {:>10} {:>8}\n", "trial", "try", "grade",
                                  "n_prompt", "n_gen", "seconds", "prefill t/s", "decode t/s", "CPU s");
    for (const TrialRecord& trial : trials) {
        out += fmt::format("{:<20} {:>3} {:>5} {:>8} {:>7} {:>9} {:>11} {:>10} {:>8}\n", cut(trial.key, 20),
                           trial.attempt + 1, static_cast<char>(trial.grade), trial.n_prompt, trial.n_gen,
                           figure(trial, "seconds"), figure(trial, "prefill_ts"), figure(trial, "decode_ts"),
                           figure(trial, "cpu_s"));
        out += caveat_words(trial.caveats, "    ");
    }
    return out;
}

std::string value_words(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "nothing"; }

}  // namespace

std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
            c = '?';
        }
    }
    return out;
}

std::string list_words(const std::vector<RunSummary>& runs) {
    if (runs.empty()) {
        return "The store holds no run yet. Measure one with: landauer bench -m MODEL.gguf\n";
    }
    std::string out = fmt::format("{:>4}  {:<20}  {:<28}  {:<8}  {:>6}  {:>7}  {}\n", "run", "last measured", "model",
                                  "protocol", "trials", "spoiled", "label");
    for (const RunSummary& summary : runs) {
        out +=
            fmt::format("{:>4}  {:<20}  {:<28}  {:<8}  {:>6}  {:>7}  {}\n", summary.run.id, cut(summary.last_utc, 20),
                        cut(summary.run.model.name, kModelWidth), cut(summary.run.protocol, 8), summary.n_trials,
                        summary.n_spoiled, cut(summary.run.label, kLabelWidth));
    }
    return out;
}

std::string show_words(const RunData& data) {
    const RunRecord& run = data.run;
    std::string out = fmt::format("Run {}\n", run.id);
    const std::array<std::pair<std::string_view, std::string_view>, 9> facts = {{{"model", run.model.name},
                                                                                 {"type", run.model.type},
                                                                                 {"file", run.model.path},
                                                                                 {"sha256", run.model.sha256},
                                                                                 {"protocol", run.protocol},
                                                                                 {"plan", run.plan_hash},
                                                                                 {"created", run.created_utc},
                                                                                 {"label", run.label},
                                                                                 {"uuid", run.uuid}}};
    for (const auto& [name, value] : facts) {
        out += fact(name, value);
    }
    out += fact("command", run.command);
    for (const auto& [name, value] : run.settings) {
        out += fact(name, value);
    }
    for (const SessionData& session : data.sessions) {
        out += "\n" + session_words(session);
    }
    return out + "\n" + trials_words(data.trials);
}

std::string verify_words(std::int64_t run_id, const Verification& verification) {
    std::string out = fmt::format("Run {}: {} trials, {} figures computed again from raw samples: ", run_id,
                                  verification.n_trials, verification.n_figures);
    out += verification.differences.empty() ? "all the same, bit for bit.\n"
                                            : fmt::format("{} differ.\n", verification.differences.size());
    for (const FigureDifference& difference : verification.differences) {
        out += fmt::format("  {} try {}: {} is stored as {}, the samples give {}\n", printable(difference.key),
                           difference.attempt + 1, printable(difference.metric), value_words(difference.stored),
                           value_words(difference.computed));
    }
    return out;
}

std::string merge_words(const Store::MergeReport& report) {
    return fmt::format("{} runs added, {} extended, {} were here already; {} trials added.\n", report.runs_added,
                       report.runs_extended, report.runs_skipped, report.trials_added);
}

}  // namespace landauer
