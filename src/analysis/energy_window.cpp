#include "analysis/energy_window.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
const double kUniform = 1.0 / std::sqrt(12.0);  // standard deviation of a uniform law over its width
// Powers of two loads that share a step are known this well relative to one another.
constexpr double kShareDoubt = 0.25;

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) * kNs; }
bool tells(const EnergyStep& step) { return !step.is_gap && step.end_ns > step.begin_ns; }

// A stretch of a cut step between two edges.
struct Piece {
    Window window;
    bool is_busy = false;
    bool is_inside = false;  // the window that is asked for
    double prior_w = 0.0;
    [[nodiscard]] double seconds() const { return seconds_between(window.begin_ns, window.end_ns); }
};

class Integral {
   public:
    Integral(const EnergySteps& all, Window window, const LoadContext& load)
        : all_(all), steps_(all.steps), window_(window), load_(load) {}

    std::optional<WindowEnergy> compute() {
        if (steps_.empty() || window_.end_ns < window_.begin_ns || window_.begin_ns < steps_.front().begin_ns ||
            window_.end_ns > steps_.back().end_ns) {
            return std::nullopt;
        }
        first_ = index_at(window_.begin_ns);
        last_ = std::max(first_, index_before(window_.end_ns));
        for (std::size_t i = first_; i <= last_; ++i) {
            add(i);
        }
        add_delay();
        add_border(window_.begin_ns, window_.begin_ns);
        add_border(window_.end_ns, window_.end_ns - 1);
        out_.u_quantum_j = all_.quantum_j * std::sqrt(2.0) * kUniform;
        return out_;
    }

