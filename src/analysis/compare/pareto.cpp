#include "analysis/compare/pareto.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "analysis/compare/accuracy.h"
#include "analysis/compare/costs.h"

namespace landauer {
namespace {

bool has(const RunAnalysis& run, std::string_view metric) {
    return std::any_of(run.prompts.begin(), run.prompts.end(),
                       [&](const PromptFigures& p) { return p.figures.contains(std::string(metric)); });
}

std::vector<std::string> common_prompts(const std::vector<Contender>& contenders) {
    std::vector<std::string> out;
    for (const PromptFigures& prompt : contenders.front().run->prompts) {
        const bool in_all = std::all_of(contenders.begin(), contenders.end(), [&](const Contender& contender) {
            const auto& prompts = contender.run->prompts;
            return std::any_of(prompts.begin(), prompts.end(), [&](const PromptFigures& other) {
                return other.prompt_id == prompt.prompt_id && other.n_valid > 0;
            });
        });
        if (in_all) {
            out.push_back(prompt.prompt_id);
        }
    }
    return out;
}

bool beats(const ParetoPoint& a, const ParetoPoint& b) {
    const bool no_worse = a.cost.value <= b.cost.value && a.accuracy.value >= b.accuracy.value;
    return no_worse && (a.cost.value < b.cost.value || a.accuracy.value > b.accuracy.value);
}

}  // namespace

void mark_front(std::vector<ParetoPoint>& points) {
    for (ParetoPoint& point : points) {
        point.on_front =
            std::none_of(points.begin(), points.end(), [&](const ParetoPoint& other) { return beats(other, point); });
    }
}

const Metric* pareto_cost(const std::vector<Contender>& contenders) {
    for (const std::string_view metric : {"wh", "cpu_s", "seconds"}) {
        if (std::all_of(contenders.begin(), contenders.end(),
                        [&](const Contender& contender) { return has(*contender.run, metric); })) {
            return find_metric(metric);
        }
    }
    return nullptr;
}

std::vector<ParetoPoint> pareto_points(const std::vector<Contender>& contenders, const Metric& cost,
                                       const CompareOptions& options) {
    const std::vector<std::string> prompts = common_prompts(contenders);
    std::vector<ParetoPoint> out;
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        if (contenders[i].scores == nullptr) {
            continue;
        }
        if (const auto accuracy = accuracy_of(*contenders[i].scores, options)) {
            out.push_back({i, level_of(*contenders[i].run, cost.name, prompts), *accuracy, false});
        }
    }
    mark_front(out);
    return out;
}

}  // namespace landauer
