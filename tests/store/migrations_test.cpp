#include "store/migrations.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <array>

#include "sample_data.h"

namespace landauer::test {
namespace {

// A store of the future's past: the first schema and data in it, then a step that changes a table.
constexpr std::array kFirst = {Migration{1, "first", "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT)"}};
constexpr std::array kSecond = {kFirst[0], Migration{2, "second",
                                                     "ALTER TABLE note ADD COLUMN length INTEGER NOT NULL DEFAULT 0;"
                                                     "UPDATE note SET length = length(body)"}};
constexpr std::array kBroken = {
    kFirst[0], kSecond[1],
    Migration{3, "third", "CREATE TABLE extra (id INTEGER PRIMARY KEY); INSERT INTO nowhere VALUES (1)"}};

SQLite::Database memory() { return {":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}; }

int value(SQLite::Database& db, const char* query) { return db.execAndGet(query).getInt(); }

TEST(Migrations, NumbersRiseByOne) {
    int expected = 1;
    for (const Migration& step : migration_table()) {
        EXPECT_EQ(step.version, expected++);
        EXPECT_FALSE(step.what.empty());
    }
}

TEST(Migrations, AFreshFileGetsEveryStep) {
    auto db = memory();
    EXPECT_EQ(schema_state(db, kSecond), SchemaState::fresh);
    migrate(db, kSecond);
    EXPECT_EQ(schema_state(db, kSecond), SchemaState::current);
    EXPECT_EQ(value(db, "PRAGMA user_version"), 2);
    EXPECT_EQ(value(db, "PRAGMA application_id"), kApplicationId);
}

TEST(Migrations, AnOlderFileKeepsItsData) {
    auto db = memory();
    migrate(db, kFirst);
    db.exec("INSERT INTO note (body) VALUES ('four')");
    EXPECT_EQ(schema_state(db, kSecond), SchemaState::older);
    migrate(db, kSecond);
    EXPECT_EQ(value(db, "SELECT length FROM note"), 4);
    migrate(db, kSecond);
    EXPECT_EQ(value(db, "PRAGMA user_version"), 2);
}

TEST(Migrations, AFailingStepLeavesTheFileAsItWas) {
    auto db = memory();
    migrate(db, kFirst);
    db.exec("INSERT INTO note (body) VALUES ('four')");
    EXPECT_THROW(migrate(db, kBroken), SQLite::Exception);
    EXPECT_EQ(value(db, "PRAGMA user_version"), 1);
    EXPECT_EQ(value(db, "SELECT count(*) FROM pragma_table_info('note') WHERE name = 'length'"), 0);
    EXPECT_FALSE(db.tableExists("extra"));
    migrate(db, kSecond);
    EXPECT_EQ(value(db, "SELECT length FROM note"), 4);
}

TEST(Migrations, NewerAndForeignFilesAreTold) {
    auto db = memory();
    migrate(db, kSecond);
    EXPECT_EQ(schema_state(db, kFirst), SchemaState::newer);
    auto other = memory();
    other.exec("CREATE TABLE theirs (x)");
    EXPECT_EQ(schema_state(other, kFirst), SchemaState::foreign);
}

// The first schema as it was released: a later release must still read a store made with it.
TEST(Migrations, TheFirstSchemaOpensToday) {
    const TemporaryFolder folder;
    {
        SQLite::Database db((folder / "old.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(db, migration_table().first(1));
    }
    Store store = must(Store::open_existing(folder / "old.db"));
    EXPECT_GT(store_a_run(store, a_run(), 2), 0);
}

TEST(Migrations, TablesAreTheOnesOfTheDesign) {
    auto db = memory();
    migrate(db, migration_table());
    for (const char* table :
         {"machine", "model", "session", "run", "trial", "phase", "sample", "caveat", "figure", "channel"}) {
        EXPECT_TRUE(db.tableExists(table)) << table;
    }
}

}  // namespace
}  // namespace landauer::test
