// One SQLite file that holds raw samples and everything needed to compute figures again.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/records.h"

namespace landauer {

struct RunSummary {
    RunRecord run;
    std::int64_t n_trials = 0;
    std::int64_t n_spoiled = 0;    // grade C
    std::string last_utc;
};

class Store {
   public:
    // Opens or creates; migrates older stores; WAL. Denied or Failed (with the path and
    // what to do) when the folder is read-only, the disk full, the file no store or newer
    // than this program.
    [[nodiscard]] static Result<Store> open(const std::filesystem::path& file);
    // Fails Absent instead of creating.
    [[nodiscard]] static Result<Store> open_existing(const std::filesystem::path& file);
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
    // Rewrites a session's late fields: sampler, idle, caveats, ended_utc.
    [[nodiscard]] Result<void> update_session(const SessionRecord& session);
    // Keys of a run's finished trials with grade A or B, and how often each was tried.
    [[nodiscard]] Result<std::set<std::string>> finished_keys(std::int64_t run_id);
    [[nodiscard]] Result<int> attempts(std::int64_t run_id, const std::string& key);

    // One transaction: the trial (id ignored), its phases, caveats and figures, and the
    // samples read since the last commit of this session.
    [[nodiscard]] Result<std::int64_t> commit_trial(const TrialRecord& trial, const Trace& samples);
    // Samples (and a model load) outside any trial: idle baselines, loads.
    [[nodiscard]] Result<void> commit_samples(std::int64_t session_id, const Trace& samples);
    [[nodiscard]] Result<void> commit_load(std::int64_t session_id, std::int64_t run_id, const PhaseRecord& load);

    [[nodiscard]] Result<std::vector<RunSummary>> list_runs();
    [[nodiscard]] Result<RunData> read_run(std::int64_t run_id);
    [[nodiscard]] Result<void> delete_run(std::int64_t run_id);  // and samples no other run needs
    // Copies runs (all, or the given) of another store into this one; ones already here are skipped.
    struct MergeReport {
        int runs_added = 0;
        int runs_skipped = 0;
        int trials_added = 0;
    };
    [[nodiscard]] Result<MergeReport> merge_from(Store& other, const std::vector<std::int64_t>& run_ids = {});

   private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// A run as JSONL (first line a header, then one line a session, trial and sample block) and back.
[[nodiscard]] Result<void> export_jsonl(const RunData& run, std::ostream& out);
[[nodiscard]] Result<RunData> import_jsonl(std::istream& in);
[[nodiscard]] Result<void> import_run(Store& store, const RunData& run);

}  // namespace landauer
