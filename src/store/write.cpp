#include "store/impl.h"

namespace landauer {

Result<std::int64_t> Store::add_model(const ModelRecord& model) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        const std::int64_t id = rows::model(impl_->db, model);
        transaction.commit();
        return id;
    });
}

Result<RunRecord> Store::add_run(const RunRecord& run) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        const std::int64_t model_id = rows::model(impl_->db, run.model);
        RunRecord added = rows::read_run_record(impl_->db, rows::run(impl_->db, run, model_id));
        transaction.commit();
        return added;
    });
}

Result<RunRecord> Store::resume_or_add_run(const RunRecord& run) {
    return impl_->guarded([&] {
        SQLite::Database& db = impl_->db;
        WriteTransaction transaction(db);
        // The same weights under another path are the same model, where they were hashed.
        SQLite::Statement find(
            db,
            "SELECT run.id FROM run JOIN model ON model.id = run.model_id WHERE run.plan_hash = ?1 AND "
            "model.sha256 = ?2 AND (?2 <> '' OR model.path = ?3) ORDER BY run.id DESC LIMIT 1");
        bind_all(find, run.plan_hash, run.model.sha256, run.model.path);
        std::int64_t id = 0;
        if (find.executeStep()) {
            id = integer(find, 0);
            if (!run.label.empty()) {
                SQLite::Statement relabel(db, "UPDATE run SET label = ? WHERE id = ?");
                bind_all(relabel, run.label, id).exec();
            }
        } else {
            id = rows::run(db, run, rows::model(db, run.model));
        }
        find.reset();
        RunRecord found = rows::read_run_record(db, id);
        transaction.commit();
        return found;
    });
}

Result<std::int64_t> Store::begin_session(const SessionRecord& session) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        const std::int64_t id = rows::session(impl_->db, session);
        transaction.commit();
        return id;
    });
}

Result<void> Store::update_session(const SessionRecord& session) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        rows::session_late_fields(impl_->db, session);
        transaction.commit();
    });
}

Result<std::int64_t> Store::commit_trial(const TrialRecord& trial, const Trace& samples) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        const std::int64_t id = rows::trial(impl_->db, trial);
        rows::samples(impl_->db, trial.session_id, samples);
        transaction.commit();
        return id;
    });
}

Result<void> Store::commit_samples(std::int64_t session_id, const Trace& samples) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        rows::samples(impl_->db, session_id, samples);
        transaction.commit();
    });
}

Result<void> Store::attach_samples(std::int64_t session_id, const Trace& samples, const Caveat& caveat) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        rows::session_caveat(impl_->db, session_id, caveat);
        rows::samples(impl_->db, session_id, samples);
        transaction.commit();
    });
}

Result<void> Store::commit_load(std::int64_t session_id, std::int64_t run_id, const PhaseRecord& load) {
    return impl_->guarded([&] {
        WriteTransaction transaction(impl_->db);
        rows::load(impl_->db, session_id, run_id, load);
        transaction.commit();
    });
}

}  // namespace landauer
