#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/command.h"
#include "core/clock.h"

namespace landauer {
namespace {

constexpr std::int64_t kRedrawNs = 200'000'000;

double figure(const TrialRecord& trial, const char* name) {
    const auto found = trial.figures.find(name);
    return found == trial.figures.end() ? std::nan("") : found->second;
}

std::string speed_words(const TrialRecord& trial) {
    std::string out;
    if (const double ts = figure(trial, "prefill_ts"); std::isfinite(ts)) {
        out += fmt::format("prefill {:.0f} t/s", ts);
    }
    if (const double ts = figure(trial, "decode_ts"); std::isfinite(ts)) {
        out += fmt::format("{}decode {:.1f} t/s", out.empty() ? "" : ", ", ts);
    }
    if (const double percent = figure(trial, "cpu_percent"); std::isfinite(percent)) {
        out += fmt::format("{}CPU {:.0f} %", out.empty() ? "" : ", ", percent);
    }
    return out;
}

}  // namespace

std::string duration_words(double seconds) {
    const long long whole = std::llround(std::max(seconds, 0.0));
    if (whole < 60) {
        return fmt::format("{} s", whole);
    }
    if (whole < 3600) {
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

ProgressLine::ProgressLine(bool live, bool lines, int width) : live_(live), lines_(lines), width_(width) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::clear() {
    if (shown_) {
        talk("\r\x1b[K");
        shown_ = false;
    }
}

void ProgressLine::show(const std::string& text) {
    if (live_) {
        talk("\r\x1b[K" + text.substr(0, static_cast<std::size_t>(std::max(width_ - 1, 20))));
        shown_ = true;
    }
}

void ProgressLine::stage(const std::string& what, double fraction) {
    const std::int64_t now = system_clock().now_ns();
    if (fraction > 0.0 && now - last_ns_ < kRedrawNs) {
        return;
    }
    last_ns_ = now;
    head_ = what;
    tail_.clear();
    show(fraction > 0.0 ? fmt::format("{} {:.0f} %", what, fraction * 100.0) : what);
}

void ProgressLine::trial_begins(const TrialSpec& spec, std::size_t done, std::size_t total, double eta_s) {
    head_ = fmt::format("[{}/{}] {} repetition {}", done + 1, total, spec.prompt_id, spec.repetition + 1);
    const std::string left = eta_s >= 0.0 ? duration_words(eta_s) + " left" : "";
    show(fmt::format("{}  {}  {}", head_, left, tail_));
}

void ProgressLine::progress(PhaseKind kind, double fraction) {
    const std::int64_t now = system_clock().now_ns();
    if (now - last_ns_ < kRedrawNs) {
        return;
    }
    last_ns_ = now;
    show(fmt::format("{}  {} {:.0f} %  {}", head_, name(kind), fraction * 100.0, tail_));
}

void ProgressLine::trial_ended(const TrialRecord& trial, std::size_t done, std::size_t total, double eta_s) {
    tail_ = speed_words(trial);
    if (eta_s >= 0.0) {
        tail_ += fmt::format(", {} left", duration_words(eta_s));
    }
    if (lines_) {
        clear();
        talk(fmt::format("[{}/{}] {} grade {}: {} prompt + {} generated tokens, {}\n", done, total, trial.key,
                         static_cast<char>(trial.grade), trial.n_prompt, trial.n_gen, speed_words(trial)));
    }
    if (trial.grade == Grade::C) {
        clear();
        const std::string why = trial.caveats.empty() ? "contended" : trial.caveats.front().sentence;
        talk(fmt::format("{} is spoiled and will not be averaged in: {}\n", trial.key, why));
    }
}

void ProgressLine::caveat(const Caveat& caveat) {
    clear();
    talk(fmt::format("{}: {} {}\n", caveat.severity == Severity::note ? "note" : "warning", caveat.sentence,
                     caveat.remedy));
}

}  // namespace landauer
