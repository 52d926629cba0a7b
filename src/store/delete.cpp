#include "store/impl.h"

namespace landauer {

Result<void> Store::delete_run(std::int64_t run_id) {
    return impl_->guarded([&] {
        SQLite::Database& db = impl_->db;
        {
            WriteTransaction transaction(db);
            static_cast<void>(rows::read_run_record(db, run_id));  // Absent, if it is
            db.exec("CREATE TEMP TABLE IF NOT EXISTS touched (id INTEGER PRIMARY KEY)");
            db.exec("DELETE FROM temp.touched");
            SQLite::Statement touched(db,
                                      "INSERT INTO temp.touched SELECT session_id FROM trial WHERE run_id = ?1 UNION "
                                      "SELECT session_id FROM phase WHERE run_id = ?1");
            bind_all(touched, run_id).exec();
            SQLite::Statement forget(db, "DELETE FROM run WHERE id = ?");
            bind_all(forget, run_id).exec();
            // A session's trace belongs to every run measured in it: it goes with the last one.
            db.exec(
                "DELETE FROM session WHERE id IN temp.touched "
                "AND NOT EXISTS (SELECT 1 FROM trial WHERE trial.session_id = session.id) "
                "AND NOT EXISTS (SELECT 1 FROM phase WHERE phase.session_id = session.id AND phase.run_id IS NOT "
                "NULL)");
            db.exec("DELETE FROM model WHERE id NOT IN (SELECT model_id FROM run)");
            db.exec("DELETE FROM machine WHERE id NOT IN (SELECT machine_id FROM session)");
            transaction.commit();
        }
        db.exec("PRAGMA incremental_vacuum");
    });
}

}  // namespace landauer
