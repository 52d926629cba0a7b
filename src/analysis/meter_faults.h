// What went wrong with energy meters while they were read: found in their samples alone.
#pragma once

#include <landauer/caveat.h>
#include <landauer/meter_graph.h>
#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

enum class MeterFaultKind : std::uint8_t {
    reset,       // a counter went back and not by a wrap
    lost_wraps,  // unread for so long that a counter may have wrapped more than once
    wrapped,     // wraps that were undone: no fault
    stuck,       // a counter stood still while others and it itself should have moved
    held,        // the same, and it caught up
    gap,         // not read for a while
    ended,       // not read any more from here to the end
    impossible,  // negative power, or more than any machine draws
    frozen,      // a gauge that never changed
    wrong_unit,  // a power that cannot be of this rail
    mirrored,    // a counter that another one shows as well
};
[[nodiscard]] std::string_view code(MeterFaultKind kind);  // "counter-reset"

struct MeterFault {
    MeterFaultKind kind = MeterFaultKind::gap;
    Severity severity = Severity::warning;
    std::size_t series = 0;  // of the trace
    Window when;
    std::string what;  // a clause for a sentence: "was reset 12.3 s after its first reading"
};

// Of the energy channels. session: when they should have been read; empty: as long as any series was.
[[nodiscard]] std::vector<MeterFault> meter_faults(const Trace& trace, Window session = {});

// The same for reports: one a channel and kind, in the order of the channels.
[[nodiscard]] std::vector<Caveat> meter_caveats(const Trace& trace, Window session = {});

// Why a rail's joules must not be used at all, told from its own samples; empty when they may be.
[[nodiscard]] std::string disqualifying_fault(const Series& series);
// The same, told from the mean powers of the other rails: a board that draws less than its processor.
[[nodiscard]] std::string contradiction(std::span<const RailCandidate> rails, std::size_t which);

}  // namespace landauer
