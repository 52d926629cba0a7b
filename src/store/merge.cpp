#include <algorithm>
#include <map>
#include <ranges>
#include <tuple>
#include <unordered_map>

#include "store/impl.h"

namespace landauer {
namespace {

std::size_t values_in(const Trace& trace) {
    std::size_t n = 0;
    for (const Series& series : trace.series) {
        n += series.size();
    }
    return n;
}

std::optional<std::int64_t> row_by_uuid(SQLite::Database& db, const char* sql, const std::string& uuid) {
    SQLite::Statement find(db, sql);
    return bind_all(find, uuid).executeStep() ? std::optional(integer(find, 0)) : std::nullopt;
}

// Adds samples that this store's copy of the session lacks; true if there were any.
bool add_missing_samples(SQLite::Database& db, std::int64_t session_id, const Trace& trace) {
    Trace joined = rows::read_trace(db, session_id);
    const std::size_t before = values_in(joined);
    joined.merge(trace);
    if (values_in(joined) == before) {
        return false;
    }
    SQLite::Statement forget(db, "DELETE FROM sample WHERE session_id = ?");
    bind_all(forget, session_id).exec();
    rows::samples(db, session_id, joined);
    return true;
}

void add_missing_loads(SQLite::Database& db, std::int64_t session_id, std::int64_t run_id,
                       const std::vector<PhaseRecord>& loads) {
    SQLite::Statement find(db,
                           "SELECT 1 FROM phase WHERE session_id = ? AND run_id = ? AND begin_ns = ? AND end_ns = ?");
    for (const PhaseRecord& load : loads) {
        if (!bind_all(find, session_id, run_id, load.begin_ns, load.end_ns).executeStep()) {
            rows::load(db, session_id, run_id, load);
        }
    }
}

// This store's id of the session, added or completed; `grew` says whether it had less.
std::int64_t add_session(SQLite::Database& db, const SessionData& data, bool& grew) {
    const auto found = row_by_uuid(db, "SELECT id FROM session WHERE uuid = ?", data.session.uuid);
    if (!found) {
        const std::int64_t id = rows::session(db, data.session);
        rows::samples(db, id, data.trace);
        grew = true;
        return id;
    }
    // A copy made while the session still ran lacks its end.
    if (!data.session.ended_utc.empty() &&
        row_by_uuid(db, "SELECT id FROM session WHERE uuid = ? AND ended_utc = ''", data.session.uuid)) {
        SessionRecord later = data.session;
        later.id = *found;
        rows::session_late_fields(db, later);
        grew = true;
    }
    grew = add_missing_samples(db, *found, data.trace) || grew;
    return *found;
}

using TrialIdentity = std::tuple<std::int64_t, std::string, int, std::int64_t>;
using TrialIds = std::unordered_map<std::int64_t, std::int64_t>;  // of the run to add, in this store

std::map<TrialIdentity, std::int64_t> trials_here(SQLite::Database& db, std::int64_t run_id) {
    std::map<TrialIdentity, std::int64_t> ids;
    SQLite::Statement rows(db, "SELECT session_id, key, attempt, begin_ns, id FROM trial WHERE run_id = ?");
    for (bind_all(rows, run_id); rows.executeStep();) {
        ids.emplace(TrialIdentity(integer(rows, 0), text(rows, 1), rows.getColumn(2).getInt(), integer(rows, 3)),
                    integer(rows, 4));
    }
    return ids;
}

// Sets that this store lacks, the oldest first, so that the newest stays the newest; true if there were any.
bool add_missing_scores(SQLite::Database& db, std::int64_t run_id, const std::vector<RunScores>& sets,
                        const TrialIds& trial_ids) {
    bool grew = false;
    for (const RunScores& given : std::ranges::reverse_view(sets)) {
        RunScores set = given;
        set.run_id = run_id;
        if (rows::has_scores(db, set)) {
            continue;
        }
        for (AnswerScore& answer : set.answers) {
            const auto id = trial_ids.find(answer.trial_id);
            if (id == trial_ids.end()) {
                throw StoreFailure{Error{ErrorKind::Invalid,
                                         "A score of the run to add names a trial that is not there.",
                                         "Export the run again from its own store."}};
            }
            answer.trial_id = id->second;
        }
        rows::scores(db, set);
        grew = true;
    }
    return grew;
}

bool add_missing_text_scores(SQLite::Database& db, const std::string& model_sha256,
                             const std::vector<TextScore>& scores) {
    const std::vector<TextScore> here = rows::read_text_scores(db, model_sha256);
    bool grew = false;
    for (const TextScore& score : scores) {
        const bool is_here = std::any_of(here.begin(), here.end(), [&](const TextScore& own) {
            return std::tie(own.base_sha256, own.text_sha256, own.n_ctx) ==
                   std::tie(score.base_sha256, score.text_sha256, score.n_ctx);
        });
        if (!is_here && score.model_sha256 == model_sha256) {
            rows::text_score(db, score);
            grew = true;
        }
    }
    return grew;
}

}  // namespace

Result<Store::MergeReport> Store::add_run_data(const RunData& data) {
    return impl_->guarded([&] {
        SQLite::Database& db = impl_->db;
        if (data.run.uuid.empty() || std::any_of(data.sessions.begin(), data.sessions.end(),
                                                 [](const SessionData& s) { return s.session.uuid.empty(); })) {
            throw StoreFailure{Error{ErrorKind::Invalid, "The run to add carries no identity.",
                                     "Add runs that a landauer store or its JSONL export gave."}};
        }
        WriteTransaction transaction(db);
        const auto found = row_by_uuid(db, "SELECT id FROM run WHERE uuid = ?", data.run.uuid);
        const std::int64_t run_id = found ? *found : rows::run(db, data.run, rows::model(db, data.run.model));
        bool grew = false;
        std::unordered_map<std::int64_t, std::int64_t> session_ids;
        for (const SessionData& session : data.sessions) {
            const std::int64_t id = add_session(db, session, grew);
            session_ids.emplace(session.session.id, id);
            add_missing_loads(db, id, run_id, session.loads);
        }
        MergeReport report;
        std::map<TrialIdentity, std::int64_t> here = trials_here(db, run_id);
        TrialIds trial_ids;
        for (TrialRecord trial : data.trials) {
            const auto session = session_ids.find(trial.session_id);
            if (session == session_ids.end()) {
                throw StoreFailure{Error{ErrorKind::Invalid,
                                         "A trial of the run to add names a session that is not there.",
                                         "Export the run again from its own store."}};
            }
            trial.run_id = run_id;
            trial.session_id = session->second;
            const auto [place, is_new] =
                here.try_emplace(TrialIdentity(trial.session_id, trial.key, trial.attempt, trial.begin_ns), 0);
            if (is_new) {
                place->second = rows::trial(db, trial);
                ++report.trials_added;
            }
            trial_ids.emplace(trial.id, place->second);
        }
        grew = add_missing_scores(db, run_id, data.scores, trial_ids) || grew;
        grew = add_missing_text_scores(db, data.run.model.sha256, data.text_scores) || grew;
        transaction.commit();
        if (!found) {
            report.runs_added = 1;
        } else if (report.trials_added > 0 || grew) {
            report.runs_extended = 1;
        } else {
            report.runs_skipped = 1;
        }
        return report;
    });
}

Result<Store::MergeReport> Store::merge_from(Store& other, const std::vector<std::int64_t>& run_ids) {
    std::vector<std::int64_t> ids = run_ids;
    if (ids.empty()) {
        const auto runs = other.list_runs();
        if (!runs) {
            return tl::unexpected<Error>(runs.error());
        }
        for (const RunSummary& summary : *runs) {
            ids.push_back(summary.run.id);
        }
    }
    MergeReport total;
    for (const std::int64_t id : ids) {
        const Result<RunData> run = other.read_run(id);
        if (!run) {
            return tl::unexpected<Error>(run.error());
        }
        const Result<MergeReport> one = add_run_data(*run);
        if (!one) {
            return one;
        }
        total.runs_added += one->runs_added;
        total.runs_extended += one->runs_extended;
        total.runs_skipped += one->runs_skipped;
        total.trials_added += one->trials_added;
    }
    return total;
}

}  // namespace landauer
