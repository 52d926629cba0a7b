// Trials with a picture.
#pragma once

namespace landauer {

inline constexpr const char* kSchemaV3 = R"sql(
CREATE TABLE image (
    trial_id      INTEGER PRIMARY KEY REFERENCES trial (id) ON DELETE CASCADE,
    width         INTEGER NOT NULL,
    height        INTEGER NOT NULL,
    n_tokens      INTEGER NOT NULL,
    n_patches     INTEGER NOT NULL,
    effective_px  INTEGER NOT NULL,
    n_slices      INTEGER NOT NULL
);
)sql";

}  // namespace landauer
