// A workload's cost in words.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/predict_workload.h"
#include "cli/table_words.h"
#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

std::string mean_words(const Workload& workload) {
    double n_in = 0.0;
    double n_out = 0.0;
    for (const TokenCounts& request : workload.requests) {
        n_in += request.count * request.n_in;
        n_out += request.count * request.n_out;
    }
    const double n = workload.n_requests();
    return fmt::format("{} request{}, on average {:.0f} tokens in and {:.0f} out", count_text(std::llround(n)),
                       n == 1.0 ? "" : "s", n_in / n, n_out / n);
}

bool any_scored(const WorkloadView& view) {
    return std::any_of(view.models.begin(), view.models.end(),
                       [](const ModelWorkload& model) { return model.accuracy.has_value(); });
}

std::string accuracy_cell(const ModelWorkload& model) {
    return model.accuracy ? quantity_text(*model.accuracy, "points", 3) : "not scored";
}

std::string costs_table(const WorkloadView& view, Look look) {
    TextTable table;
    table.right = {false, false, false, false, true, false};
    table.rows.push_back({"model", "cost", "in all", "a request", "held-out error", "law card"});
    for (const ModelWorkload& model : view.models) {
        for (const WorkloadCost& cost : model.costs) {
            table.rows.push_back({&cost == &model.costs.front() ? clean_text(model.model) : "", cost.name,
                                  quantity_text(cost.total, cost.unit, 3), quantity_text(cost.each, cost.unit, 3),
                                  fmt::format("{:.1f} %", 100.0 * cost.held_out), cost.card});
        }
    }
    return table_text(table, look);
}

std::string times_text(double n) { return std::isfinite(n) ? count_text(std::llround(n)) : "without end"; }

std::string budget_table(const WorkloadView& view, Look look) {
    TextTable table;
    table.right = {false, true, false};
    table.rows.push_back({"model", "requests", "95 % interval"});
    for (const ModelWorkload& model : view.models) {
        if (!model.n_in_budget) {
            table.rows.push_back({clean_text(model.model), "\u2013", "no such cost in its cards"});
            continue;
        }
        const Estimate& n = *model.n_in_budget;
        table.rows.push_back({clean_text(model.model), times_text(n.value),
                              fmt::format("[{}, {}]", times_text(n.ci95.low), times_text(n.ci95.high))});
    }
    if (any_scored(view)) {
        table.right.push_back(false);
        table.rows.front().emplace_back("accuracy");
        for (std::size_t i = 0; i < view.models.size(); ++i) {
            table.rows[i + 1].push_back(accuracy_cell(view.models[i]));
        }
    }
    return table_text(table, look);
}

std::string render(const WorkloadView& view, Look look) {
    std::string out = paragraph(fmt::format("{}: {}.", clean_text(view.source), mean_words(view.workload))) + "\n" +
                      costs_table(view, look);
    if (view.budget) {
        out += fmt::format("\nA budget of {} pays for so many requests like these\n\n", view.budget->text) +
               budget_table(view, look);
    }
    for (const std::string& note : view.notes) {
        out += "\n" + paragraph(note);
    }
    return out;
}

nlohmann::json to_json(const Estimate& e) { return {{"value", e.value}, {"low", e.ci95.low}, {"high", e.ci95.high}}; }

nlohmann::json to_json(const WorkloadCost& cost) {
    return {{"y", cost.name},
            {"unit", cost.unit},
            {"total", to_json(cost.total)},
            {"each", to_json(cost.each)},
            {"held_out_error", cost.held_out},
            {"share_beyond_measured", cost.share_beyond},
            {"card", cost.card}};
}

}  // namespace

std::string workload_text(const WorkloadView& view) { return render(view, Look::text); }

std::string workload_markdown(const WorkloadView& view) { return render(view, Look::markdown); }

std::string workload_json(const WorkloadView& view) {
    nlohmann::json models = nlohmann::json::array();
    for (const ModelWorkload& model : view.models) {
        nlohmann::json one = {{"model", model.model}, {"costs", nlohmann::json::array()}};
        for (const WorkloadCost& cost : model.costs) {
            one["costs"].push_back(to_json(cost));
        }
        if (model.n_in_budget) {
            one["n_in_budget"] = to_json(*model.n_in_budget);
        }
        if (model.accuracy) {
            one["accuracy"] = to_json(*model.accuracy);
        }
        models.push_back(std::move(one));
    }
    nlohmann::json requests = nlohmann::json::array();
    for (const TokenCounts& request : view.workload.requests) {
        requests.push_back({{"n_prompt", request.n_in}, {"n_gen", request.n_out}, {"count", request.count}});
    }
    nlohmann::json out = {{"source", view.source},
                          {"kind", view.workload.kind},
                          {"n_requests", view.workload.n_requests()},
                          {"requests", std::move(requests)},
                          {"n_skipped", view.workload.n_skipped},
                          {"models", std::move(models)},
                          {"notes", view.notes}};
    if (view.budget) {
        out["budget"] = view.budget->text;
    }
    return out.dump(2) + "\n";
}

}  // namespace landauer
