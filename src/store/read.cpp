#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "store/impl.h"

namespace landauer {
namespace {

PhaseRecord phase_of(const SQLite::Statement& row, int kind_column) {
    PhaseRecord phase;
    if (!phase_kind_from_name(text(row, kind_column), phase.kind)) {
        throw StoreFailure{Error{ErrorKind::Failed,
                                 fmt::format("The store holds a phase of unknown kind \"{}\".", text(row, kind_column)),
                                 "Update landauer, or restore a copy of the store."}};
    }
    phase.begin_ns = integer(row, kind_column + 1);
    phase.end_ns = integer(row, kind_column + 2);
    phase.n_tokens = integer(row, kind_column + 3);
    return phase;
}

Caveat caveat_of(const SQLite::Statement& row, int code_column) {
    return {text(row, code_column), severity_from_name(text(row, code_column + 1)), text(row, code_column + 2),
            text(row, code_column + 3)};
}

TrialRecord trial_of(const SQLite::Statement& row) {
    TrialRecord trial;
    trial.id = integer(row, 0);
    trial.run_id = integer(row, 1);
    trial.session_id = integer(row, 2);
    trial.key = text(row, 3);
    trial.prompt_id = text(row, 4);
    trial.repetition = row.getColumn(5).getInt();
    trial.attempt = row.getColumn(6).getInt();
    trial.begin_ns = integer(row, 7);
    trial.end_ns = integer(row, 8);
    trial.n_prompt = integer(row, 9);
    trial.n_reused = integer(row, 10);
    trial.n_gen = integer(row, 11);
    trial.n_depth = integer(row, 12);
    trial.answer = text(row, 13);
    trial.stop = text(row, 14);
    const std::string grade = text(row, 15);
    trial.grade = grade == "A" ? Grade::A : grade == "B" ? Grade::B : Grade::C;
    return trial;
}

// Five queries for all trials of a run, however many there are.
std::vector<TrialRecord> read_trials(SQLite::Database& db, std::int64_t run_id) {
    std::vector<TrialRecord> trials;
    std::unordered_map<std::int64_t, std::size_t> index;
    SQLite::Statement rows(
        db,
        "SELECT trial.id, run_id, session_id, key, prompt_id, repetition, attempt, begin_ns, end_ns, n_prompt, "
        "n_reused, "
        "n_gen, n_depth, answer, stop, grade FROM trial JOIN session ON session.id = session_id WHERE run_id = ? "
        "ORDER BY started_utc, session_id, begin_ns, trial.id");
    for (bind_all(rows, run_id); rows.executeStep();) {
        trials.push_back(trial_of(rows));
        index.emplace(trials.back().id, trials.size() - 1);
    }
    SQLite::Statement images(db,
                             "SELECT trial_id, width, height, n_tokens, n_patches, effective_px, n_slices FROM trial "
                             "JOIN image ON image.trial_id = trial.id WHERE trial.run_id = ?");
    for (bind_all(images, run_id); images.executeStep();) {
        trials[index.at(integer(images, 0))].image = {images.getColumn(1).getInt(), images.getColumn(2).getInt(),
                                                      integer(images, 3),           integer(images, 4),
                                                      integer(images, 5),           integer(images, 6)};
    }
    SQLite::Statement phases(db,
                             "SELECT trial_id, kind, phase.begin_ns, phase.end_ns, n_tokens FROM trial JOIN phase ON "
                             "phase.trial_id = trial.id WHERE trial.run_id = ? ORDER BY phase.id");
    for (bind_all(phases, run_id); phases.executeStep();) {
        trials[index.at(integer(phases, 0))].phases.push_back(phase_of(phases, 1));
    }
    SQLite::Statement caveats(db,
                              "SELECT trial_id, code, severity, sentence, remedy FROM trial JOIN caveat ON "
                              "caveat.trial_id = trial.id WHERE trial.run_id = ? ORDER BY caveat.id");
    for (bind_all(caveats, run_id); caveats.executeStep();) {
        trials[index.at(integer(caveats, 0))].caveats.push_back(caveat_of(caveats, 1));
    }
    SQLite::Statement figures(db,
                              "SELECT trial_id, metric, value FROM trial JOIN figure ON figure.trial_id = trial.id "
                              "WHERE trial.run_id = ?");
    for (bind_all(figures, run_id); figures.executeStep();) {
        trials[index.at(integer(figures, 0))].figures.emplace(text(figures, 1), real(figures, 2));
    }
    return trials;
}

SessionRecord read_session(SQLite::Database& db, std::int64_t session_id) {
    SQLite::Statement row(
        db,
        "SELECT session.id, started_utc, started_ns, ended_utc, command, version, facts_json, rate_hz, ticks, "
        "missed_deadlines, dropped_ticks, read_errors, sampler_cpu_s, sampler_wall_s, jitter_p50_us, jitter_p99_us, "
        "jitter_max_us, largest_gap_s, clock_step_s, suspended_s, uuid "
        "FROM session JOIN machine ON machine.id = machine_id WHERE session.id = ?");
    bind_all(row, session_id).executeStep();
    SessionRecord session;
    session.id = integer(row, 0);
    session.started_utc = text(row, 1);
    session.started_ns = integer(row, 2);
    session.ended_utc = text(row, 3);
    session.command = text(row, 4);
    session.version = text(row, 5);
    session.environment = facts_from_json(text(row, 6));
    session.rate_hz = real(row, 7);
    const auto count = [&](int column) { return static_cast<std::uint64_t>(integer(row, column)); };
    session.sampler =
        SamplerStats{count(8),      count(9),      count(10),     count(11),     real(row, 12), real(row, 13),
                     real(row, 14), real(row, 15), real(row, 16), real(row, 17), real(row, 18), real(row, 19)};
    session.uuid = text(row, 20);
    SQLite::Statement idle(
        db,
        "SELECT kind, begin_ns, end_ns, n_tokens FROM phase WHERE session_id = ? AND trial_id IS NULL "
        "AND run_id IS NULL ORDER BY id");
    for (bind_all(idle, session_id); idle.executeStep();) {
        session.idle.push_back(phase_of(idle, 0));
    }
    SQLite::Statement caveats(db,
                              "SELECT code, severity, sentence, remedy FROM caveat WHERE session_id = ? ORDER BY id");
    for (bind_all(caveats, session_id); caveats.executeStep();) {
        session.caveats.push_back(caveat_of(caveats, 0));
    }
    return session;
}

std::vector<PhaseRecord> read_loads(SQLite::Database& db, std::int64_t session_id, std::int64_t run_id) {
    std::vector<PhaseRecord> loads;
    SQLite::Statement rows(db,
                           "SELECT kind, begin_ns, end_ns, n_tokens FROM phase WHERE session_id = ? AND run_id = ? AND "
                           "trial_id IS NULL ORDER BY id");
    for (bind_all(rows, session_id, run_id); rows.executeStep();) {
        loads.push_back(phase_of(rows, 0));
    }
    return loads;
}

}  // namespace

Result<std::set<std::string>> Store::finished_keys(std::int64_t run_id) {
    return impl_->guarded([&] {
        std::set<std::string> keys;
        SQLite::Statement rows(impl_->db, "SELECT DISTINCT key FROM trial WHERE run_id = ? AND grade IN ('A', 'B')");
        for (bind_all(rows, run_id); rows.executeStep();) {
            keys.insert(text(rows, 0));
        }
        return keys;
    });
}

Result<int> Store::attempts(std::int64_t run_id, const std::string& key) {
    return impl_->guarded([&] {
        SQLite::Statement row(impl_->db, "SELECT count(*) FROM trial WHERE run_id = ? AND key = ?");
        bind_all(row, run_id, key).executeStep();
        return row.getColumn(0).getInt();
    });
}

Result<std::vector<RunSummary>> Store::list_runs() {
    return impl_->guarded([&] {
        ReadTransaction snapshot(impl_->db);
        std::vector<RunSummary> runs;
        SQLite::Statement rows(
            impl_->db,
            "SELECT run.id, count(trial.id), coalesce(sum(trial.grade = 'C'), 0), "
            "coalesce(max(CASE session.ended_utc WHEN '' THEN session.started_utc ELSE session.ended_utc END), "
            "run.created_utc) FROM run LEFT JOIN trial ON trial.run_id = run.id LEFT JOIN session ON "
            "session.id = trial.session_id GROUP BY run.id ORDER BY run.id");
        while (rows.executeStep()) {
            runs.push_back(RunSummary{rows::read_run_record(impl_->db, integer(rows, 0)), integer(rows, 1),
                                      integer(rows, 2), text(rows, 3)});
        }
        return runs;
    });
}

Result<RunData> Store::read_run(std::int64_t run_id) {
    return impl_->guarded([&] {
        ReadTransaction snapshot(impl_->db);
        RunData data;
        data.run = rows::read_run_record(impl_->db, run_id);
        data.trials = read_trials(impl_->db, run_id);
        data.scores = rows::read_scores(impl_->db, run_id);
        data.text_scores = rows::read_text_scores(impl_->db, data.run.model.sha256);
        for (const TrialRecord& trial : data.trials) {
            // Trials are sorted by session, so each session's first trial starts a new entry.
            if (data.sessions.empty() || data.sessions.back().session.id != trial.session_id) {
                data.sessions.push_back(SessionData{read_session(impl_->db, trial.session_id),
                                                    read_loads(impl_->db, trial.session_id, run_id),
                                                    rows::read_trace(impl_->db, trial.session_id)});
            }
        }
        return data;
    });
}

Result<std::int64_t> Store::find_run(const std::string& wanted) {
    return impl_->guarded([&] {
        SQLite::Statement rows(impl_->db, wanted == "last"
                                              ? "SELECT max(id) FROM run HAVING max(id) IS NOT NULL AND ?1 <> ''"
                                              : "SELECT id FROM run WHERE CAST(id AS TEXT) = ?1 UNION "
                                                "SELECT id FROM run WHERE uuid = ?1 OR label = ?1");
        bind_all(rows, wanted);
        std::vector<std::int64_t> found;
        while (rows.executeStep()) {
            found.push_back(integer(rows, 0));
        }
        const char* const remedy = "See the runs and their numbers with `landauer runs list`.";
        if (found.empty()) {
            throw StoreFailure{Error{ErrorKind::Invalid,
                                     wanted == "last" ? std::string("The store holds no run yet.")
                                                      : fmt::format("There is no run \"{}\" in the store.", wanted),
                                     remedy}};
        }
        if (found.size() > 1) {
            throw StoreFailure{
                Error{ErrorKind::Invalid, fmt::format("The name \"{}\" fits {} runs.", wanted, found.size()), remedy}};
        }
        return found.front();
    });
}

}  // namespace landauer
