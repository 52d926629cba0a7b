// Energy channels say what they cover. Stores made before knew it by the names of powercap's zones alone.
#pragma once

namespace landauer {

inline constexpr const char* kSchemaV2 = R"sql(
CREATE TABLE channel_2 (
    id          INTEGER PRIMARY KEY,
    meter       TEXT NOT NULL,
    name        TEXT NOT NULL,
    unit        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    scale,
    wrap_range  INTEGER NOT NULL,
    rail_json   TEXT NOT NULL DEFAULT '',
    UNIQUE (meter, name, unit, kind, scale, wrap_range, rail_json)
);
INSERT INTO channel_2 (id, meter, name, unit, kind, scale, wrap_range, rail_json)
SELECT id, meter, name, unit, kind, scale, wrap_range,
    CASE WHEN rail = '' THEN '' ELSE json_object(
        'accuracy', 0.0, 'averaging_s', 0.0, 'clock_error_s', 0.0,
        'index', CASE WHEN name LIKE 'package-%' THEN CAST(substr(name, 9) AS INTEGER) ELSE 0 END,
        'kind', rail, 'period_s', CASE WHEN meter = 'powercap' THEN 0.001 ELSE 0.0 END, 'provenance', 'measured') END
FROM (SELECT *, CASE
    WHEN meter = 'powercap' AND name = 'psys' THEN 'psys'
    WHEN meter = 'powercap' AND name LIKE 'package-%/dram' THEN 'dram'
    WHEN meter = 'powercap' AND name LIKE 'package-%/core' THEN 'core'
    WHEN meter = 'powercap' AND name LIKE 'package-%/uncore' THEN 'uncore'
    WHEN meter = 'powercap' AND name LIKE 'package-%' AND name NOT LIKE '%/%' THEN 'package'
    WHEN meter = 'hwmon' AND unit IN ('J', 'W') THEN 'part'
    ELSE '' END AS rail FROM channel);
DROP TABLE channel;
ALTER TABLE channel_2 RENAME TO channel;
)sql";

}  // namespace landauer
