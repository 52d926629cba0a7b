#include "store/migrations.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "store/schema_v1.h"
#include "store/schema_v2.h"
#include "store/schema_v3.h"
#include "store/schema_v4.h"
#include "store/sql.h"

namespace landauer {
namespace {

constexpr std::array kMigrations = {
    Migration{1, "the first tables", kSchemaV1},
    Migration{2, "energy channels say what they cover", kSchemaV2},
    Migration{3, "trials with a picture", kSchemaV3},
    Migration{4, "what answers and models are worth", kSchemaV4},
};

int pragma(SQLite::Database& db, const char* query) {
    SQLite::Statement statement(db, query);
    return statement.executeStep() ? statement.getColumn(0).getInt() : 0;
}

}  // namespace

std::span<const Migration> migration_table() { return kMigrations; }

SchemaState schema_state(SQLite::Database& db, std::span<const Migration> steps) {
    // One snapshot: another program may be making this very store meanwhile.
    const ReadTransaction snapshot(db);
    const int application = pragma(db, "PRAGMA application_id");
    if (application != kApplicationId) {
        const bool is_empty = pragma(db, "SELECT count(*) FROM sqlite_master") == 0;
        return application == 0 && is_empty ? SchemaState::fresh : SchemaState::foreign;
    }
    const int version = pragma(db, "PRAGMA user_version");
    if (version > steps.back().version) {
        return SchemaState::newer;
    }
    return version == steps.back().version ? SchemaState::current : SchemaState::older;
}

void migrate(SQLite::Database& db, std::span<const Migration> steps) {
    WriteTransaction transaction(db);
    // Asked again inside: another process may have migrated while this one waited.
    const int from = pragma(db, "PRAGMA user_version");
    for (const Migration& step : steps) {
        if (step.version > from) {
            db.exec(step.sql);
        }
    }
    db.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
    db.exec(fmt::format("PRAGMA user_version = {}", std::max(from, steps.back().version)));
    transaction.commit();
}

}  // namespace landauer
