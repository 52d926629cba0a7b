#include "run/work_queue.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace landauer {

Result<WorkQueue> WorkQueue::find(const Plan& plan, const std::vector<std::int64_t>& run_ids, Store& store,
                                  std::size_t& n_resumed) {
    std::vector<std::set<std::string>> finished;
    for (const std::int64_t id : run_ids) {
        auto keys = store.finished_keys(id);
        if (!keys) {
            return tl::unexpected(keys.error());
        }
        finished.push_back(std::move(*keys));
    }
    WorkQueue queue;
    for (const TrialSpec& spec : plan.trials) {
        const auto model = static_cast<std::size_t>(spec.model);
        if (finished[model].contains(spec.key)) {
            ++n_resumed;
            continue;
        }
        const auto attempts = store.attempts(run_ids[model], spec.key);
        if (!attempts) {
            return tl::unexpected(attempts.error());
        }
        queue.pending_.push_back({spec, *attempts, 0});
    }
    queue.total_ = queue.pending_.size();
    return queue;
}

std::vector<ImageSize> WorkQueue::image_sizes(const Plan& plan) const {
    std::vector<ImageSize> sizes;
    for (const Pending& pending : pending_) {
        if (pending.spec.image < 0) {
            continue;
        }
        const ImageSize size = plan.request.images[static_cast<std::size_t>(pending.spec.image)];
        if (std::find(sizes.begin(), sizes.end(), size) == sizes.end()) {
            sizes.push_back(size);
        }
    }
    return sizes;
}

Pending WorkQueue::take() {
    Pending next = std::move(pending_.front());
    pending_.pop_front();
    return next;
}

void WorkQueue::again(const Pending& pending) {
    const auto end_of_block = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& other) {
        return other.spec.model != pending.spec.model || other.spec.repetition != pending.spec.repetition;
    });
    pending_.insert(end_of_block, {pending.spec, pending.attempt + 1, pending.attempt_now + 1});
    ++total_;
}

void WorkQueue::set_needs(std::vector<std::vector<TrialNeed>> needs) {
    needs_ = std::move(needs);
    eta_.resize(needs_.size());
}

void WorkQueue::learn(int model, const std::vector<PhaseRecord>& phases) {
    eta_[static_cast<std::size_t>(model)].learn(phases);
}

TrialNeed WorkQueue::need_of(const TrialSpec& spec) const {
    const int index = spec.image >= 0 ? spec.image : spec.prompt >= 0 ? spec.prompt : spec.grid;
    return needs_[static_cast<std::size_t>(spec.model)][static_cast<std::size_t>(index)];
}

double WorkQueue::seconds_left() const {
    double total_s = 0.0;
    for (std::size_t model = 0; model < eta_.size(); ++model) {
        TrialNeed sum;
        for (const Pending& pending : pending_) {
            if (static_cast<std::size_t>(pending.spec.model) == model) {
                const TrialNeed need = need_of(pending.spec);
                sum.n_prompt += need.n_prompt;
                sum.n_gen += need.n_gen;
                sum.n_image += need.n_image;
            }
        }
        if (sum.total() == 0) {
            continue;
        }
        const double model_s = eta_[model].seconds(sum.n_prompt, sum.n_gen, sum.n_image);
        if (model_s < 0.0) {
            return -1.0;
        }
        total_s += model_s;
    }
    return total_s;
}

}  // namespace landauer
