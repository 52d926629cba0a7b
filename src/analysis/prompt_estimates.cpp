#include "analysis/prompt_estimates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr std::array<std::string_view, 13> kTotals = {
    "seconds",       "prefill_s", "decode_s",     "cpu_s",         "cpu_auc_pct_s", "cpu_auc_error_pct_s",
    "ram_auc_gib_s", "energy_j",  "net_energy_j", "prefill_net_j", "decode_net_j",  "wh",
    "tokens"};
// Resampled trials of one analysis: more trials get fewer replicates, never less than the second.
constexpr double kBootstrapTrials = 1e7;
constexpr int kFewestReplicates = 200;

bool is_total(std::string_view metric) { return std::find(kTotals.begin(), kTotals.end(), metric) != kTotals.end(); }

Estimate widened(Estimate e, double half) {
    e.ci95.low = e.value - std::hypot(e.value - e.ci95.low, half);
    e.ci95.high = e.value + std::hypot(e.ci95.high - e.value, half);
    return e;
}

// Sums over prompts while they go by.
struct Total {
    double value = 0.0;
    ErrorParts errors;
    int n_prompts = 0;
    std::vector<double> deviations;  // of bootstrap replicates from the value
    double variance = 0.0;           // of the sum of means, and
    double welch = 0.0;              // its Welch-Satterthwaite denominator

    void add(double mean_value, const ErrorParts& error, std::size_t n, double sd, std::span<const double> replicates) {
        value += mean_value;
        errors = added(std::move(errors), error);
        ++n_prompts;
        if (n < 2) {
            return;
        }
        const auto cases = static_cast<double>(n);
        const double stretch = std::sqrt(cases / (cases - 1.0));
        deviations.resize(replicates.size(), 0.0);
        for (std::size_t r = 0; r < replicates.size(); ++r) {
            deviations[r] += stretch * (replicates[r] - mean_value);
        }
        const double part = sd * sd / cases;
        variance += part;
        welch += part * part / (cases - 1.0);
    }
    [[nodiscard]] Estimate estimate() {
        const double df = welch > 0.0 ? variance * variance / welch : 0.0;
        const Interval spread = expanded_percentile(deviations, 0.0, df, df);
        return widened({value, {value + spread.low, value + spread.high}}, errors.half_width());
    }
};

using Totals = std::map<std::string, Total>;
using Members = std::vector<const TrialNet*>;

// Metrics that the same members have, so that one set of draws serves them all.
std::map<Members, std::vector<std::string>> by_presence(const Members& members) {
    std::map<std::string, Members> holders;
    for (const TrialNet* net : members) {
        for (const auto& [metric, value] : net->figures) {
            holders[metric].push_back(net);
        }
    }
    std::map<Members, std::vector<std::string>> out;
    for (auto& [metric, who] : holders) {
        out[who].push_back(metric);
    }
    return out;
}

// Of the members' mean. Between repetitions each one's own error shows in their spread already.
ErrorParts mean_errors(const Members& members, const std::string& metric) {
    ErrorParts sum;
    for (const TrialNet* net : members) {
        if (const auto found = net->errors.find(metric); found != net->errors.end()) {
            sum = added(std::move(sum), found->second);
        }
    }
    if (members.size() > 1) {
        sum.own = 0.0;
        sum.linked.clear();
    }
    return scaled(std::move(sum), 1.0 / static_cast<double>(members.size()));
}

struct Draws {
    int replicates = 0;
    std::mt19937_64 random;
};

void estimate_metrics(const Members& members, const std::vector<std::string>& metrics, Draws& draws,
                      PromptFigures& prompt, Totals& totals) {
    std::vector<std::vector<double>> columns;
    for (const std::string& metric : metrics) {
        std::vector<double>& column = columns.emplace_back();
        std::transform(members.begin(), members.end(), std::back_inserter(column),
                       [&](const TrialNet* net) { return net->figures.at(metric); });
    }
    const std::size_t n = members.size();
    std::vector<std::vector<double>> replicates(metrics.size());
    if (n > 1) {
        replicates = resampled_means(columns, draws.replicates, draws.random);
    }
    for (std::size_t m = 0; m < metrics.size(); ++m) {
        const double value = mean(columns[m]);
        const ErrorParts errors = mean_errors(members, metrics[m]);
        const double sd = sample_sd(columns[m]);
        if (is_total(metrics[m])) {
            totals[metrics[m]].add(value, errors, n, sd, replicates[m]);
        }
        const auto cases = static_cast<double>(n);
        prompt.figures[metrics[m]] =
            widened({value, expanded_percentile(replicates[m], value, cases, cases - 1)}, errors.half_width());
        if (n > 1) {
            prompt.sd[metrics[m]] = sd;
        }
    }
}

struct Group {
    std::vector<const TrialRecord*> records;  // valid ones; spoiled ones when there are no others
    Members valid;
    int n_spoiled = 0;
};

