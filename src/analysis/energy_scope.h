// Which energy channels of a trace may be added up without counting a joule twice.
#pragma once

#include <landauer/trace.h>

#include <cstddef>
#include <string>
#include <vector>

namespace landauer {

struct EnergyScope {
    std::vector<std::size_t> series;    // indices into the trace; their sum is the energy. Empty: none
    std::string covers;                 // the rails: "package-0 + package-0/dram (powercap)"
    std::string provenance;             // "measured"; empty when there is no energy
    std::vector<std::string> left_out;  // energy channels that overlap the chosen ones or are not known to add up
    [[nodiscard]] bool empty() const { return series.empty(); }
};

// CPU packages and their DRAM (DRAM is nested in powercap's folders but not part of package
// energy; cores and uncore are part of it), else the platform rail psys, else the total rail
// of an hwmon meter or its only one. Rails that no rule adds up are never guessed at. Series
// without samples do not count.
[[nodiscard]] EnergyScope energy_scope(const Trace& trace);
// The same over the channels that have samples inside [begin_ns, end_ns].
[[nodiscard]] EnergyScope energy_scope(const Trace& trace, std::int64_t begin_ns, std::int64_t end_ns);

}  // namespace landauer
