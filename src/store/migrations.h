// Numbered steps from an empty file to the schema of today.
#pragma once

#include <SQLiteCpp/Database.h>

#include <span>
#include <string_view>

namespace landauer {

// Marks a SQLite file as a landauer store ("LDUR").
inline constexpr int kApplicationId = 0x4C445552;

// One step; `version` is what PRAGMA user_version says afterwards. A step that was ever
// released is never edited: a change of the schema is a new line in the table.
struct Migration {
    int version;
    std::string_view what;  // one phrase, for the error when it fails
    const char* sql;
};

[[nodiscard]] std::span<const Migration> migration_table();

enum class SchemaState { fresh, current, older, newer, foreign };

// What the open file is, against the last line of `steps`.
[[nodiscard]] SchemaState schema_state(SQLite::Database& db, std::span<const Migration> steps);

// Takes every step the file lacks, all in one transaction: a killed or failed migration
// leaves the store as it was. Throws SQLite::Exception.
void migrate(SQLite::Database& db, std::span<const Migration> steps);

}  // namespace landauer
