// What smart plugs answer over HTTP.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace landauer {

struct PlugReading {
    std::int64_t milliwatts = 0;
    std::optional<std::int64_t> energy_mwh;  // the plug's own counter, where it has one
    friend bool operator==(const PlugReading&, const PlugReading&) = default;
};

// Shelly from the second generation on: /rpc/Switch.GetStatus (and PM1.GetStatus of those that cannot switch).
[[nodiscard]] std::optional<PlugReading> parse_shelly_rpc(std::string_view json);
// Shelly of the first generation: /status, its first meter.
[[nodiscard]] std::optional<PlugReading> parse_shelly_status(std::string_view json);
// Tasmota: Status 8, the whole plug where it meters several sockets.
[[nodiscard]] std::optional<PlugReading> parse_tasmota(std::string_view json);

}  // namespace landauer
