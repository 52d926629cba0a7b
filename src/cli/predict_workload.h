// What a stated workload costs by law cards, model by model, and how much of it a budget pays for.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/predict_view.h"
#include "plan/workload.h"

namespace landauer {

// "10Wh", "2kWh", "36kJ", "500J", "30s", "15min", "2h".
struct Budget {
    std::string text;
    std::string metric;  // "wh" or "seconds"
    double amount = 0.0;
};
[[nodiscard]] Result<Budget> parse_budget(std::string_view text);

struct WorkloadRequest {
    std::filesystem::path model;  // whose cards; counts the tokens of prompts too. Empty: every model of the cards
    std::filesystem::path cards;
    std::filesystem::path prompt_file;  // one prompt, as text
    std::filesystem::path prompts;      // JSONL, as bench takes them
    std::filesystem::path workload;     // histogram or log
    std::int64_t n_gen = 0;             // answer of each prompt
    bool chat_template = true;
    std::optional<Budget> budget;
    std::filesystem::path store;  // scored answers of the models; may not exist
    [[nodiscard]] bool given() const { return !prompt_file.empty() || !prompts.empty() || !workload.empty(); }
};

struct WorkloadCost {
    std::string name;  // metric
    std::string unit;
    Estimate total;
    Estimate each;              // mean of a request
    double held_out = 0.0;      // leave-one-out mean absolute error of the law, as a fraction of y
    double share_beyond = 0.0;  // of the requests, longer than what was measured
    std::string card;
};

struct ModelWorkload {
    std::string model;
    std::vector<WorkloadCost> costs;
    std::optional<Estimate> n_in_budget;  // requests like these that the budget pays for
    std::optional<Estimate> accuracy;     // of its latest scored run in the store
};

struct WorkloadView {
    std::string source;  // the file's name
    Workload workload;
    std::optional<Budget> budget;
    std::vector<ModelWorkload> models;  // cheapest first where there is a budget
    std::vector<std::string> notes;
};

// Errors as read_workload(), read_prompts(), read_law_cards(), open_vocabulary(); Invalid: more than one of the three
// files, prompts without a model to count their tokens, a budget in joules where no card has them.
[[nodiscard]] Result<WorkloadView> workload_view(const WorkloadRequest& request);

[[nodiscard]] std::string workload_text(const WorkloadView& view);
[[nodiscard]] std::string workload_markdown(const WorkloadView& view);
[[nodiscard]] std::string workload_json(const WorkloadView& view);

}  // namespace landauer
