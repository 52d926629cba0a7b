// The first schema. Units are in the column names; docs/store.md describes each table.
#pragma once

namespace landauer {

inline constexpr const char* kSchemaV1 = R"sql(
CREATE TABLE machine (
    id          INTEGER PRIMARY KEY,
    facts_json  TEXT NOT NULL UNIQUE
);
CREATE TABLE model (
    id             INTEGER PRIMARY KEY,
    path           TEXT NOT NULL,
    sha256         TEXT NOT NULL,
    name           TEXT NOT NULL,
    type           TEXT NOT NULL,
    size_bytes     INTEGER NOT NULL,
    n_params       INTEGER NOT NULL,
    metadata_json  TEXT NOT NULL,
    UNIQUE (sha256, path)
);
CREATE TABLE session (
    id                INTEGER PRIMARY KEY,
    uuid              TEXT NOT NULL UNIQUE,
    machine_id        INTEGER NOT NULL REFERENCES machine (id),
    started_utc       TEXT NOT NULL,
    started_ns        INTEGER NOT NULL,
    ended_utc         TEXT NOT NULL,
    command           TEXT NOT NULL,
    version           TEXT NOT NULL,
    rate_hz           REAL NOT NULL,
    ticks             INTEGER NOT NULL,
    missed_deadlines  INTEGER NOT NULL,
    dropped_ticks     INTEGER NOT NULL,
    read_errors       INTEGER NOT NULL,
    sampler_cpu_s     REAL,
    sampler_wall_s    REAL,
    jitter_p50_us     REAL,
    jitter_p99_us     REAL,
    jitter_max_us     REAL,
    largest_gap_s     REAL,
    clock_step_s      REAL,
    suspended_s       REAL
);
CREATE TABLE run (
    id             INTEGER PRIMARY KEY,
    uuid           TEXT NOT NULL UNIQUE,
    model_id       INTEGER NOT NULL REFERENCES model (id),
    plan_hash      TEXT NOT NULL,
    protocol       TEXT NOT NULL,
    label          TEXT NOT NULL,
    created_utc    TEXT NOT NULL,
    settings_json  TEXT NOT NULL,
    command        TEXT NOT NULL,
    prompts_json   TEXT NOT NULL
);
CREATE INDEX run_by_plan ON run (plan_hash);
CREATE TABLE trial (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    session_id  INTEGER NOT NULL REFERENCES session (id),
    key         TEXT NOT NULL,
    prompt_id   TEXT NOT NULL,
    repetition  INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    begin_ns    INTEGER NOT NULL,
    end_ns      INTEGER NOT NULL,
    n_prompt    INTEGER NOT NULL,
    n_reused    INTEGER NOT NULL,
    n_gen       INTEGER NOT NULL,
    n_depth     INTEGER NOT NULL,
    answer      TEXT NOT NULL,
    stop        TEXT NOT NULL,
    grade       TEXT NOT NULL
);
CREATE INDEX trial_by_run ON trial (run_id, key);
CREATE INDEX trial_by_session ON trial (session_id);
-- trial_id set: a phase of that trial; run_id set: a model load; neither: an idle baseline.
CREATE TABLE phase (
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    run_id      INTEGER REFERENCES run (id) ON DELETE CASCADE,
    trial_id    INTEGER REFERENCES trial (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    begin_ns    INTEGER NOT NULL,
    end_ns      INTEGER NOT NULL,
    n_tokens    INTEGER NOT NULL
);
CREATE INDEX phase_by_trial ON phase (trial_id);
CREATE INDEX phase_by_run ON phase (run_id);
CREATE INDEX phase_by_session ON phase (session_id) WHERE trial_id IS NULL;
CREATE TABLE caveat (
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER REFERENCES session (id) ON DELETE CASCADE,
    trial_id    INTEGER REFERENCES trial (id) ON DELETE CASCADE,
    code        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    sentence    TEXT NOT NULL,
    remedy      TEXT NOT NULL,
    CHECK ((session_id IS NULL) <> (trial_id IS NULL))
);
CREATE INDEX caveat_by_trial ON caveat (trial_id);
CREATE INDEX caveat_by_session ON caveat (session_id);
CREATE TABLE figure (
    trial_id  INTEGER NOT NULL REFERENCES trial (id) ON DELETE CASCADE,
    metric    TEXT NOT NULL,
    value,
    PRIMARY KEY (trial_id, metric)
) WITHOUT ROWID;
CREATE TABLE channel (
    id          INTEGER PRIMARY KEY,
    meter       TEXT NOT NULL,
    name        TEXT NOT NULL,
    unit        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    scale,
    wrap_range  INTEGER NOT NULL,
    UNIQUE (meter, name, unit, kind, scale, wrap_range)
);
CREATE TABLE sample (
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    begin_ns    INTEGER NOT NULL,
    end_ns      INTEGER NOT NULL,
    n_values    INTEGER NOT NULL,
    block       BLOB NOT NULL
);
CREATE INDEX sample_by_session ON sample (session_id);
)sql";

}  // namespace landauer
