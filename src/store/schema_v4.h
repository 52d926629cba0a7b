// What answers and models are worth.
#pragma once

namespace landauer {

inline constexpr const char* kSchemaV4 = R"sql(
CREATE TABLE score_set (
    id                   INTEGER PRIMARY KEY,
    run_id               INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    reference_words      TEXT NOT NULL,
    references_sha256    TEXT NOT NULL,
    embedder             TEXT NOT NULL,
    embedder_sha256      TEXT NOT NULL,
    rule                 TEXT NOT NULL,
    n_without_reference  INTEGER NOT NULL,
    caveats_json         TEXT NOT NULL,
    UNIQUE (run_id, references_sha256, embedder_sha256, rule)
);
CREATE TABLE score (
    set_id          INTEGER NOT NULL REFERENCES score_set (id) ON DELETE CASCADE,
    trial_id        INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    similarity      REAL,
    exact_match     REAL,
    keyword_recall  REAL,
    defect          TEXT NOT NULL,
    PRIMARY KEY (set_id, trial_id)
) WITHOUT ROWID;
CREATE INDEX score_by_trial ON score (trial_id);
CREATE TABLE text_score (
    model_sha256       TEXT NOT NULL,
    base_sha256        TEXT NOT NULL,
    text_sha256        TEXT NOT NULL,
    n_ctx              INTEGER NOT NULL,
    n_tokens           INTEGER NOT NULL,
    perplexity         REAL,
    perplexity_low     REAL,
    perplexity_high    REAL,
    ln_ppl_ratio       REAL,
    ln_ppl_ratio_low   REAL,
    ln_ppl_ratio_high  REAL,
    kl_mean            REAL,
    kl_mean_low        REAL,
    kl_mean_high       REAL,
    kl_p99             REAL,
    same_top           REAL,
    same_top_low       REAL,
    same_top_high      REAL,
    PRIMARY KEY (model_sha256, base_sha256, text_sha256, n_ctx)
) WITHOUT ROWID;
)sql";

}  // namespace landauer
