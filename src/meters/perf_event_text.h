// What a perf unit's files under /sys say about its events.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace landauer {

// The number in "event=0x02"; empty for other forms, which need more than one number.
[[nodiscard]] std::optional<std::uint64_t> parse_event_config(std::string_view text);

}  // namespace landauer
