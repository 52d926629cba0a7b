// What a Store holds, for the files of this room.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <map>
#include <string>

#include "store/sql.h"
#include "store/store.h"

namespace landauer {

struct Store::Impl {
    std::filesystem::path file;
    SQLite::Database db;

    template <class Action>
    auto guarded(Action&& action) {
        return landauer::guarded(file, std::forward<Action>(action));
    }
};

// Maps of texts as JSON objects, keys in order.
[[nodiscard]] std::string to_json_text(const std::map<std::string, std::string>& facts);
[[nodiscard]] std::map<std::string, std::string> facts_from_json(const std::string& text);

[[nodiscard]] std::string random_uuid();
[[nodiscard]] std::string_view name(Severity severity);
[[nodiscard]] Severity severity_from_name(std::string_view text);
[[nodiscard]] std::string_view name(ChannelKind kind);
[[nodiscard]] ChannelKind channel_kind_from_name(std::string_view text);

// The steps of a transaction, each a few statements; all throw.
namespace rows {

std::int64_t model(SQLite::Database& db, const ModelRecord& model);
std::int64_t run(SQLite::Database& db, const RunRecord& run, std::int64_t model_id);
std::int64_t session(SQLite::Database& db, const SessionRecord& session);
void session_late_fields(SQLite::Database& db, const SessionRecord& session);
void session_caveat(SQLite::Database& db, std::int64_t session_id, const Caveat& caveat);
std::int64_t trial(SQLite::Database& db, const TrialRecord& trial);
void load(SQLite::Database& db, std::int64_t session_id, std::int64_t run_id, const PhaseRecord& load);
void samples(SQLite::Database& db, std::int64_t session_id, const Trace& samples);

// The run in that row; throws StoreFailure (Absent) when there is none.
RunRecord read_run_record(SQLite::Database& db, std::int64_t run_id);
Trace read_trace(SQLite::Database& db, std::int64_t session_id);

void scores(SQLite::Database& db, const RunScores& scores);
std::vector<RunScores> read_scores(SQLite::Database& db, std::int64_t run_id);
bool has_scores(SQLite::Database& db, const RunScores& scores);  // of the same run, references, embedder and rule
void text_score(SQLite::Database& db, const TextScore& score);
std::vector<TextScore> read_text_scores(SQLite::Database& db, const std::string& model_sha256);

}  // namespace rows
}  // namespace landauer
