// Cost against accuracy of all contenders: who is beaten by nobody.
#pragma once

#include <vector>

#include "analysis/compare/compare.h"

namespace landauer {

// Sets `on_front`: no other point is at least as cheap and at least as accurate, and better in one of them.
void mark_front(std::vector<ParetoPoint>& points);

// The cost that all have: Wh where each has joules, else CPU seconds; else null.
[[nodiscard]] const Metric* pareto_cost(const std::vector<Contender>& contenders);

// One point for each contender that has scores. Over the prompts that all of them have.
[[nodiscard]] std::vector<ParetoPoint> pareto_points(const std::vector<Contender>& contenders, const Metric& cost,
                                                     const CompareOptions& options);

}  // namespace landauer
