#include "analysis/energy_window.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/step_split.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
const double kUniform = 1.0 / std::sqrt(12.0);  // standard deviation of a uniform law over its width
// Power of a load beside others in its step is known this well: two equal ones are in doubt by an eighth of what
// each has.
const double kLoadDoubt = 0.25 / std::sqrt(2.0);
constexpr std::size_t kMostLoads = 4;  // of a step whose doubts are told apart

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) * kNs; }

class Integral {
   public:
    Integral(const EnergySteps& all, Window window, const LoadContext& load)
        : all_(all), steps_(all.steps), window_(window), load_(load), powers_(all, window, load) {}

    std::optional<WindowEnergy> compute() {
        if (steps_.empty() || window_.end_ns < window_.begin_ns || window_.begin_ns < steps_.front().begin_ns ||
            window_.end_ns > steps_.back().end_ns) {
            return std::nullopt;
        }
        first_ = powers_.index_at(window_.begin_ns);
        last_ = std::max(first_, powers_.index_before(window_.end_ns));
        parts_.assign(last_ - first_ + 1, 0.0);
        for (std::size_t i = first_; i <= last_; ++i) {
            add(i);
        }
        add_delay();
        add_borders();
        out_.u_quantum_j = all_.quantum_j * std::sqrt(2.0) * kUniform;
        return out_;
    }

   private:
    void add(std::size_t i) {
        const EnergyStep& step = steps_[i];
        const std::int64_t from = std::max(window_.begin_ns, step.begin_ns);
        const std::int64_t to = std::min(window_.end_ns, step.end_ns);
        if (to <= from) {
            return;
        }
        if (step.is_gap) {
            add_gap(i, {from, to});
        } else if (to - from == step.end_ns - step.begin_ns) {
            out_.energy_j += step.energy_j;
            out_.u_sampling_j = std::hypot(out_.u_sampling_j, step.u_j);
            parts_[i - first_] = 1.0;
        } else {
            add_cut(i);
        }
    }

    // Power of the nearest step that tells one, preferably inside the window, on that side of step i.
    [[nodiscard]] std::optional<double> power_beside(std::size_t i, bool later) const {
        constexpr std::size_t kFarthest = 50;
        std::size_t j = i;
        for (std::size_t n = 0; n < kFarthest && (later ? j + 1 < steps_.size() : j > 0); ++n) {
            j = later ? j + 1 : j - 1;
            const bool inside = steps_[j].begin_ns >= window_.begin_ns && steps_[j].end_ns <= window_.end_ns;
            if (!inside) {
                break;
            }
            if (tells(steps_[j])) {
                return std::max(steps_[j].watts(), 0.0);
            }
        }
        return std::nullopt;
    }

    // Nothing says what power it was: the mean of the nearest steps of the window, in doubt by the whole
    // range of powers that were seen in it, down to idle.
    void add_gap(std::size_t i, Window part) {
        const auto before = power_beside(i, false);
        const auto after = power_beside(i, true);
        const Window range{window_.begin_ns, window_.end_ns};
        double low = 0.0;
        double high = 0.0;
        power_range(range, low, high);
        const double fallback = 0.5 * (low + high);
        const double left = before.value_or(after.value_or(fallback));
        const double watts = 0.5 * (left + after.value_or(left));
        const double seconds = seconds_between(part.begin_ns, part.end_ns);
        out_.energy_j += watts * seconds;
        out_.u_gaps_j += std::max(high - low, 0.1 * watts) * kUniform * seconds;  // gaps of one cause err alike
        out_.gap_s += seconds;
    }
    void power_range(Window range, double& low, double& high) const {
        bool any = false;
        const std::size_t from = first_ < 2 ? 0 : first_ - 2;
        const std::size_t to = std::min(last_ + 2, steps_.size() - 1);
        for (std::size_t i = from; i <= to; ++i) {
            const bool near = steps_[i].end_ns >= range.begin_ns || steps_[i].begin_ns <= range.end_ns;
            if (near && tells(steps_[i]) && steps_[i].seconds() > kLeastTelling_s) {
                const double watts = std::max(0.0, steps_[i].watts());
                low = any ? std::min(low, watts) : watts;
                high = any ? std::max(high, watts) : watts;
                any = true;
            }
        }
        if (!any) {
            high = 2.0 * load_.idle_w.value_or(0.0);
        }
    }

