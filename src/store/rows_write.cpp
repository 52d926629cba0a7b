#include <algorithm>

#include "store/blocks.h"
#include "store/impl.h"
#include "store/rail_json.h"

namespace landauer::rows {
namespace {

// Finds the row of a unique key, or inserts it.
template <class... Values>
std::int64_t find_or_insert(SQLite::Database& db, const char* find_sql, const char* insert_sql,
                            const Values&... values) {
    SQLite::Statement find(db, find_sql);
    if (bind_all(find, values...).executeStep()) {
        return integer(find, 0);
    }
    SQLite::Statement insert(db, insert_sql);
    bind_all(insert, values...).exec();
    return db.getLastInsertRowid();
}

std::int64_t machine(SQLite::Database& db, const Environment& environment) {
    return find_or_insert(db, "SELECT id FROM machine WHERE facts_json = ?",
                          "INSERT INTO machine (facts_json) VALUES (?)", to_json_text(environment));
}

std::int64_t channel(SQLite::Database& db, const Channel& c) {
    return find_or_insert(db,
                          "SELECT id FROM channel WHERE meter = ? AND name = ? AND unit = ? AND kind = ? AND scale IS "
                          "? AND wrap_range = ? AND rail_json = ?",
                          "INSERT INTO channel (meter, name, unit, kind, scale, wrap_range, rail_json) VALUES (?, ?, "
                          "?, ?, ?, ?, ?)",
                          c.meter, c.name, c.unit, name(c.kind), c.scale, c.wrap_range, rail_text(c.rail));
}

using OptionalId = std::optional<std::int64_t>;

void phases(SQLite::Database& db, std::int64_t session_id, OptionalId run_id, OptionalId trial_id,
            const std::vector<PhaseRecord>& phases) {
    SQLite::Statement insert(db,
                             "INSERT INTO phase (session_id, run_id, trial_id, kind, begin_ns, end_ns, n_tokens) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?)");
    for (const PhaseRecord& phase : phases) {
        bind_all(insert, session_id, run_id, trial_id, name(phase.kind), phase.begin_ns, phase.end_ns, phase.n_tokens)
            .exec();
    }
}

void caveats(SQLite::Database& db, OptionalId session_id, OptionalId trial_id, const std::vector<Caveat>& caveats) {
    SQLite::Statement insert(
        db, "INSERT INTO caveat (session_id, trial_id, code, severity, sentence, remedy) VALUES (?, ?, ?, ?, ?, ?)");
    for (const Caveat& caveat : caveats) {
        bind_all(insert, session_id, trial_id, caveat.code, name(caveat.severity), caveat.sentence, caveat.remedy)
            .exec();
    }
}

}  // namespace

std::int64_t model(SQLite::Database& db, const ModelRecord& model) {
    SQLite::Statement find(db, "SELECT id FROM model WHERE sha256 = ? AND path = ?");
    if (bind_all(find, model.sha256, model.path).executeStep()) {
        return integer(find, 0);
    }
    SQLite::Statement insert(db,
                             "INSERT INTO model (path, sha256, name, type, size_bytes, n_params, metadata_json) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?)");
    bind_all(insert, model.path, model.sha256, model.name, model.type, model.size_bytes, model.n_params,
             to_json_text(model.metadata))
        .exec();
    return db.getLastInsertRowid();
}

std::int64_t run(SQLite::Database& db, const RunRecord& run, std::int64_t model_id) {
    SQLite::Statement insert(db,
                             "INSERT INTO run (uuid, model_id, plan_hash, protocol, label, created_utc, settings_json, "
                             "command, prompts_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_all(insert, run.uuid.empty() ? random_uuid() : run.uuid, model_id, run.plan_hash, run.protocol, run.label,
             run.created_utc, to_json_text(run.settings), run.command, run.prompts_json)
        .exec();
    return db.getLastInsertRowid();
}

std::int64_t session(SQLite::Database& db, const SessionRecord& session) {
    SQLite::Statement insert(
        db,
        "INSERT INTO session (uuid, machine_id, started_utc, started_ns, ended_utc, command, version, "
        "rate_hz, ticks, missed_deadlines, dropped_ticks, read_errors) "
        "VALUES (?, ?, ?, ?, '', ?, ?, ?, 0, 0, 0, 0)");
    bind_all(insert, session.uuid.empty() ? random_uuid() : session.uuid, machine(db, session.environment),
             session.started_utc, session.started_ns, session.command, session.version, session.rate_hz)
        .exec();
    SessionRecord added = session;
    added.id = db.getLastInsertRowid();
    session_late_fields(db, added);
    return added.id;
}

void session_late_fields(SQLite::Database& db, const SessionRecord& session) {
    SQLite::Statement update(
        db,
        "UPDATE session SET machine_id = ?, ended_utc = ?, ticks = ?, missed_deadlines = ?, dropped_ticks = ?, "
        "read_errors = ?, sampler_cpu_s = ?, sampler_wall_s = ?, jitter_p50_us = ?, jitter_p99_us = ?, "
        "jitter_max_us = ?, largest_gap_s = ?, clock_step_s = ?, suspended_s = ? WHERE id = ?");
    const SamplerStats& s = session.sampler;
    const int changed =
        bind_all(update, machine(db, session.environment), session.ended_utc, s.ticks, s.missed_deadlines,
                 s.dropped_ticks, s.read_errors, s.cpu_s, s.wall_s, s.jitter_p50_us, s.jitter_p99_us, s.jitter_max_us,
                 s.largest_gap_s, s.clock_step_s, s.suspended_s, session.id)
            .exec();
    if (changed == 0) {
        throw StoreFailure{Error{ErrorKind::Invalid, "The session to update is not in this store.",
                                 "Begin the session in this store first; it may have been deleted meanwhile."}};
    }
    SQLite::Statement forget_idle(db, "DELETE FROM phase WHERE session_id = ? AND trial_id IS NULL AND run_id IS NULL");
    bind_all(forget_idle, session.id).exec();
    SQLite::Statement forget_caveats(db, "DELETE FROM caveat WHERE session_id = ?");
    bind_all(forget_caveats, session.id).exec();
    phases(db, session.id, {}, {}, session.idle);
    caveats(db, session.id, {}, session.caveats);
}

void session_caveat(SQLite::Database& db, std::int64_t session_id, const Caveat& caveat) {
    SQLite::Statement find(db, "SELECT 1 FROM session WHERE id = ?");
    if (!bind_all(find, session_id).executeStep()) {
        throw StoreFailure{Error{ErrorKind::Invalid, "The session to attach samples to is not in this store.",
                                 "List the runs of this store with landauer runs list; it may have been deleted."}};
    }
    caveats(db, session_id, {}, {caveat});
}

std::int64_t trial(SQLite::Database& db, const TrialRecord& trial) {
    SQLite::Statement insert(
        db,
        "INSERT INTO trial (run_id, session_id, key, prompt_id, repetition, attempt, begin_ns, end_ns, n_prompt, "
        "n_reused, "
        "n_gen, n_depth, answer, stop, grade) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_all(insert, trial.run_id, trial.session_id, trial.key, trial.prompt_id, trial.repetition, trial.attempt,
             trial.begin_ns, trial.end_ns, trial.n_prompt, trial.n_reused, trial.n_gen, trial.n_depth, trial.answer,
             trial.stop, std::string(1, static_cast<char>(trial.grade)))
        .exec();
    const std::int64_t id = db.getLastInsertRowid();
    if (const ImageRecord& image = trial.image; image.width > 0) {
        SQLite::Statement picture(
            db,
            "INSERT INTO image (trial_id, width, height, n_tokens, n_patches, effective_px, n_slices) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)");
        bind_all(picture, id, image.width, image.height, image.n_tokens, image.n_patches, image.effective_px,
                 image.n_slices)
            .exec();
    }
    phases(db, trial.session_id, {}, id, trial.phases);
    caveats(db, {}, id, trial.caveats);
    SQLite::Statement figure(db, "INSERT INTO figure (trial_id, metric, value) VALUES (?, ?, ?)");
    for (const auto& [metric, value] : trial.figures) {
        bind_all(figure, id, metric, value).exec();
    }
    return id;
}

void load(SQLite::Database& db, std::int64_t session_id, std::int64_t run_id, const PhaseRecord& load) {
    phases(db, session_id, run_id, {}, {load});
}

void samples(SQLite::Database& db, std::int64_t session_id, const Trace& samples) {
    std::vector<std::int64_t> ids;
    ids.reserve(samples.series.size());
    std::int64_t begin_ns = std::numeric_limits<std::int64_t>::max();
    std::int64_t end_ns = std::numeric_limits<std::int64_t>::min();
    std::size_t n_values = 0;
    for (const Series& series : samples.series) {
        if (series.t_ns.size() != series.raw.size()) {
            throw StoreFailure{
                Error{ErrorKind::Bug, "A series of samples has more times than values.", "Please report this."}};
        }
        ids.push_back(series.t_ns.empty() ? 0 : channel(db, series.channel));
        n_values += series.size();
        for (const std::int64_t t : series.t_ns) {
            begin_ns = std::min(begin_ns, t);
            end_ns = std::max(end_ns, t);
        }
    }
    if (n_values == 0) {
        return;
    }
    SQLite::Statement insert(
        db, "INSERT INTO sample (session_id, begin_ns, end_ns, n_values, block) VALUES (?, ?, ?, ?, ?)");
    const std::string block = encode_block(samples, ids);
    bind_all(insert, session_id, begin_ns, end_ns, static_cast<std::int64_t>(n_values));
    insert.bind(5, block.data(), static_cast<int>(block.size()));
    insert.exec();
}

}  // namespace landauer::rows
