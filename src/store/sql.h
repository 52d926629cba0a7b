// The few helpers that every statement of this room uses.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <landauer/error.h>

#include <cmath>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace landauer {

// BEGIN IMMEDIATE, so that two writers queue here and neither fails half-way through;
// rolled back unless committed.
class WriteTransaction {
   public:
    explicit WriteTransaction(SQLite::Database& db) : db_(db) { db_.exec("BEGIN IMMEDIATE"); }
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    WriteTransaction(WriteTransaction&&) = delete;
    WriteTransaction& operator=(WriteTransaction&&) = delete;
    ~WriteTransaction() {
        if (!done_) {
            db_.tryExec("ROLLBACK");
        }
    }
    void commit() {
        db_.exec("COMMIT");
        done_ = true;
    }

   private:
    SQLite::Database& db_;
    bool done_ = false;
};

// One snapshot for several SELECTs, so that a run read while another process appends to it is whole.
class ReadTransaction {
   public:
    explicit ReadTransaction(SQLite::Database& db) : db_(db) { db_.exec("BEGIN"); }
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;
    ReadTransaction(ReadTransaction&&) = delete;
    ReadTransaction& operator=(ReadTransaction&&) = delete;
    ~ReadTransaction() { db_.tryExec("ROLLBACK"); }

   private:
    SQLite::Database& db_;
};

inline void bind_one(SQLite::Statement& statement, int index, std::int64_t value) { statement.bind(index, value); }
inline void bind_one(SQLite::Statement& statement, int index, int value) { statement.bind(index, value); }
inline void bind_one(SQLite::Statement& statement, int index, std::uint64_t value) {
    statement.bind(index, static_cast<std::int64_t>(value));
}
inline void bind_one(SQLite::Statement& statement, int index, double value) { statement.bind(index, value); }
inline void bind_one(SQLite::Statement& statement, int index, const std::string& value) {
    statement.bind(index, value);
}
inline void bind_one(SQLite::Statement& statement, int index, std::string_view value) {
    statement.bind(index, std::string(value));
}
inline void bind_one(SQLite::Statement& statement, int index, std::optional<std::int64_t> value) {
    value ? statement.bind(index, *value) : statement.bind(index);
}
inline void bind_one(SQLite::Statement& statement, int index, std::optional<double> value) {
    value ? statement.bind(index, *value) : statement.bind(index);
}

// Binds every argument in order, from a fresh statement.
template <class... Values>
SQLite::Statement& bind_all(SQLite::Statement& statement, const Values&... values) {
    statement.reset();
    int index = 0;
    (bind_one(statement, ++index, values), ...);
    return statement;
}

inline std::string text(const SQLite::Statement& row, int column) { return row.getColumn(column).getString(); }
inline std::int64_t integer(const SQLite::Statement& row, int column) { return row.getColumn(column).getInt64(); }
// SQLite keeps no NaN; it becomes NULL on the way in and NaN again here.
inline double real(const SQLite::Statement& row, int column) {
    const SQLite::Column value = row.getColumn(column);
    return value.isNull() ? std::numeric_limits<double>::quiet_NaN() : value.getDouble();
}

inline std::optional<double> optional_real(const SQLite::Statement& row, int column) {
    return row.getColumn(column).isNull() ? std::nullopt : std::optional(real(row, column));
}

// What a SQLite failure on this store means to its user, and what to do about it.
[[nodiscard]] Error explain(const SQLite::Exception& failure, const std::filesystem::path& file);
[[nodiscard]] Error explain(const std::exception& failure, const std::filesystem::path& file);

// Thrown inside this room only, where a Result cannot pass through; `guarded` catches it.
struct StoreFailure {
    Error error;
};

// Runs `action`, turning what it throws into an Error: nothing is thrown out of this room.
template <class Action>
auto guarded(const std::filesystem::path& file, Action&& action) -> Result<std::invoke_result_t<Action>> {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Action>>) {
            std::forward<Action>(action)();
            return {};
        } else {
            return std::forward<Action>(action)();
        }
    } catch (const StoreFailure& failure) {
        return tl::unexpected<Error>(failure.error);
    } catch (const SQLite::Exception& failure) {
        return tl::unexpected<Error>(explain(failure, file));
    } catch (const std::exception& failure) {
        return tl::unexpected<Error>(explain(failure, file));
    }
}

}  // namespace landauer
