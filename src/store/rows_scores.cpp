#include <fmt/format.h>

#include <optional>
#include <unordered_map>

#include "store/caveat_json.h"
#include "store/impl.h"

namespace landauer::rows {
namespace {

using Json = nlohmann::json;

constexpr const char* kFindSet =
    "SELECT id FROM score_set WHERE run_id = ? AND references_sha256 = ? AND embedder_sha256 = ? AND rule = ?";

constexpr const char* kTextScore =
    "SELECT model_sha256, base_sha256, text_sha256, n_ctx, n_tokens, perplexity, perplexity_low, perplexity_high, "
    "ln_ppl_ratio, ln_ppl_ratio_low, ln_ppl_ratio_high, kl_mean, kl_mean_low, kl_mean_high, kl_p99, same_top, "
    "same_top_low, same_top_high FROM text_score WHERE ";

std::optional<std::int64_t> find_set(SQLite::Database& db, const RunScores& scores) {
    SQLite::Statement find(db, kFindSet);
    return bind_all(find, scores.run_id, scores.references_sha256, scores.embedder_sha256, scores.rule).executeStep()
               ? std::optional(integer(find, 0))
               : std::nullopt;
}

void require_trials_of_the_run(SQLite::Database& db, const RunScores& scores) {
    SQLite::Statement find(db, "SELECT 1 FROM trial WHERE id = ? AND run_id = ?");
    for (const AnswerScore& answer : scores.answers) {
        if (!bind_all(find, answer.trial_id, scores.run_id).executeStep()) {
            throw StoreFailure{
                Error{ErrorKind::Invalid,
                      fmt::format("Trial {} to keep a score of is none of run {}.", answer.trial_id, scores.run_id),
                      "Score the run as this store holds it; it may have been deleted meanwhile."}};
        }
    }
}

std::unordered_map<std::int64_t, std::size_t> read_sets(SQLite::Database& db, std::int64_t run_id,
                                                        std::vector<RunScores>& sets) {
    std::unordered_map<std::int64_t, std::size_t> index;
    SQLite::Statement rows(db,
                           "SELECT id, reference_words, references_sha256, embedder, embedder_sha256, rule, "
                           "n_without_reference, caveats_json FROM score_set WHERE run_id = ? ORDER BY id DESC");
    for (bind_all(rows, run_id); rows.executeStep();) {
        index.emplace(integer(rows, 0), sets.size());
        RunScores& set = sets.emplace_back();
        set.run_id = run_id;
        set.references = text(rows, 1);
        set.references_sha256 = text(rows, 2);
        set.embedder = text(rows, 3);
        set.embedder_sha256 = text(rows, 4);
        set.rule = text(rows, 5);
        set.n_without_reference = rows.getColumn(6).getInt();
        set.caveats = caveats_of(Json::parse(text(rows, 7)));
    }
    return index;
}

std::optional<Estimate> estimate_at(const SQLite::Statement& row, int column) {
    const auto value = optional_real(row, column);
    return value ? std::optional(Estimate{*value, {real(row, column + 1), real(row, column + 2)}}) : std::nullopt;
}

TextScore text_score_of(const SQLite::Statement& row) {
    TextScore score;
    score.model_sha256 = text(row, 0);
    score.base_sha256 = text(row, 1);
    score.text_sha256 = text(row, 2);
    score.n_ctx = row.getColumn(3).getInt();
    score.n_tokens = integer(row, 4);
    score.perplexity = {real(row, 5), {real(row, 6), real(row, 7)}};
    score.ln_ppl_ratio = estimate_at(row, 8);
    score.kl_mean = estimate_at(row, 11);
    score.kl_p99 = optional_real(row, 14);
    score.same_top = estimate_at(row, 15);
    return score;
}

struct Columns {
    std::optional<double> value;
    std::optional<double> low;
    std::optional<double> high;
};

Columns columns_of(const std::optional<Estimate>& estimate) {
    return estimate ? Columns{estimate->value, estimate->ci95.low, estimate->ci95.high} : Columns{};
}

}  // namespace

bool has_scores(SQLite::Database& db, const RunScores& scores) { return find_set(db, scores).has_value(); }

void scores(SQLite::Database& db, const RunScores& scores) {
    static_cast<void>(read_run_record(db, scores.run_id));  // Absent, if it is
    require_trials_of_the_run(db, scores);
    // A new row and so the newest, also where the same was scored before.
    std::int64_t next = 1;
    {
        SQLite::Statement last(db, "SELECT coalesce(max(id), 0) + 1 FROM score_set");
        last.executeStep();
        next = integer(last, 0);
    }
    if (const auto old = find_set(db, scores); old) {
        SQLite::Statement forget(db, "DELETE FROM score_set WHERE id = ?");
        bind_all(forget, *old).exec();
    }
    SQLite::Statement set(
        db,
        "INSERT INTO score_set (id, run_id, reference_words, references_sha256, embedder, "
        "embedder_sha256, rule, n_without_reference, caveats_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const std::string caveats = caveats_json(scores.caveats).dump(-1, ' ', false, Json::error_handler_t::replace);
    bind_all(set, next, scores.run_id, scores.references, scores.references_sha256, scores.embedder,
             scores.embedder_sha256, scores.rule, scores.n_without_reference, caveats)
        .exec();
    SQLite::Statement row(db,
                          "INSERT INTO score (set_id, trial_id, similarity, exact_match, keyword_recall, defect) "
                          "VALUES (?, ?, ?, ?, ?, ?)");
    for (const AnswerScore& answer : scores.answers) {
        bind_all(row, next, answer.trial_id, answer.similarity, answer.exact_match, answer.keyword_recall,
                 answer.defect)
            .exec();
    }
}

std::vector<RunScores> read_scores(SQLite::Database& db, std::int64_t run_id) {
    std::vector<RunScores> sets;
    const auto index = read_sets(db, run_id, sets);
    SQLite::Statement rows(
        db,
        "SELECT set_id, trial_id, prompt_id, repetition, similarity, exact_match, keyword_recall, defect FROM score "
        "JOIN score_set ON score_set.id = set_id JOIN trial ON trial.id = trial_id JOIN session ON session.id = "
        "session_id WHERE score_set.run_id = ? ORDER BY started_utc, session_id, begin_ns, trial.id");
    for (bind_all(rows, run_id); rows.executeStep();) {
        sets[index.at(integer(rows, 0))].answers.push_back({integer(rows, 1), text(rows, 2), rows.getColumn(3).getInt(),
                                                            real(rows, 4), optional_real(rows, 5),
                                                            optional_real(rows, 6), text(rows, 7)});
    }
    return sets;
}

void text_score(SQLite::Database& db, const TextScore& score) {
    const Columns ratio = columns_of(score.ln_ppl_ratio);
    const Columns kl = columns_of(score.kl_mean);
    const Columns top = columns_of(score.same_top);
    SQLite::Statement row(
        db, "INSERT OR REPLACE INTO text_score VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_all(row, score.model_sha256, score.base_sha256, score.text_sha256, score.n_ctx, score.n_tokens,
             score.perplexity.value, score.perplexity.ci95.low, score.perplexity.ci95.high, ratio.value, ratio.low,
             ratio.high, kl.value, kl.low, kl.high, score.kl_p99, top.value, top.low, top.high)
        .exec();
}

std::vector<TextScore> read_text_scores(SQLite::Database& db, const std::string& model_sha256) {
    std::vector<TextScore> found;
    if (model_sha256.empty()) {
        return found;  // of a model that was never hashed
    }
    SQLite::Statement rows(db, std::string(kTextScore) + "model_sha256 = ? ORDER BY base_sha256, text_sha256, n_ctx");
    for (bind_all(rows, model_sha256); rows.executeStep();) {
        found.push_back(text_score_of(rows));
    }
    return found;
}

}  // namespace landauer::rows

namespace landauer {

Result<void> Store::put_scores(const RunScores& scores) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        rows::scores(impl_->db, scores);
        transaction.commit();
    });
}

Result<std::vector<RunScores>> Store::read_scores(std::int64_t run_id) {
    return impl_->guarded([&] {
        ReadTransaction snapshot(impl_->db);
        static_cast<void>(rows::read_run_record(impl_->db, run_id));  // Absent, if it is
        return rows::read_scores(impl_->db, run_id);
    });
}

Result<void> Store::put_text_score(const TextScore& score) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        rows::text_score(impl_->db, score);
        transaction.commit();
    });
}

Result<std::optional<TextScore>> Store::find_text_score(const std::string& model_sha256, const std::string& base_sha256,
                                                        const std::string& text_sha256, std::int32_t n_ctx) {
    return impl_->guarded([&]() -> std::optional<TextScore> {
        for (TextScore& score : rows::read_text_scores(impl_->db, model_sha256)) {
            if (score.base_sha256 == base_sha256 && score.text_sha256 == text_sha256 && score.n_ctx == n_ctx) {
                return std::move(score);
            }
        }
        return std::nullopt;
    });
}

}  // namespace landauer
