#include "cli/score_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDigits = 3;
constexpr std::size_t kPromptsNamed = 8;
constexpr const char* kNone = "\u2013";

std::string title_of(const ScoredRun& run) {
    const RunRecord& record = run.data->run;
    return fmt::format("Run {}: {}{}", record.id, clean_text(record.model.name),
                       record.label.empty() ? "" : " (" + clean_text(record.label) + ")");
}

std::string prompts_words(std::size_t n) { return fmt::format("{} {}", n, n == 1 ? "prompt" : "prompts"); }

// In percent where the figure is a fraction.
std::string mean_text(const ScoreMean& mean, double factor) {
    return estimate_text(scaled(mean.estimate, factor), kDigits);
}

std::string how_words(const RunScores& scores) {
    return fmt::format("cosine x 100 by {}, {} reference", clean_text(scores.embedder),
                       scores.rule == "mean" ? "mean over a prompt's" : "a prompt's best");
}

// "P3, P7 (2), ..." in the order of the trials.
std::string named_prompts(const std::vector<std::string>& prompts) {
    std::vector<std::pair<std::string, int>> counted;
    for (const std::string& prompt : prompts) {
        const auto found =
            std::find_if(counted.begin(), counted.end(), [&](const auto& item) { return item.first == prompt; });
        if (found == counted.end()) {
            counted.emplace_back(prompt, 1);
        } else {
            ++found->second;
        }
    }
    std::vector<std::string> names;
    for (const auto& [prompt, n] : counted) {
        if (names.size() == kPromptsNamed) {
            names.emplace_back("...");
            break;
        }
        names.push_back(n == 1 ? clean_text(prompt) : fmt::format("{} ({})", clean_text(prompt), n));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

struct Line {
    std::string what;
    std::string value;
    std::string remark;
};

std::vector<Line> lines_of(const ScoredRun& run) {
    const RunScores& scores = *run.scores;
    const ScoreSummary summary = summarise(scores);
    std::vector<Line> lines;
    if (summary.similarity) {
        lines.push_back({"accuracy", mean_text(*summary.similarity, 1.0),
                         fmt::format("{}; {}", prompts_words(summary.similarity->n_prompts), how_words(scores))});
    }
    if (summary.exact_match) {
        lines.push_back({"exact match, %", mean_text(*summary.exact_match, 0.01),
                         fmt::format("{} with an expected answer", prompts_words(summary.exact_match->n_prompts))});
    }
    if (summary.keyword_recall) {
        lines.push_back(
            {"keyword recall, %", mean_text(*summary.keyword_recall, 0.01), "of the expected answer's words"});
    }
    for (const auto& [defect, prompts] : summary.defects) {
        lines.push_back(
            {defect, fmt::format("{} of {}", prompts.size(), scores.answers.size()), named_prompts(prompts)});
    }
    if (scores.n_without_reference > 0) {
        lines.push_back({"without a reference", std::to_string(scores.n_without_reference), "prompts, in no accuracy"});
    }
    return lines;
}

std::string number_or_none(double value, double factor) {
    return std::isnan(value) ? kNone : number_text(value / factor, kDigits);
}

std::string number_or_none(const std::optional<double>& value, double factor) {
    return value ? number_or_none(*value, factor) : kNone;
}

using Cells = std::vector<std::string>;

std::vector<Cells> answer_rows(const RunScores& scores) {
    std::vector<Cells> rows = {{"prompt", "repetition", "accuracy", "exact, %", "keywords, %", "defect"}};
    for (const AnswerScore& answer : scores.answers) {
        rows.push_back({clean_text(answer.prompt_id), std::to_string(answer.repetition + 1),
                        number_or_none(answer.similarity, 1.0), number_or_none(answer.exact_match, 0.01),
                        number_or_none(answer.keyword_recall, 0.01), answer.defect});
    }
    return rows;
}

// What a caveat says that the lines do not.
bool is_said_elsewhere(const Caveat& caveat) { return caveat.code == "no-embedder"; }

std::string in_markdown(const Cells& cells) {
    std::string line = "|";
    for (std::string cell : cells) {
        for (std::size_t at = cell.find('|'); at != std::string::npos; at = cell.find('|', at + 2)) {
            cell.insert(at, "\\");
        }
        line += " " + cell + " |";
    }
    return line + "\n";
}

Json number_json(double value) { return std::isnan(value) ? Json() : Json(value); }
Json number_json(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json mean_json(const std::optional<ScoreMean>& mean) {
    if (!mean) {
        return {};
    }
    return {{"value", mean->estimate.value},
            {"ci95", {mean->estimate.ci95.low, mean->estimate.ci95.high}},
            {"n_prompts", mean->n_prompts}};
}

Json answers_json(const RunScores& scores) {
    Json answers = Json::array();
    for (const AnswerScore& answer : scores.answers) {
        answers.push_back({{"prompt_id", answer.prompt_id},
                           {"repetition", answer.repetition},
                           {"similarity", number_json(answer.similarity)},
                           {"exact_match", number_json(answer.exact_match)},
                           {"keyword_recall", number_json(answer.keyword_recall)},
                           {"defect", answer.defect}});
    }
    return answers;
}

Json run_json(const ScoredRun& run) {
    const RunScores& scores = *run.scores;
    const ScoreSummary summary = summarise(scores);
    Json caveats = Json::array();
    for (const Caveat& caveat : scores.caveats) {
        caveats.push_back({{"code", caveat.code}, {"sentence", caveat.sentence}, {"remedy", caveat.remedy}});
    }
    return {{"run_id", scores.run_id},
            {"run_uuid", run.data->run.uuid},
            {"model", run.data->run.model.name},
            {"model_sha256", run.data->run.model.sha256},
            {"references", scores.references},
            {"references_sha256", scores.references_sha256},
            {"embedder", scores.embedder},
            {"embedder_sha256", scores.embedder_sha256},
            {"rule", scores.rule},
            {"similarity", mean_json(summary.similarity)},
            {"exact_match", mean_json(summary.exact_match)},
            {"keyword_recall", mean_json(summary.keyword_recall)},
            {"n_without_reference", scores.n_without_reference},
            {"caveats", caveats},
            {"answers", answers_json(scores)}};
}

}  // namespace

std::string score_table(const std::vector<ScoredRun>& runs, bool per_prompt) {
    std::string out;
    for (const ScoredRun& run : runs) {
        out += (out.empty() ? "" : "\n") +
               fmt::format("{}, against {}\n", title_of(run), clean_text(run.scores->references));
        TextTable table;
        for (const Line& line : lines_of(run)) {
            table.rows.push_back({line.what, line.value, line.remark});
        }
        for (const std::string& line : table.lines(2)) {
            out += line + "\n";
        }
        for (const Caveat& caveat : run.scores->caveats) {
            out +=
                is_said_elsewhere(caveat) ? "" : fmt::format("  ! {} {}\n", clean_text(caveat.sentence), caveat.remedy);
        }
        if (per_prompt) {
            table = {answer_rows(*run.scores), {false, true, true, true, true, false}};
            for (const std::string& line : table.lines(2)) {
                out += line + "\n";
            }
        }
    }
    return out;
}

std::string score_markdown(const std::vector<ScoredRun>& runs, bool per_prompt) {
    std::string out;
    for (const ScoredRun& run : runs) {
        out += (out.empty() ? "" : "\n") +
               fmt::format("**{}**, against {}\n\n", title_of(run), clean_text(run.scores->references));
        out += in_markdown({"score", "value", ""}) + "|---|---:|---|\n";
        for (const Line& line : lines_of(run)) {
            out += in_markdown({line.what, line.value, line.remark});
        }
        for (const Caveat& caveat : run.scores->caveats) {
            out += fmt::format("\n{} {}\n", clean_text(caveat.sentence), caveat.remedy);
        }
        if (per_prompt) {
            const std::vector<Cells> rows = answer_rows(*run.scores);
            out += "\n" + in_markdown(rows.front()) + "|---|---:|---:|---:|---:|---|\n";
            for (std::size_t i = 1; i < rows.size(); ++i) {
                out += in_markdown(rows[i]);
            }
        }
    }
    return out;
}

std::string score_json(const std::vector<ScoredRun>& runs) {
    Json all = Json::array();
    for (const ScoredRun& run : runs) {
        all.push_back(run_json(run));
    }
    return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace landauer
