// Energy counters of Apple processors, as macOS publishes them in its IOReport group
// "Energy Model". What stands here reads records from anywhere; the macOS file only fetches them.
#pragma once

#include <landauer/meter.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

struct IoReportRecord {
    std::string group;
    std::string subgroup;
    std::string channel;
    std::string unit;  // "mJ", "uJ" or "nJ", each channel its own
    std::int64_t value = 0;
    friend bool operator==(const IoReportRecord&, const IoReportRecord&) = default;
};

// Records one a line, their five fields separated by tabs; lines of another form are left out.
[[nodiscard]] std::vector<IoReportRecord> parse_ioreport_text(std::string_view text);

enum class AppleRail : std::uint8_t { cpu, gpu, ane, dram };
inline constexpr std::size_t kAppleRails = 4;

// Which rail a channel is a part of. Names count whole, after an optional "DIE_n_": a group holds
// hundreds of channels, and most are parts of others.
[[nodiscard]] std::optional<AppleRail> apple_rail(std::string_view group, std::string_view channel);

// The value in nanojoules; empty for an unknown unit, a negative value or one that does not fit.
[[nodiscard]] std::optional<std::int64_t> in_nanojoules(std::int64_t value, std::string_view unit) noexcept;

// Nanojoules by rail, dies added up. A rail is empty when it has no channel or any of its channels
// cannot be understood: never a part of a sum.
using AppleEnergy = std::array<std::optional<std::int64_t>, kAppleRails>;
[[nodiscard]] AppleEnergy sum_rails(const std::vector<IoReportRecord>& records);

// Fetches the counters of the energy group; empty when that fails.
using IoReportSource = std::function<std::vector<IoReportRecord>()>;

// Has the rails that a first fetch shows; Absent when it shows none.
[[nodiscard]] Result<std::unique_ptr<Meter>> make_apple_meter(IoReportSource fetch);

}  // namespace landauer
