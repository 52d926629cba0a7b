#include "cli/predict_workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "analysis/compare/accuracy.h"
#include "core/utf8.h"
#include "engine/engine.h"
#include "gguf/summary.h"
#include "plan/plan.h"
#include "platform/files.h"
#include "store/store.h"

namespace landauer {
namespace {

constexpr std::array kShown = {"seconds", "cpu_s", "ram_auc_gib_s", "net_energy_j"};
constexpr double kJoulesPerWh = 3600.0;

struct Unit {
    std::string_view name;
    std::string_view metric;
    double factor;
};
constexpr std::array kUnits = {Unit{"kWh", "wh", 1000.0},
                               Unit{"Wh", "wh", 1.0},
                               Unit{"mWh", "wh", 1e-3},
                               Unit{"kJ", "wh", 1000.0 / kJoulesPerWh},
                               Unit{"J", "wh", 1.0 / kJoulesPerWh},
                               Unit{"h", "seconds", 3600.0},
                               Unit{"min", "seconds", 60.0},
                               Unit{"s", "seconds", 1.0}};

Result<std::string> prompt_text(const std::filesystem::path& file) {
    auto text = read_text(file);
    if (!text) {
        return fail(ErrorKind::Invalid, text.error().sentence, text.error().remedy);
    }
    if (text->find_first_not_of(" \t\r\n") == std::string::npos || !is_valid_utf8(*text)) {
        return fail(ErrorKind::Invalid, fmt::format("{} holds no UTF-8 text.", file.string()),
                    "Give a prompt as a text file in UTF-8.");
    }
    return text;
}

Result<std::vector<Prompt>> prompts_of(const WorkloadRequest& request) {
    if (!request.prompts.empty()) {
        return read_prompts(request.prompts);
    }
    auto text = prompt_text(request.prompt_file);
    if (!text) {
        return tl::unexpected(text.error());
    }
    return std::vector<Prompt>{{"prompt", std::move(*text), "", ""}};
}

// Prompts as counts of tokens, by the model's own vocabulary.
Result<Workload> counted(const WorkloadRequest& request) {
    if (request.model.empty()) {
        return fail(ErrorKind::Invalid, "How many tokens a prompt has depends on the model, and none was given.",
                    "Name it with -m MODEL.gguf; only its vocabulary is read.");
    }
    const auto prompts = prompts_of(request);
    if (!prompts) {
        return tl::unexpected(prompts.error());
    }
    auto engine = open_vocabulary(request.model);
    if (!engine) {
        return tl::unexpected(engine.error());
    }
    Workload out;
    out.kind = "prompts";
    for (const Prompt& prompt : *prompts) {
        TrialRequest trial;
        trial.text = prompt.full_text();
        trial.chat_template = request.chat_template;
        const auto tokens = (*engine)->tokenize(trial);
        if (!tokens) {
            return tl::unexpected(tokens.error());
        }
        out.requests.push_back({static_cast<double>(tokens->size()), static_cast<double>(request.n_gen), 1.0});
    }
    return out;
}

Result<Workload> workload_of(const WorkloadRequest& request) {
    const int given = static_cast<int>(!request.prompt_file.empty()) + static_cast<int>(!request.prompts.empty()) +
                      static_cast<int>(!request.workload.empty());
    if (given != 1) {
        return fail(ErrorKind::Invalid, "--prompt-file, --prompts and --workload each state the whole workload.",
                    "Give one of them.");
    }
    return request.workload.empty() ? counted(request) : read_workload(request.workload);
}

Estimate scaled(const Estimate& e, double factor) {
    return {e.value * factor, {e.ci95.low * factor, e.ci95.high * factor}};
}

WorkloadCost cost_of(const LawCards& cards, const NamedCard& named, const Workload& workload) {
    WorkloadCost out;
    out.name = named.card.y;
    out.unit = named.card.y_unit;
    out.total = cards.total_of(named.card, workload.requests);
    out.each = scaled(out.total, 1.0 / workload.n_requests());
    out.held_out = named.card.loo_mape;
    out.card = named.file;
    double beyond = 0.0;
    for (const TokenCounts& request : workload.requests) {
        beyond += request.n_in > named.card.x_max ? request.count : 0.0;
    }
    out.share_beyond = beyond / workload.n_requests();
    return out;
}

WorkloadCost in_wh(WorkloadCost joules) {
    joules.name = "wh";
    joules.unit = "Wh";
    joules.total = scaled(joules.total, 1.0 / kJoulesPerWh);
    joules.each = scaled(joules.each, 1.0 / kJoulesPerWh);
    return joules;
}

// How often one request's cost fits; without a lower bound above 0 there is no upper one.
Estimate fits(const Estimate& each, double amount) {
    const auto times = [&](double cost) { return cost > 0.0 ? amount / cost : HUGE_VAL; };
    return {times(each.value), {times(each.ci95.high), times(each.ci95.low)}};
}

ModelWorkload of_model(const std::string& model, const LawCards& cards, const Workload& workload) {
    ModelWorkload out;
    out.model = model;
    for (const char* y : kShown) {
        if (const auto found = cards.text.find(y); found != cards.text.end()) {
            out.costs.push_back(cost_of(cards, found->second, workload));
            if (out.costs.back().name == "net_energy_j") {
                out.costs.push_back(in_wh(out.costs.back()));
            }
        }
    }
    return out;
}

const WorkloadCost* find_cost(const ModelWorkload& model, std::string_view name) {
    const auto found = std::find_if(model.costs.begin(), model.costs.end(),
                                    [&](const WorkloadCost& cost) { return cost.name == name; });
    return found == model.costs.end() ? nullptr : &*found;
}

Result<void> spend(const Budget& budget, WorkloadView& view) {
    bool any = false;
    for (ModelWorkload& model : view.models) {
        if (const WorkloadCost* const cost = find_cost(model, budget.metric)) {
            model.n_in_budget = fits(cost->each, budget.amount);
            any = true;
        }
    }
    if (!any) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A budget of {} cannot be held against cards that state no {}.", budget.text,
                                budget.metric == "wh" ? "joules" : "seconds"),
                    "Measure with an energy meter (landauer meters), or give the budget as a time, such as 2h.");
    }
    std::stable_sort(view.models.begin(), view.models.end(), [](const ModelWorkload& a, const ModelWorkload& b) {
        return a.n_in_budget.value_or(Estimate{}).value > b.n_in_budget.value_or(Estimate{}).value;
    });
    return {};
}

