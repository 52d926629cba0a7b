#include "score/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "platform/sha256.h"
#include "platform/text.h"
#include "score/answers.h"
#include "score/run_prompts.h"

namespace landauer {
namespace {

// A run that may be scored, with its questions.
struct Questioned {
    const RunData* data = nullptr;
    std::vector<Prompt> prompts;
};

// Distinct texts, embedded once all together.
class EmbeddedTexts {
   public:
    void want(const std::string& text) {
        if (!trim(text).empty()) {
            places_.try_emplace(text, 0);
        }
    }
    Result<void> embed(Embedder& embedder, const std::function<bool()>& abort) {
        std::vector<std::string> texts;
        for (auto& [text, place] : places_) {
            place = texts.size();
            texts.push_back(text);
        }
        if (texts.empty()) {
            return {};
        }
        auto embeddings = embedder.embed(texts, abort);
        if (!embeddings) {
            return tl::unexpected(embeddings.error());
        }
        embeddings_ = std::move(*embeddings);
        return {};
    }
    [[nodiscard]] const Embedding& of(const std::string& text) const { return embeddings_.at(places_.at(text)); }

   private:
    std::map<std::string, std::size_t> places_;
    std::vector<Embedding> embeddings_;
};

bool is_synthetic(const ModelRecord& model) {
    const auto mark = model.metadata.find("landauer.synthetic");
    return mark != model.metadata.end() && mark->second == "true";
}

Result<std::vector<Questioned>> questioned(std::span<const RunData* const> runs) {
    std::vector<Questioned> all;
    bool any_answer = false;
    for (const RunData* const run : runs) {
        if (is_synthetic(run->run.model)) {
            return fail(ErrorKind::Invalid,
                        fmt::format("Run {} is of synthetic weights, whose answers mean nothing.", run->run.id),
                        "Score runs of real models; the costs of this one are true and stay in every report.");
        }
        auto prompts = prompts_of(run->run);
        if (!prompts) {
            return tl::unexpected(prompts.error());
        }
        all.push_back({run, std::move(*prompts)});
        const std::vector<Prompt>& asked = all.back().prompts;
        any_answer = any_answer || std::any_of(run->trials.begin(), run->trials.end(), [&](const TrialRecord& trial) {
                         return prompt_of(trial, asked) != nullptr;
                     });
    }
    if (!any_answer) {
        return fail(ErrorKind::Invalid, "There is no answer to score in what was named.",
                    "Score runs of prompts or pictures; the grid protocol asks nothing.");
    }
    return all;
}

double similarity_of(const std::string& answer, const std::vector<const Reference*>& references,
                     const EmbeddedTexts& texts, ReferenceRule rule) {
    if (trim(answer).empty()) {
        return 0.0;
    }
    std::vector<double> values;
    values.reserve(references.size());
    for (const Reference* const reference : references) {
        values.push_back(100.0 * cosine(texts.of(answer).values, texts.of(reference->answer).values));
    }
    return rule == ReferenceRule::best
               ? *std::max_element(values.begin(), values.end())
               : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Scores one run; the embeddings, where there are any, are complete.
class RunScorer {
   public:
    RunScorer(const Questioned& run, const References& references, const EmbeddedTexts* texts, ReferenceRule rule)
        : run_(run), references_(references), texts_(texts), rule_(rule) {}

    RunScores scores() {
        for (const TrialRecord& trial : run_.data->trials) {
            if (const Prompt* const prompt = prompt_of(trial, run_.prompts); prompt != nullptr) {
                out_.answers.push_back(score(trial, *prompt));
            }
        }
        out_.run_id = run_.data->run.id;
        out_.n_without_reference = static_cast<int>(without_reference_.size());
        add_caveats();
        return std::move(out_);
    }

   private:
    AnswerScore score(const TrialRecord& trial, const Prompt& prompt) {
        AnswerScore score;
        score.trial_id = trial.id;
        score.prompt_id = trial.prompt_id;
        score.repetition = trial.repetition;
        score.exact_match = exact_match(trial.answer, prompt.expected);
        score.keyword_recall = keyword_recall(trial.answer, prompt.expected);
        score.defect = defect_of(trial.answer, trial.stop);
        const std::vector<const Reference*> references = references_.of(prompt.id);
        if (references.empty()) {
            without_reference_.insert(prompt.id);
            return score;
        }
        note_other_questions(prompt, references);
        if (texts_ != nullptr) {
            score.similarity = similarity_of(trial.answer, references, *texts_, rule_);
            note_left_out(trial.answer, references);
        }
        return score;
    }

    void note_left_out(const std::string& answer, const std::vector<const Reference*>& references) {
        if (!trim(answer).empty() && texts_->of(answer).n_sentences_left_out > 0) {
            cut_answers_.insert(answer);
        }
        for (const Reference* const reference : references) {
            if (texts_->of(reference->answer).n_sentences_left_out > 0) {
                cut_references_.insert(reference->answer);
            }
        }
    }

    void note_other_questions(const Prompt& prompt, const std::vector<const Reference*>& references) {
        for (const Reference* const reference : references) {
            const auto asked = reference->settings.find("question_sha256");
            if (asked != reference->settings.end() && asked->second != sha256_text(prompt.full_text())) {
                other_questions_.insert(prompt.id);
            }
        }
    }

    void add_caveats() {
        if (texts_ == nullptr) {
            out_.caveats.push_back({"no-embedder", Severity::warning, "Similarity was not computed: no embedder.",
                                    "Name an embedding model in GGUF with --embedder."});
        }
        if (!without_reference_.empty()) {
            out_.caveats.push_back(
                {"references-missing", Severity::warning,
                 fmt::format("{} of {} prompts have no reference answer: {}.", without_reference_.size(),
                             run_.prompts.size(), fmt::join(without_reference_, ", ")),
                 "Add answers with these ids to the references file."});
        }
        if (!other_questions_.empty()) {
            out_.caveats.push_back({"references-of-other-questions", Severity::warning,
                                    fmt::format("The references of {} were made for another question or context.",
                                                fmt::join(other_questions_, ", ")),
                                    "Make references for this run's prompts: landauer score --make-references."});
        }
        if (!cut_answers_.empty() || !cut_references_.empty()) {
            out_.caveats.push_back(
                {"sentences-left-out", Severity::note,
                 fmt::format("The embedder's context did not hold the last sentences of {} and {}.",
                             counted(cut_answers_.size(), "answer"), counted(cut_references_.size(), "reference")),
                 "Take an embedder with a longer context, or ask for shorter answers."});
        }
    }

    static std::string counted(std::size_t n, const char* noun) {
        return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
    }

    const Questioned& run_;
    const References& references_;
    const EmbeddedTexts* texts_;
    ReferenceRule rule_;
    RunScores out_;
    std::set<std::string> without_reference_;
    std::set<std::string> other_questions_;
    std::set<std::string> cut_answers_;
    std::set<std::string> cut_references_;
};

// Only what will be compared is embedded.
EmbeddedTexts texts_of(const std::vector<Questioned>& runs, const References& references) {
    EmbeddedTexts texts;
    for (const Questioned& run : runs) {
        for (const TrialRecord& trial : run.data->trials) {
            const Prompt* const prompt = prompt_of(trial, run.prompts);
            const auto against = prompt == nullptr ? std::vector<const Reference*>{} : references.of(prompt->id);
            for (const Reference* const reference : against) {
                texts.want(trial.answer);
                texts.want(reference->answer);
            }
        }
    }
    return texts;
}

}  // namespace

Result<std::vector<RunScores>> score_runs(std::span<const RunData* const> runs, const References& references,
                                          Embedder* embedder, const ScoreOptions& options,
                                          const std::function<bool()>& abort) {
    const auto asked = questioned(runs);
    if (!asked) {
        return tl::unexpected(asked.error());
    }
    EmbeddedTexts texts = texts_of(*asked, references);
    if (embedder != nullptr) {
        if (auto done = texts.embed(*embedder, abort); !done) {
            return tl::unexpected(done.error());
        }
    }
    std::vector<RunScores> all;
    for (const Questioned& run : *asked) {
        RunScores scores = RunScorer(run, references, embedder == nullptr ? nullptr : &texts, options.rule).scores();
        scores.references = references.words();
        scores.references_sha256 = references.sha256;
        if (embedder != nullptr) {
            scores.embedder = embedder->facts().name;
            scores.embedder_sha256 = options.embedder_sha256;
        }
        scores.rule = options.rule == ReferenceRule::best ? "best" : "mean";
        all.push_back(std::move(scores));
    }
    return all;
}

}  // namespace landauer
