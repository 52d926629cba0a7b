#include "compress/allocate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace landauer {
namespace {

// From one choice on a unit's hull to the next cheaper one.
struct Step {
    double slope = 0.0;  // nats for each unit of cost saved
    std::size_t unit = 0;
    std::size_t to = 0;  // index into the unit's hull
};

Result<void> check(std::span<const Unit> units, double budget) {
    if (units.empty() || std::isnan(budget)) {
        return fail(ErrorKind::Invalid, "A budget was to be shared among nothing, or is not a number.",
                    "Name at least one part of the model and a budget.");
    }
    for (const Unit& unit : units) {
        if (unit.choices.empty()) {
            return fail(ErrorKind::Invalid, fmt::format("There is no choice for {}.", unit.name),
                        "Offer at least the untouched one.");
        }
        if (!std::all_of(unit.choices.begin(), unit.choices.end(),
                         [](const Choice& c) { return std::isfinite(c.cost) && std::isfinite(c.loss); })) {
            return fail(ErrorKind::Invalid,
                        fmt::format("A choice for {} has a cost or a loss that is not a finite number.", unit.name),
                        "Collect the statistics again.");
        }
    }
    return {};
}

// Added up afresh each time: a running total would drift, and the budget is kept to the last bit.
double total_cost(std::span<const Unit> units, const std::vector<std::size_t>& chosen) {
    double sum = 0.0;
    for (std::size_t u = 0; u < units.size(); ++u) sum += units[u].choices[chosen[u]].cost;
    return sum;
}

std::vector<Step> steps_of(std::span<const Unit> units, const std::vector<std::vector<std::size_t>>& hulls) {
    std::vector<Step> out;
    for (std::size_t u = 0; u < units.size(); ++u) {
        double before = 0.0;
        for (std::size_t k = 1; k < hulls[u].size(); ++k) {
            const Choice& from = units[u].choices[hulls[u][k - 1]];
            const Choice& to = units[u].choices[hulls[u][k]];
            // Slopes of one unit rise but for rounding, and its steps must stay in their order.
            before = std::max(before, (to.loss - from.loss) / (from.cost - to.cost));
            out.push_back({before, u, k});
        }
    }
    std::stable_sort(out.begin(), out.end(), [](const Step& a, const Step& b) { return a.slope < b.slope; });
    return out;
}

// Spends what is left on the choices that save most for what they cost, while any fits.
void spend_rest(std::span<const Unit> units, double budget, Allocation& allocation) {
    while (true) {
        const double left = budget - allocation.cost;
        double best = 0.0;
        std::size_t best_unit = units.size();
        std::size_t best_choice = 0;
        for (std::size_t u = 0; u < units.size(); ++u) {
            const Choice& now = units[u].choices[allocation.chosen[u]];
            for (std::size_t k = 0; k < units[u].choices.size(); ++k) {
                const Choice& other = units[u].choices[k];
                const double more = other.cost - now.cost;
                if (other.loss >= now.loss || more > left) continue;
                const double rate = more > 0.0 ? (now.loss - other.loss) / more : HUGE_VAL;
                if (rate <= best) continue;
                best = rate;
                best_unit = u;
                best_choice = k;
            }
        }
        if (best_unit == units.size()) return;
        const std::size_t before = std::exchange(allocation.chosen[best_unit], best_choice);
        const double cost = total_cost(units, allocation.chosen);
        if (cost > budget) {  // by rounding
            allocation.chosen[best_unit] = before;
            return;
        }
        allocation.cost = cost;
    }
}

}  // namespace

std::vector<std::size_t> hull(std::span<const Choice> choices) {
    std::vector<std::size_t> rising(choices.size());
    std::iota(rising.begin(), rising.end(), std::size_t{0});
    std::stable_sort(rising.begin(), rising.end(), [&](std::size_t a, std::size_t b) {
        if (choices[a].cost != choices[b].cost) return choices[a].cost < choices[b].cost;
        return choices[a].loss < choices[b].loss;
    });
    std::vector<std::size_t> out;
    for (const std::size_t next : rising) {
        const Choice& c = choices[next];
        if (!out.empty() && c.loss >= choices[out.back()].loss) continue;  // dearer and no better
        while (out.size() >= 2) {
            const Choice& a = choices[out[out.size() - 2]];
            const Choice& b = choices[out.back()];
            // b stays where it lies on or below the line from a to c.
            if ((b.loss - a.loss) * (c.cost - a.cost) <= (c.loss - a.loss) * (b.cost - a.cost)) break;
            out.pop_back();
        }
        out.push_back(next);
    }
    std::reverse(out.begin(), out.end());
    return out;
}

Result<Allocation> allocate(std::span<const Unit> units, double budget) {
    if (const auto good = check(units, budget); !good) return tl::unexpected(good.error());
    std::vector<std::vector<std::size_t>> hulls;
    Allocation out;
    std::vector<std::size_t> least;
    for (const Unit& unit : units) {
        hulls.push_back(hull(unit.choices));
        out.chosen.push_back(hulls.back().front());
        least.push_back(hulls.back().back());
    }
    if (const double needed = total_cost(units, least); needed > budget) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("The budget of {:.6g} is below the least that the choices allow, {:.6g}.", budget, needed),
            fmt::format("Ask for at least {:.6g}, or allow smaller choices.", needed));
    }
    out.cost = total_cost(units, out.chosen);
    // The steps in the order of their slopes are what a falling multiplier would go through, one by one.
    for (const Step& step : steps_of(units, hulls)) {
        if (out.cost <= budget) break;
        out.chosen[step.unit] = hulls[step.unit][step.to];
        out.multiplier = step.slope;
        out.cost = total_cost(units, out.chosen);
    }
    spend_rest(units, budget, out);
    for (std::size_t u = 0; u < units.size(); ++u) out.loss += units[u].choices[out.chosen[u]].loss;
    return out;
}

}  // namespace landauer
