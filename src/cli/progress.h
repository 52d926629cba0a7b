// What a measuring user sees: one live line on a terminal, or a line a trial on request.
#pragma once

#include <cstdint>
#include <string>

#include "run/runner.h"

namespace landauer {

class ProgressLine final : public RunListener {
   public:
    // live: rewrite one line (terminals); lines: print one line for each finished trial.
    ProgressLine(bool live, bool lines, int width);
    ~ProgressLine() override;

    void stage(const std::string& what, double fraction) override;
    void trial_begins(const TrialSpec& spec, std::size_t done, std::size_t total, double eta_s) override;
    void progress(PhaseKind kind, double fraction) override;
    void trial_ended(const TrialRecord& trial, std::size_t done, std::size_t total, double eta_s) override;
    void caveat(const Caveat& caveat) override;

   private:
    void show(const std::string& text);
    void clear();

    bool live_;
    bool lines_;
    int width_;
    bool shown_ = false;
    std::string head_;  // "[ 3/19] P7"
    std::string tail_;  // speed of the last trial and what is left
    std::int64_t last_ns_ = 0;
};

// "45 s", "3 min 20 s", "1 h 05 min".
[[nodiscard]] std::string duration_words(double seconds);

}  // namespace landauer
