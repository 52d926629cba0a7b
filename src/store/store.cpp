#include "store/store.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <system_error>
#include <thread>

#include "store/impl.h"
#include "store/migrations.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

void configure(SQLite::Database& db) {
    db.exec("PRAGMA foreign_keys = ON");
    // In WAL a committed transaction is in the system's page cache, which a killed process
    // leaves behind: NORMAL keeps every finished trial through kill -9. Only a power cut can
    // take the last ones (never the file's order); FULL would buy those back with a disk
    // flush a trial, right before the next measurement.
    db.exec("PRAGMA synchronous = NORMAL");
}

// Before the first table exists; afterwards SQLite ignores it. Lets delete_run shrink the file.
void prepare_fresh(SQLite::Database& db) { db.exec("PRAGMA auto_vacuum = INCREMENTAL"); }

[[noreturn]] void refuse(SchemaState state, const fs::path& file) {
    if (state == SchemaState::newer) {
        throw StoreFailure{
            Error{ErrorKind::Invalid,
                  fmt::format("The store {} was written by a newer landauer than this one.", file.string()),
                  "Update landauer, or name another file with --store; this one was left as it is."}};
    }
    throw StoreFailure{
        Error{ErrorKind::Invalid,
              fmt::format("The file {} is a database of another program, not a landauer store.", file.string()),
              "Name another file with --store; this one was left as it is."}};
}

// SQLite opens a file that may not be written for reading, and says nothing until the first write.
void require_writable(const SQLite::Database& db, const fs::path& file) {
    if (sqlite3_db_readonly(db.getHandle(), "main") != 0) {
        throw StoreFailure{explain(SQLite::Exception("read-only", SQLITE_READONLY), file)};
    }
}

std::unique_ptr<SQLite::Database> open_for_writing(const fs::path& file, const StoreOptions& options) {
    auto db = std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                                 options.busy_timeout_ms);
    require_writable(*db, file);
    const SchemaState state = schema_state(*db, migration_table());
    if (state == SchemaState::newer || state == SchemaState::foreign) {
        refuse(state, file);
    }
    if (state == SchemaState::fresh) {
        prepare_fresh(*db);
    }
    db->exec("PRAGMA journal_mode = WAL");
    configure(*db);
    if (state != SchemaState::current) {
        migrate(*db, migration_table());
    }
    return db;
}

// Where several programs make or recover one store at once, SQLite gives up at once on some
// of its locks whatever the busy timeout says: asked again until that time is over.
std::unique_ptr<SQLite::Database> open_patiently(const fs::path& file, const StoreOptions& options) {
    constexpr auto kPause = std::chrono::milliseconds(10);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.busy_timeout_ms);
    for (;;) {
        try {
            return open_for_writing(file, options);
        } catch (const SQLite::Exception& failure) {
            if (failure.getErrorCode() != SQLITE_BUSY || std::chrono::steady_clock::now() >= deadline) {
                throw;
            }
        }
        std::this_thread::sleep_for(kPause);
    }
}

std::string immutable_uri(const fs::path& file) {
    std::string uri = "file:";
    for (const char c : fs::absolute(file).string()) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                              c == '.' || c == '-' || c == '_';
        uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri + "?immutable=1";
}

// A store that may not be written. A journal beside it holds trials of its own and must be
// read with it; without one none can be made there, so SQLite is told that nobody writes.
std::unique_ptr<SQLite::Database> open_for_reading(const fs::path& file, const Error& why) {
    std::error_code no_journal;
    const auto journal_bytes = fs::file_size(file.string() + "-wal", no_journal);
    const bool has_journal = !no_journal && journal_bytes > 0;
    auto db = has_journal
                  ? std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READONLY)
                  : std::make_unique<SQLite::Database>(immutable_uri(file), SQLite::OPEN_READONLY | SQLite::OPEN_URI);
    const SchemaState state = schema_state(*db, migration_table());
    if (state == SchemaState::older || state == SchemaState::fresh) {
        throw StoreFailure{why};
    }
    if (state != SchemaState::current) {
        refuse(state, file);
    }
    return db;
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const fs::path& file, const StoreOptions& options) {
    return guarded(file, [&] {
        auto db = open_patiently(file, options);
        return Store(std::make_unique<Impl>(Impl{file, std::move(*db)}));
    });
}

Result<Store> Store::open_existing(const fs::path& file, const StoreOptions& options) {
    std::error_code unreachable;
    if (!fs::exists(file, unreachable) && !unreachable) {
        return fail(ErrorKind::Absent, fmt::format("There is no store {}.", file.string()),
                    "Name the right file with --store, or measure something first: landauer bench -m MODEL.");
    }
    Result<Store> store = open(file, options);
    if (store || store.error().kind != ErrorKind::Denied) {
        return store;
    }
    const Error why = store.error();
    return guarded(file, [&] {
        auto db = open_for_reading(file, why);
        return Store(std::make_unique<Impl>(Impl{file, std::move(*db)}));
    });
}

}  // namespace landauer
