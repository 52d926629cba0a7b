// What is still to run of a plan, in which order, and how long that will take.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <deque>
#include <vector>

#include "core/records.h"
#include "plan/plan.h"
#include "run/eta.h"
#include "run/preflight.h"
#include "store/store.h"

namespace landauer {

// A trial still to run; how often it was tried in all sessions, and in this one.
struct Pending {
    TrialSpec spec;
    int attempt = 0;
    int attempt_now = 0;
};

class WorkQueue {
   public:
    // Leaves out what the store holds finished, by run (one a model of the plan). `n_resumed` counts those.
    [[nodiscard]] static Result<WorkQueue> find(const Plan& plan, const std::vector<std::int64_t>& run_ids,
                                                Store& store, std::size_t& n_resumed);

    [[nodiscard]] bool empty() const { return pending_.empty(); }
    [[nodiscard]] const std::deque<Pending>& pending() const { return pending_; }
    [[nodiscard]] std::size_t total() const { return total_; }
    // Begun and finished trials, but for the one taken last.
    [[nodiscard]] std::size_t done() const { return total_ - pending_.size() - 1; }

    // Of the pictures still to be shown, each once.
    [[nodiscard]] std::vector<ImageSize> image_sizes(const Plan& plan) const;

    Pending take();
    // Once more, at the end of its model's block: a neighbour that just woke up may be gone by then.
    void again(const Pending& pending);

    // needs: by model, as check_fit() gives them; they and what trials took tell the seconds left, below 0 while
    // nothing is known.
    void set_needs(std::vector<std::vector<TrialNeed>> needs);
    void learn(int model, const std::vector<PhaseRecord>& phases);
    [[nodiscard]] double seconds_left() const;

   private:
    [[nodiscard]] TrialNeed need_of(const TrialSpec& spec) const;

    std::deque<Pending> pending_;
    std::size_t total_ = 0;
    std::vector<std::vector<TrialNeed>> needs_;
    std::vector<EtaEstimator> eta_;
};

}  // namespace landauer
