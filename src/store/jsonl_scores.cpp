#include "store/jsonl_scores.h"

#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "store/caveat_json.h"

namespace landauer::jsonl {
namespace {

Json estimate_json(const Estimate& estimate) {
    return {number(estimate.value), number(estimate.ci95.low), number(estimate.ci95.high)};
}

Estimate estimate_of(const Json& json) {
    if (json.size() != 3) {
        throw std::invalid_argument("an estimate is a value and its two bounds");
    }
    return {number(json.at(0)), {number(json.at(1)), number(json.at(2))}};
}

void add_if_any(Json& into, const char* key, const std::optional<double>& value) {
    if (value) {
        into[key] = number(*value);
    }
}

void add_if_any(Json& into, const char* key, const std::optional<Estimate>& value) {
    if (value) {
        into[key] = estimate_json(*value);
    }
}

std::optional<double> number_if_any(const Json& json, const char* key) {
    return json.contains(key) ? std::optional(number(json.at(key))) : std::nullopt;
}

std::optional<Estimate> estimate_if_any(const Json& json, const char* key) {
    return json.contains(key) ? std::optional(estimate_of(json.at(key))) : std::nullopt;
}

}  // namespace

Json scores_json(const RunScores& scores, const std::vector<TrialRecord>& trials) {
    std::unordered_map<std::int64_t, std::size_t> places;
    for (std::size_t i = 0; i < trials.size(); ++i) {
        places.emplace(trials[i].id, i);
    }
    Json answers = Json::array();
    for (const AnswerScore& score : scores.answers) {
        Json answer = {{"trial", places.at(score.trial_id)}, {"similarity", number(score.similarity)}};
        add_if_any(answer, "exact_match", score.exact_match);
        add_if_any(answer, "keyword_recall", score.keyword_recall);
        if (!score.defect.empty()) {
            answer["defect"] = score.defect;
        }
        answers.push_back(std::move(answer));
    }
    return {{"type", "scores"},
            {"references", scores.references},
            {"references_sha256", scores.references_sha256},
            {"embedder", scores.embedder},
            {"embedder_sha256", scores.embedder_sha256},
            {"rule", scores.rule},
            {"n_without_reference", scores.n_without_reference},
            {"caveats", caveats_json(scores.caveats)},
            {"answers", std::move(answers)}};
}

RunScores scores_of(const Json& json, const std::vector<TrialRecord>& trials) {
    RunScores scores;
    json.at("references").get_to(scores.references);
    json.at("references_sha256").get_to(scores.references_sha256);
    json.at("embedder").get_to(scores.embedder);
    json.at("embedder_sha256").get_to(scores.embedder_sha256);
    json.at("rule").get_to(scores.rule);
    json.at("n_without_reference").get_to(scores.n_without_reference);
    scores.caveats = caveats_of(json.at("caveats"));
    for (const Json& item : json.at("answers")) {
        const auto place = item.at("trial").get<std::size_t>();
        if (place >= trials.size()) {
            throw std::invalid_argument("it scores a trial that has no line");
        }
        const TrialRecord& trial = trials[place];
        scores.answers.push_back({trial.id, trial.prompt_id, trial.repetition, number(item.at("similarity")),
                                  number_if_any(item, "exact_match"), number_if_any(item, "keyword_recall"),
                                  item.value("defect", std::string())});
    }
    return scores;
}

Json text_score_json(const TextScore& score) {
    Json json = {
        {"type", "text_score"}, {"base_sha256", score.base_sha256}, {"text_sha256", score.text_sha256},
        {"n_ctx", score.n_ctx}, {"n_tokens", score.n_tokens},       {"perplexity", estimate_json(score.perplexity)}};
    add_if_any(json, "ln_ppl_ratio", score.ln_ppl_ratio);
    add_if_any(json, "kl_mean", score.kl_mean);
    add_if_any(json, "kl_p99", score.kl_p99);
    add_if_any(json, "same_top", score.same_top);
    return json;
}

TextScore text_score_of(const Json& json, const std::string& model_sha256) {
    TextScore score;
    score.model_sha256 = model_sha256;
    json.at("base_sha256").get_to(score.base_sha256);
    json.at("text_sha256").get_to(score.text_sha256);
    json.at("n_ctx").get_to(score.n_ctx);
    json.at("n_tokens").get_to(score.n_tokens);
    score.perplexity = estimate_of(json.at("perplexity"));
    score.ln_ppl_ratio = estimate_if_any(json, "ln_ppl_ratio");
    score.kl_mean = estimate_if_any(json, "kl_mean");
    score.kl_p99 = number_if_any(json, "kl_p99");
    score.same_top = estimate_if_any(json, "same_top");
    return score;
}

}  // namespace landauer::jsonl