   private:
    // The step that holds the instant; at a border the later one.
    [[nodiscard]] std::size_t index_at(std::int64_t at_ns) const {
        const auto found = std::upper_bound(steps_.begin(), steps_.end(), at_ns,
                                            [](std::int64_t t, const EnergyStep& step) { return t < step.end_ns; });
        return std::min(static_cast<std::size_t>(found - steps_.begin()), steps_.size() - 1);
    }
    // The same, at a border the earlier one.
    [[nodiscard]] std::size_t index_before(std::int64_t at_ns) const {
        const auto found = std::lower_bound(steps_.begin(), steps_.end(), at_ns,
                                            [](const EnergyStep& step, std::int64_t t) { return step.end_ns < t; });
        return std::min(static_cast<std::size_t>(found - steps_.begin()), steps_.size() - 1);
    }

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
        } else {
            add_cut(step);
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

    // Mean power of the steps that lie wholly in the window of load; empty when there is none.
    [[nodiscard]] std::optional<double> power_within(Window load) const {
        double joules = 0.0;
        double seconds = 0.0;
        for (std::size_t i = index_at(load.begin_ns); i < steps_.size() && steps_[i].end_ns <= load.end_ns; ++i) {
            if (steps_[i].begin_ns >= load.begin_ns && tells(steps_[i])) {
                joules += steps_[i].energy_j;
                seconds += steps_[i].seconds();
            }
        }
        return seconds > 0.0 ? std::optional(joules / seconds) : std::nullopt;
    }

    // The load that begins last at or before the instant and ends after it; the window that is asked for
    // counts as load where nothing else is known.
    [[nodiscard]] std::optional<Window> load_at(std::int64_t at_ns) const {
        const auto after = std::upper_bound(load_.busy.begin(), load_.busy.end(), at_ns,
                                            [](std::int64_t t, const Window& w) { return t < w.begin_ns; });
        if (after != load_.busy.begin() && (after - 1)->end_ns > at_ns) {
            return *(after - 1);
        }
        const bool inside = at_ns >= window_.begin_ns && at_ns < window_.end_ns;
        return inside ? std::optional(window_) : std::nullopt;
    }

    [[nodiscard]] std::vector<Piece> pieces_of(const EnergyStep& step) const {
        std::vector<std::int64_t> marks = {step.begin_ns, step.end_ns};
        const auto mark = [&](std::int64_t t) {
            if (t > step.begin_ns && t < step.end_ns) {
                marks.push_back(t);
            }
        };
        mark(window_.begin_ns);
        mark(window_.end_ns);
        auto at = std::lower_bound(load_.busy.begin(), load_.busy.end(), step.begin_ns,
                                   [](const Window& w, std::int64_t t) { return w.end_ns < t; });
        for (; at != load_.busy.end() && at->begin_ns < step.end_ns; ++at) {
            mark(at->begin_ns);
            mark(at->end_ns);
        }
        std::sort(marks.begin(), marks.end());
        std::vector<Piece> pieces;
        pieces.reserve(marks.size());
        for (std::size_t i = 0; i + 1 < marks.size(); ++i) {
            if (marks[i + 1] > marks[i]) {
                pieces.push_back(piece(step, {marks[i], marks[i + 1]}));
            }
        }
        return pieces;
    }
    [[nodiscard]] Piece piece(const EnergyStep& step, Window part) const {
        Piece out{part};
        out.is_inside = part.begin_ns >= window_.begin_ns && part.end_ns <= window_.end_ns;
        const std::optional<Window> load = load_at(part.begin_ns);
        out.is_busy = load.has_value();
        const double whole_w = std::max(step.watts(), 0.0);
        out.prior_w =
            load ? power_within(*load).value_or(load_.busy_w.value_or(whole_w)) : load_.idle_w.value_or(whole_w);
        return out;
    }

    void add_cut(const EnergyStep& step) {
        const std::vector<Piece> pieces = pieces_of(step);
        double unloaded_j = 0.0;
        double prior_j = 0.0;  // of loads
        for (const Piece& piece : pieces) {
            (piece.is_busy ? prior_j : unloaded_j) += piece.prior_w * piece.seconds();
        }
        // Without load in it, or none of it known to be idle, a step is divided in proportion alone.
        const double known_j = prior_j > 0.0 ? std::min(unloaded_j, std::max(step.energy_j, 0.0)) : 0.0;
        const double rest_j = step.energy_j - known_j;
        const double scale = prior_j > 0.0 ? rest_j / prior_j : step.energy_j / std::max(unloaded_j, 1e-12);
        double inside_j = 0.0;
        double square = 0.0;  // of what is left outside: its doubt is the inside's
        for (const Piece& piece : pieces) {
            const bool fixed = prior_j > 0.0 && !piece.is_busy;
            const double by_prior =
                piece.prior_w * piece.seconds() * (fixed && unloaded_j > 0.0 ? known_j / unloaded_j : scale);
            inside_j += piece.is_inside ? by_prior : 0.0;
            if (!piece.is_inside) {
                const double u = doubt(step, piece, by_prior, rest_j);
                square += u * u;
            }
        }
        out_.energy_j += inside_j;
        out_.u_edges_j = std::hypot(out_.u_edges_j, std::sqrt(square));
        out_.u_sampling_j = std::hypot(out_.u_sampling_j, step.u_j);
    }
    [[nodiscard]] double doubt(const EnergyStep& step, const Piece& piece, double joules, double loads_j) const {
        const double u_begin_s = piece.window.begin_ns == step.begin_ns ? step.u_begin_s : 0.0;
        const double u_end_s = piece.window.end_ns == step.end_ns ? step.u_end_s : 0.0;
        const double u_border = std::hypot(u_begin_s, u_end_s) * piece.prior_w;
        if (!piece.is_busy) {
            const bool is_known = load_.idle_w.has_value();
            return std::hypot(u_border, (is_known ? load_.idle_sd_w : kUniform * piece.prior_w) * piece.seconds());
        }
        const double part = loads_j > 0.0 ? std::clamp(joules / loads_j, 0.0, 1.0) : 0.0;
        return std::hypot(u_border * (1.0 - part), kShareDoubt * loads_j * part * (1.0 - part));
    }

    // A counter read at t shows what it published up to one period before. On average that is half a
    // period: the mean is put right, the rest is doubt.
    void add_delay() {
        const double begin_w = power_before(window_.begin_ns);
        const double end_w = power_before(window_.end_ns);
        out_.energy_j += 0.5 * all_.period_s * (end_w - begin_w);
        out_.u_edges_j = std::hypot(out_.u_edges_j, kUniform * all_.period_s * std::hypot(begin_w, end_w));
    }
    // A publication that may lie on either side of the window's edge may hold a little of the other side,
    // or leave it to its neighbour.
    void add_border(std::int64_t edge_ns, std::int64_t inside_ns) {
        const EnergyStep& step = steps_[index_at(inside_ns)];
        const double begin_away_s = std::abs(seconds_between(step.begin_ns, edge_ns));
        const double end_away_s = std::abs(seconds_between(step.end_ns, edge_ns));
        const double away_s = std::min(begin_away_s, end_away_s);
        const double u_s = begin_away_s < end_away_s ? step.u_begin_s : step.u_end_s;
        if (u_s <= 0.0) {
            return;
        }
        const std::optional<Window> load = load_at(inside_ns);
        const double inside_w = load ? power_within(*load).value_or(load_.busy_w.value_or(0.0)) : 0.0;
        const double jump_w = std::abs(inside_w - load_.idle_w.value_or(0.0));
        // Root of the mean square of what a normal error reaches beyond the edge, nearly.
        const double reach_s = u_s * std::sqrt(0.5) * std::exp(-0.9 * away_s / u_s);
        out_.u_edges_j = std::hypot(out_.u_edges_j, jump_w * reach_s, inside_w * all_.unrest_s);
    }
    [[nodiscard]] double power_before(std::int64_t at_ns) const {
        for (std::size_t i = index_before(at_ns);; --i) {
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
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    WindowEnergy out_;
};

}  // namespace

std::optional<WindowEnergy> energy_over(const EnergySteps& steps, Window window, const LoadContext& load) {
    return Integral(steps, window, load).compute();
}

}  // namespace landauer