Result<std::vector<std::string>> models_of(const WorkloadRequest& request) {
    if (request.model.empty()) {
        return models_with_cards(request.cards);
    }
    auto summary = inspect_gguf(request.model);
    if (!summary) {
        return tl::unexpected(summary.error());
    }
    return std::vector{summary->name};
}

// The newest scores of each model's latest scored run of text prompts. A store that cannot be read says nothing.
void add_accuracy(const std::filesystem::path& file, WorkloadView& view) {
    std::error_code unused;
    if (!std::filesystem::exists(file, unused)) {
        return;
    }
    auto store = Store::open_existing(file);
    const auto runs = store ? store->list_runs() : Result<std::vector<RunSummary>>(tl::unexpected(store.error()));
    if (!runs) {
        view.notes.push_back(runs.error().sentence);
        return;
    }
    for (const RunSummary& summary : *runs) {  // oldest first
        const auto scores = summary.run.settings.contains("image") ? Result<std::vector<RunScores>>()
                                                                   : store->read_scores(summary.run.id);
        if (!scores || scores->empty()) {
            continue;
        }
        for (ModelWorkload& model : view.models) {
            if (model.model == summary.run.model.name) {
                model.accuracy = accuracy_of(scores->front(), {});
            }
        }
    }
}

void add_notes(WorkloadView& view) {
    if (view.workload.n_skipped > 0) {
        view.notes.push_back(fmt::format("{} lines of {} tell no token counts and were passed over.",
                                         view.workload.n_skipped, view.source));
    }
    double worst = 0.0;
    bool has_joules = false;
    for (const ModelWorkload& model : view.models) {
        for (const WorkloadCost& cost : model.costs) {
            worst = std::max(worst, cost.share_beyond);
            has_joules = has_joules || cost.name == "wh";
        }
    }
    if (worst > 0.0) {
        view.notes.push_back(
            fmt::format("{:.0f} % of the requests are longer than anything that was measured: there the "
                        "law is extrapolated, and its interval does not know whether it still holds.",
                        100.0 * worst));
    }
    if (!has_joules) {
        view.notes.emplace_back("No joules: the cards were measured without an energy meter (landauer meters).");
    }
}

}  // namespace

Result<Budget> parse_budget(std::string_view text) {
    double amount = 0.0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, amount);
    std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    const auto* const known =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& one) { return one.name == unit; });
    if (problem != std::errc() || known == kUnits.end() || !(amount > 0.0) || !std::isfinite(amount)) {
        return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no budget.", text),
                    "Give an energy or a time: 10Wh, 36kJ, 2h, 15min, 30s.");
    }
    return Budget{std::string(text), std::string(known->metric), amount * known->factor};
}

Result<WorkloadView> workload_view(const WorkloadRequest& request) {
    if (request.cards.empty()) {
        return fail(ErrorKind::Invalid, "A workload's cost comes from law cards, and no folder of them was given.",
                    "Measure once, then use the cards: landauer bench -m MODEL, landauer laws --cards DIR, then "
                    "predict --cards DIR.");
    }
    WorkloadView view;
    auto workload = workload_of(request);
    if (!workload) {
        return tl::unexpected(workload.error());
    }
    view.workload = std::move(*workload);
    for (const auto& file : {request.prompt_file, request.prompts, request.workload}) {
        view.source += file.filename().string();
    }
    const auto models = models_of(request);
    if (!models) {
        return tl::unexpected(models.error());
    }
    for (const std::string& model : *models) {
        auto cards = read_law_cards(request.cards, model);
        if (!cards) {
            return tl::unexpected(cards.error());
        }
        if (!cards->text.empty()) {
            if (const std::string note = cards->answers_note(view.workload.requests);
                !note.empty() && std::find(view.notes.begin(), view.notes.end(), note) == view.notes.end()) {
                view.notes.push_back(note);
            }
            view.models.push_back(of_model(model, *cards, view.workload));
        }
    }
    if (view.models.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("{} holds no law card of text prompts.", request.cards.string()),
                    "Measure a ladder of prompts with landauer bench, then: landauer laws --cards DIR");
    }
    if (request.budget) {
        view.budget = request.budget;
        if (auto spent = spend(*request.budget, view); !spent) {
            return tl::unexpected(spent.error());
        }
    }
    add_accuracy(request.store, view);
    add_notes(view);
    return view;
}

}  // namespace landauer
