// Which energy channels of a trace may be added up without counting a joule twice.
#pragma once

#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstddef>
#include <cstdint>
#include <optional>
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
// energy; cores and uncore are part of it), else the platform rail psys, else hwmon: sockets,
// or the total rail, or the only one that is no graphics card's. Rails that no rule adds up are never guessed at.
// Series without samples do not count.
[[nodiscard]] EnergyScope energy_scope(const Trace& trace);
// The same over the channels that have samples inside [begin_ns, end_ns].
[[nodiscard]] EnergyScope energy_scope(const Trace& trace, std::int64_t begin_ns, std::int64_t end_ns);

// Energy over the window from the given rails: counter differences and integrals of power, edges
// interpolated. Absent when one rail is, for a part is not the whole. only_inside: samples outside
// the window are not looked at.
[[nodiscard]] std::optional<double> energy_joules(const Trace& trace, const std::vector<std::size_t>& rails,
                                                  Window window, bool only_inside = false);

}  // namespace landauer
