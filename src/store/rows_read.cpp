#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

#include "store/blocks.h"
#include "store/impl.h"
#include "store/rail_json.h"

namespace landauer::rows {
namespace {

Channel read_channel(SQLite::Database& db, std::int64_t id) {
    SQLite::Statement row(db, "SELECT meter, name, unit, kind, scale, wrap_range, rail_json FROM channel WHERE id = ?");
    if (!bind_all(row, id).executeStep()) {
        throw StoreFailure{Error{ErrorKind::Failed,
                                 fmt::format("A block of samples names channel {}, which the store lacks.", id),
                                 "Restore a copy of the store, or delete the run and measure it again."}};
    }
    return {text(row, 0),
            text(row, 1),
            text(row, 2),
            channel_kind_from_name(text(row, 3)),
            real(row, 4),
            integer(row, 5),
            rail_from_text(text(row, 6))};
}

// Joins the blocks of one session, channels in order of first appearance.
class TraceJoiner {
   public:
    explicit TraceJoiner(SQLite::Database& db) : db_(db) {}

    void add(const DecodedBlock& block) {
        for (const BlockColumn& column : block.columns) {
            Series& series = series_of(column.channel_id);
            const std::vector<std::int64_t>& t_ns = block.times[column.times];
            if (t_ns.empty()) {
                continue;
            }
            if (!series.t_ns.empty() && series.t_ns.back() >= t_ns.front()) {
                // Out of order: only where two stores' samples of one session were brought together.
                Trace merged{{std::move(series)}};
                merged.merge(Trace{{Series{merged.series[0].channel, t_ns, column.raw}}});
                series = std::move(merged.series[0]);
                continue;
            }
            series.t_ns.insert(series.t_ns.end(), t_ns.begin(), t_ns.end());
            series.raw.insert(series.raw.end(), column.raw.begin(), column.raw.end());
        }
    }
    Trace take() { return std::move(trace_); }

   private:
    Series& series_of(std::int64_t channel_id) {
        const auto [found, is_new] = index_.try_emplace(channel_id, trace_.series.size());
        if (is_new) {
            trace_.series.push_back(Series{read_channel(db_, channel_id), {}, {}});
        }
        return trace_.series[found->second];
    }

    SQLite::Database& db_;
    Trace trace_;
    std::unordered_map<std::int64_t, std::size_t> index_;
};

}  // namespace

RunRecord read_run_record(SQLite::Database& db, std::int64_t run_id) {
    SQLite::Statement row(db,
                          "SELECT run.id, model_id, plan_hash, protocol, label, created_utc, settings_json, command, "
                          "prompts_json, uuid, path, sha256, name, type, size_bytes, n_params, metadata_json "
                          "FROM run JOIN model ON model.id = run.model_id WHERE run.id = ?");
    if (!bind_all(row, run_id).executeStep()) {
        throw StoreFailure{Error{ErrorKind::Absent, fmt::format("There is no run {} in the store.", run_id),
                                 "See the runs with `landauer runs list`."}};
    }
    RunRecord run;
    run.id = integer(row, 0);
    run.model_id = integer(row, 1);
    run.plan_hash = text(row, 2);
    run.protocol = text(row, 3);
    run.label = text(row, 4);
    run.created_utc = text(row, 5);
    run.settings = facts_from_json(text(row, 6));
    run.command = text(row, 7);
    run.prompts_json = text(row, 8);
    run.uuid = text(row, 9);
    run.model = ModelRecord{run.model_id,
                            text(row, 10),
                            text(row, 11),
                            text(row, 12),
                            text(row, 13),
                            static_cast<std::uint64_t>(integer(row, 14)),
                            static_cast<std::uint64_t>(integer(row, 15)),
                            facts_from_json(text(row, 16))};
    return run;
}

Trace read_trace(SQLite::Database& db, std::int64_t session_id) {
    TraceJoiner joiner(db);
    SQLite::Statement rows(db, "SELECT block FROM sample WHERE session_id = ? ORDER BY id");
    bind_all(rows, session_id);
    while (rows.executeStep()) {
        const SQLite::Column blob = rows.getColumn(0);
        const std::string_view bytes(static_cast<const char*>(blob.getBlob()),
                                     static_cast<std::size_t>(blob.getBytes()));
        const Result<DecodedBlock> block = decode_block(bytes);
        if (!block) {
            throw StoreFailure{block.error()};
        }
        joiner.add(*block);
    }
    return joiner.take();
}

}  // namespace landauer::rows
