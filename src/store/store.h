// One SQLite file that holds raw samples and everything needed to compute figures again.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/scores.h"

namespace landauer {

struct RunSummary {
    RunRecord run;
    std::int64_t n_trials = 0;
    std::int64_t n_spoiled = 0;  // grade C
    std::string last_utc;
};

struct StoreOptions {
    int busy_timeout_ms = 30'000;  // how long to wait for another program's transaction
};

class Store {
   public:
    // Opens or creates; migrates older stores; WAL. Denied or Failed (with the path and
    // what to do) when the folder is read-only, the disk full, the file no store or newer
    // than this program. Two processes may append to one store: each waits for the other.
    [[nodiscard]] static Result<Store> open(const std::filesystem::path& file, const StoreOptions& options = {});
    // Fails Absent instead of creating. Where the store may not be written it opens for reading only.
    [[nodiscard]] static Result<Store> open_existing(const std::filesystem::path& file,
                                                     const StoreOptions& options = {});
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store();

    [[nodiscard]] Result<std::int64_t> add_model(const ModelRecord& model);  // or finds it by sha256 and path
    // The run of this plan and model if one is there (to resume), else a new one.
    [[nodiscard]] Result<RunRecord> resume_or_add_run(const RunRecord& run);
    [[nodiscard]] Result<RunRecord> add_run(const RunRecord& run);
    [[nodiscard]] Result<std::int64_t> begin_session(const SessionRecord& session);
    // Rewrites a session's late fields: ended_utc, sampler, idle, caveats, environment.
    [[nodiscard]] Result<void> update_session(const SessionRecord& session);
    // Keys of a run's finished trials with grade A or B, and how often each was tried.
    [[nodiscard]] Result<std::set<std::string>> finished_keys(std::int64_t run_id);
    [[nodiscard]] Result<int> attempts(std::int64_t run_id, const std::string& key);

    // One transaction: the trial (id ignored), its phases, caveats and figures, and the
    // samples read since the last commit of this session. Once it returns, the trial
    // outlives a kill of the process.
    [[nodiscard]] Result<std::int64_t> commit_trial(const TrialRecord& trial, const Trace& samples);
    // Samples (and a model load) outside any trial: idle baselines, loads.
    [[nodiscard]] Result<void> commit_samples(std::int64_t session_id, const Trace& samples);
    // One transaction: another instrument's samples of a session, and the caveat that says where they are from.
    // Invalid when the session is not in this store.
    [[nodiscard]] Result<void> attach_samples(std::int64_t session_id, const Trace& samples, const Caveat& caveat);
    [[nodiscard]] Result<void> commit_load(std::int64_t session_id, std::int64_t run_id, const PhaseRecord& load);

    [[nodiscard]] Result<std::vector<RunSummary>> list_runs();  // oldest first
    // A number, a label that only one run has, a uuid, or "last". Invalid when none or several fit.
    [[nodiscard]] Result<std::int64_t> find_run(const std::string& wanted);
    [[nodiscard]] Result<RunData> read_run(std::int64_t run_id);
    [[nodiscard]] Result<void> delete_run(std::int64_t run_id);  // and samples no other run needs, and its scores

    // Replaces what was kept of this run against the same references, embedder and rule, and becomes its newest.
    // Invalid when a trial is none of that run.
    [[nodiscard]] Result<void> put_scores(const RunScores& scores);
    [[nodiscard]] Result<std::vector<RunScores>> read_scores(std::int64_t run_id);  // newest first
    [[nodiscard]] Result<void> put_text_score(const TextScore& score);              // replaces one of the same key
    [[nodiscard]] Result<std::optional<TextScore>> find_text_score(const std::string& model_sha256,
                                                                   const std::string& base_sha256,
                                                                   const std::string& text_sha256, std::int32_t n_ctx);

    struct MergeReport {
        int runs_added = 0;
        int runs_extended = 0;  // were here, but lacked trials or samples
        int runs_skipped = 0;   // were here whole
        int trials_added = 0;
    };
    // Adds a run with its sessions, or what this store lacks of it: doing it twice changes nothing.
    [[nodiscard]] Result<MergeReport> add_run_data(const RunData& data);
    // Copies runs (all, or the given) of another store into this one; ones already here are skipped.
    [[nodiscard]] Result<MergeReport> merge_from(Store& other, const std::vector<std::int64_t>& run_ids = {});

   private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// A run as JSONL, lossless (docs/store.md): a header line, then one line for the run, each
// session, trial and stretch of samples. A file may hold several runs, one after the other.
[[nodiscard]] Result<void> export_jsonl(const RunData& run, std::ostream& out);
// Invalid, naming the line, for anything that export_jsonl did not write.
[[nodiscard]] Result<std::vector<RunData>> import_jsonl(std::istream& in);

}  // namespace landauer
