#include <cmath>

#include "analysis/stats.h"
#include "cli/score_view.h"

namespace landauer {
namespace {

constexpr int kReplicates = 10'000;
constexpr std::uint32_t kSeed = 1;

using ByPrompt = std::map<std::string, std::vector<double>>;

std::optional<ScoreMean> mean_over_prompts(const ByPrompt& by_prompt) {
    if (by_prompt.empty()) {
        return std::nullopt;
    }
    std::vector<std::vector<double>> columns(1);
    for (const auto& [prompt, values] : by_prompt) {
        columns.front().push_back(mean(values));
    }
    const double value = mean(columns.front());
    const std::size_t n = columns.front().size();
    ScoreMean out{{value, {value, value}}, n};
    if (n > 1) {
        std::mt19937_64 random = random_stream(kSeed, 0);
        std::vector<double> replicates = std::move(resampled_means(columns, kReplicates, random).front());
        const auto cases = static_cast<double>(n);
        out.estimate.ci95 = expanded_percentile(replicates, value, cases, cases - 1);
    }
    return out;
}

}  // namespace

ScoreSummary summarise(const RunScores& scores) {
    ByPrompt similarity;
    ByPrompt exact;
    ByPrompt keywords;
    ScoreSummary out;
    for (const AnswerScore& answer : scores.answers) {
        if (!std::isnan(answer.similarity)) {
            similarity[answer.prompt_id].push_back(answer.similarity);
        }
        if (answer.exact_match) {
            exact[answer.prompt_id].push_back(*answer.exact_match);
        }
        if (answer.keyword_recall) {
            keywords[answer.prompt_id].push_back(*answer.keyword_recall);
        }
        if (!answer.defect.empty()) {
            out.defects[answer.defect].push_back(answer.prompt_id);
        }
    }
    out.similarity = mean_over_prompts(similarity);
    out.exact_match = mean_over_prompts(exact);
    out.keyword_recall = mean_over_prompts(keywords);
    return out;
}

}  // namespace landauer