    void add_cut(std::size_t i) {
        const EnergyStep& step = steps_[i];
        const StepSplit split = split_step(all_, i, window_, powers_);
        parts_[i - first_] = split.part;
        out_.energy_j += split.inside_j;
        out_.u_sampling_j = std::hypot(out_.u_sampling_j, step.u_j);
        add_unloaded_doubt(step, split);
        add_load_doubt(step, split);
    }
    // Power without load is known only so well; what it takes too much, the loads of the step lack.
    void add_unloaded_doubt(const EnergyStep& step, const StepSplit& split) {
        double outside_j = 0.0;
        double inside_j = 0.0;
        bool has_load = false;
        for (const StepPiece& piece : split.pieces) {
            has_load = has_load || piece.is_busy;
            if (!piece.is_busy) {
                (piece.is_inside ? inside_j : outside_j) += piece.u_w * piece.seconds();
            }
        }
        if (!has_load) {  // each stretch has noise of its own
            out_.u_edges_j = std::hypot(out_.u_edges_j, outside_j);
            return;
        }
        const double signed_j = inside_j - split.part * (inside_j + outside_j);
        out_.linked.push_back({{step.begin_ns, 0, 0, ErrorCause::Kind::idle}, signed_j});
    }
    // A load that drew more than its share takes that from the others.
    void add_load_doubt(const EnergyStep& step, const StepSplit& split) {
        const auto n_loads = std::count_if(split.pieces.begin(), split.pieces.end(),
                                           [](const StepPiece& piece) { return piece.is_busy; });
        double square = 0.0;
        for (const StepPiece& piece : split.pieces) {
            if (!piece.is_busy || split.loads_j <= 0.0) {
                continue;
            }
            const double gain = (piece.is_inside ? 1.0 : 0.0) - split.part;
            const double signed_j = kLoadDoubt * piece.energy_j * gain;
            square += signed_j * signed_j;
            if (signed_j != 0.0 && static_cast<std::size_t>(n_loads) <= kMostLoads) {
                const std::int64_t load_ns = piece.window.begin_ns;
                out_.linked.push_back({{step.begin_ns, load_ns, 0, ErrorCause::Kind::share}, signed_j});
            }
        }
        if (static_cast<std::size_t>(n_loads) > kMostLoads) {
            out_.u_edges_j = std::hypot(out_.u_edges_j, std::sqrt(square));
        }
    }

    // A counter read at t shows what it published up to one period before. On average that is half a
    // period: the mean is put right, the rest is doubt.
    void add_delay() {
        const double begin_w = power_before(window_.begin_ns);
        const double end_w = power_before(window_.end_ns);
        out_.energy_j += 0.5 * all_.period_s * (end_w - begin_w);
        out_.u_edges_j = std::hypot(out_.u_edges_j, kUniform * all_.period_s * std::hypot(begin_w, end_w));
    }
    void add_borders() {
        const bool is_slow =
            all_.unrest_s > 0.0 || all_.u_lag_s > 0.0 || steps_[first_].u_begin_s > 0.0 || steps_[last_].u_end_s > 0.0;
        if (is_slow) {
            const std::vector<CausedDoubt> doubts = border_doubts(all_, first_, parts_, powers_);
            out_.linked.insert(out_.linked.end(), doubts.begin(), doubts.end());
        }
    }
    [[nodiscard]] double power_before(std::int64_t at_ns) const {
        for (std::size_t i = powers_.index_before(at_ns);; --i) {
            if (tells(steps_[i]) && steps_[i].seconds() > kLeastTelling_s) {
                return std::max(steps_[i].watts(), 0.0);
            }
            if (i == 0) {
                return 0.0;
            }
        }
    }

    static constexpr double kLeastTelling_s = 0.005;  // shorter steps show the delay and not the power

    const EnergySteps& all_;
    const std::vector<EnergyStep>& steps_;
    Window window_;
    const LoadContext& load_;
    LoadPowers powers_;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    std::vector<double> parts_;  // of a joule more in each step from first_ on, what the window gets
    WindowEnergy out_;
};

}  // namespace

double WindowEnergy::u_linked_j() const {
    double square = 0.0;
    for (const CausedDoubt& doubt : linked) {
        square += doubt.signed_j * doubt.signed_j;
    }
    return std::sqrt(square);
}

std::optional<WindowEnergy> energy_over(const EnergySteps& steps, Window window, const LoadContext& load) {
    return Integral(steps, window, load).compute();
}

}  // namespace landauer
