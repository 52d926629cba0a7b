#include "analysis/step_split.h"

#include <algorithm>

namespace landauer {
namespace {

std::vector<std::int64_t> marks_of(const EnergyStep& step, Window window, std::span<const Window> busy) {
    std::vector<std::int64_t> marks = {step.begin_ns, step.end_ns};
    const auto mark = [&](std::int64_t t) {
        if (t > step.begin_ns && t < step.end_ns) {
            marks.push_back(t);
        }
    };
    mark(window.begin_ns);
    mark(window.end_ns);
    auto at = std::lower_bound(busy.begin(), busy.end(), step.begin_ns,
                               [](const Window& w, std::int64_t t) { return w.end_ns < t; });
    for (; at != busy.end() && at->begin_ns < step.end_ns; ++at) {
        mark(at->begin_ns);
        mark(at->end_ns);
    }
    std::sort(marks.begin(), marks.end());
    marks.erase(std::unique(marks.begin(), marks.end()), marks.end());
    return marks;
}

std::vector<StepPiece> pieces_of(const EnergySteps& all, std::size_t i, Window window, const LoadPowers& powers) {
    const EnergyStep& step = all.steps[i];
    const std::vector<std::int64_t> marks = marks_of(step, window, powers.context().busy);
    std::vector<StepPiece> pieces;
    pieces.reserve(marks.size());
    for (std::size_t k = 0; k + 1 < marks.size(); ++k) {
        StepPiece piece{{marks[k], marks[k + 1]}};
        piece.is_busy = powers.load_at(marks[k]).has_value();
        piece.is_inside = marks[k] >= window.begin_ns && marks[k + 1] <= window.end_ns;
        if (piece.is_busy) {
            piece.watts = powers.power_at(marks[k], std::max(step.watts(), 0.0));
        } else {
            const LoadPowers::Unloaded unloaded = powers.unloaded(i, piece.window);
            piece.watts = unloaded.watts;
            piece.u_w = unloaded.u_w;
        }
        pieces.push_back(piece);
    }
    return pieces;
}

}  // namespace

StepSplit split_step(const EnergySteps& steps, std::size_t i, Window window, const LoadPowers& powers) {
    StepSplit out;
    out.pieces = pieces_of(steps, i, window, powers);
    const double step_j = steps.steps[i].energy_j;
    double unloaded_j = 0.0;
    double prior_j = 0.0;  // of loads
    for (const StepPiece& piece : out.pieces) {
        (piece.is_busy ? prior_j : unloaded_j) += piece.watts * piece.seconds();
    }
    const bool has_load = prior_j > 0.0;
    const double known_j = has_load ? std::min(unloaded_j, std::max(step_j, 0.0)) : 0.0;
    out.loads_j = has_load ? step_j - known_j : 0.0;
    const double of_loads = has_load ? out.loads_j / prior_j : 0.0;
    const double of_unloaded = (has_load ? known_j : step_j) / std::max(unloaded_j, 1e-12);
    for (StepPiece& piece : out.pieces) {
        const double prior = piece.watts * piece.seconds();
        piece.energy_j = prior * (piece.is_busy ? of_loads : of_unloaded);
        out.inside_j += piece.is_inside ? piece.energy_j : 0.0;
        if (piece.is_inside && piece.is_busy == has_load) {
            out.part += prior / (has_load ? prior_j : std::max(unloaded_j, 1e-12));
        }
    }
    return out;
}

}  // namespace landauer