std::int64_t median_of(const Group& group, std::int64_t TrialRecord::* field) {
    std::vector<double> values;
    values.reserve(group.records.size());
    for (const TrialRecord* record : group.records) {
        values.push_back(static_cast<double>(record->*field));
    }
    return std::llround(median(values));
}

PromptFigures describe(const std::string& id, const Group& group) {
    PromptFigures out;
    out.prompt_id = id;
    out.n_prompt = median_of(group, &TrialRecord::n_prompt);
    out.n_gen = median_of(group, &TrialRecord::n_gen);
    out.n_depth = median_of(group, &TrialRecord::n_depth);
    out.n_reused = median_of(group, &TrialRecord::n_reused);
    out.image = group.records.front()->image;
    out.n_valid = static_cast<int>(group.valid.size());
    out.n_spoiled = group.n_spoiled;
    return out;
}

std::map<std::string, Group> group_by_prompt(const RunData& data, std::span<const TrialNet> nets) {
    std::map<std::string, Group> groups;
    for (const TrialNet& net : nets) {
        Group& group = groups[data.trials[net.index].prompt_id];
        group.valid.push_back(&net);
        group.records.push_back(&data.trials[net.index]);
    }
    for (const TrialRecord& trial : data.trials) {
        if (trial.grade == Grade::C) {
            Group& group = groups[trial.prompt_id];
            ++group.n_spoiled;
            if (group.valid.empty()) {
                group.records.push_back(&trial);
            }
        }
    }
    return groups;
}

// Place of each prompt in the run's prompts file.
std::map<std::string, std::size_t> ladder_places(const std::string& prompts_jsonl) {
    std::map<std::string, std::size_t> out;
    std::istringstream lines(prompts_jsonl);
    for (std::string line; std::getline(lines, line);) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.is_object() && json.contains("id") && json["id"].is_string()) {
            out.emplace(json["id"].get<std::string>(), out.size());
        }
    }
    return out;
}

void sort_by_ladder(std::vector<PromptFigures>& prompts, const std::string& prompts_jsonl) {
    const auto places = ladder_places(prompts_jsonl);
    const auto key = [&](const PromptFigures& p) {
        const auto found = places.find(p.prompt_id);
        const std::size_t place = found == places.end() ? places.size() : found->second;
        const std::int64_t pixels = ImageSize{p.image.width, p.image.height}.pixels();
        return std::tuple(place, p.n_depth, pixels, p.n_prompt, p.n_gen, p.prompt_id);
    };
    std::sort(prompts.begin(), prompts.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

void add_caveats(PromptEstimates& out) {
    std::string missing;
    int n_missing = 0;
    int n_single = 0;
    for (const PromptFigures& prompt : out.prompts) {
        n_single += prompt.n_valid == 1 ? 1 : 0;
        if (prompt.n_valid == 0) {
            missing += (missing.empty() ? "" : ", ") + prompt.prompt_id;
            ++n_missing;
        }
    }
    if (n_missing > 0) {
        out.caveats.push_back({"prompts-missing", Severity::spoiled,
                               fmt::format("{} of {} prompts have no valid trial and are in no total: {}.", n_missing,
                                           out.prompts.size(), missing),
                               "Run the same command again on a quiet machine: only what is missing is measured."});
    }
    if (n_single > 0) {
        out.caveats.push_back(
            {"one-repetition", Severity::note,
             fmt::format("{} of {} prompts have one valid trial, so their own spread is not known and not in "
                         "their intervals.",
                         n_single, out.prompts.size()),
             "Repeat each prompt, for example with -r 3."});
    }
}

}  // namespace

PromptEstimates estimate_prompts(const RunData& data, std::span<const TrialNet> nets, const AnalysisOptions& options) {
    PromptEstimates out;
    Totals totals;
    const double affordable = kBootstrapTrials / static_cast<double>(std::max<std::size_t>(1, nets.size()));
    Draws draws;
    draws.replicates = std::min(options.bootstrap, std::max(kFewestReplicates, static_cast<int>(affordable)));
    std::uint32_t number = 0;
    int n_estimated = 0;
    for (const auto& [id, group] : group_by_prompt(data, nets)) {
        PromptFigures prompt = describe(id, group);
        draws.random = random_stream(options.seed, 2, number++);
        for (const auto& [members, metrics] : by_presence(group.valid)) {
            estimate_metrics(members, metrics, draws, prompt, totals);
        }
        n_estimated += prompt.n_valid > 0 ? 1 : 0;
        out.prompts.push_back(std::move(prompt));
    }
    for (auto& [metric, total] : totals) {
        if (total.n_prompts == n_estimated) {
            out.totals[metric] = total.estimate();
        }
    }
    sort_by_ladder(out.prompts, data.run.prompts_json);
    add_caveats(out);
    return out;
}

}  // namespace landauer
