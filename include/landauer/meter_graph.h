// Which energy rails may be added without counting a joule twice, and which of them a figure
// should use: a typed containment graph, and a choice that explains itself.
#pragma once

#include <landauer/rail.h>
#include <landauer/trace.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace landauer {

// How the joules of two rails of one machine lie to each other.
enum class Overlap : std::uint8_t {
    none,      // side by side: they may be added
    inside,    // the first is part of the second
    contains,  // the second is part of the first
    same,      // both count the same joules
    unknown,   // nobody states it, so they must not be added
};
[[nodiscard]] Overlap overlap(const Rail& a, const Rail& b);

// Most prompts take less than this: a rail whose values come more seldom, or are means over longer, mixes several.
inline constexpr double kTypicalPrompt_s = 5.0;

// One energy channel as the choice sees it.
struct RailCandidate {
    Channel channel;
    std::optional<double> mean_w;        // seen lately; absent when it was not watched
    std::optional<std::size_t> mirrors;  // it shows the same counter as this earlier candidate
    std::string fault;                   // why it cannot be trusted: "stuck since 12.3 s"; empty: nothing known
    double observed_period_s = 0.0;      // how far apart its values came at the least; 0: not seen
};

enum class RailRole : std::uint8_t {
    counted,    // in the sum
    inside,     // part of a counted rail
    wider,      // holds counted rails, and more than is wanted or trusted
    duplicate,  // the same joules as a counted rail
    unplaced,   // its place among the others is not known
    faulty,     // cannot be trusted
    too_slow,   // its values come more seldom than prompts, or are means over several: only when named
    not_asked,  // the user named other meters
    modelled,   // an estimate, passed over for a measurement
};
[[nodiscard]] std::string_view name(RailRole role);

struct RailVerdict {
    RailRole role = RailRole::unplaced;
    std::string why;  // one clause: "part of package-0 (powercap)"
};

struct MeterChoice {
    std::vector<std::size_t> counted;   // candidates whose sum is the energy; none of them overlap
    std::vector<RailVerdict> verdicts;  // one a candidate
    std::string covers;                 // "package-0 + package-0/dram (powercap)"
    std::string reason;                 // one sentence: why these; or why none
    Provenance provenance = Provenance::measured;
    [[nodiscard]] bool empty() const { return counted.empty(); }
};

// The widest trustworthy scope. Measured before calibrated before modelled; among the measured
// wall, battery, DC input, board, psys (only where it was watched and reads no less than the
// packages it should hold), packages with their DRAM, a lone part. Rails slower than a typical prompt
// are passed over unless their meter is named. `meters`: only these may be
// used, the first that has rails wins; empty: any. Graphics cards and other devices are never
// part of what a prompt costs on the CPU, and are counted only when their meter is named.
[[nodiscard]] MeterChoice choose_rails(std::span<const RailCandidate> candidates,
                                       std::span<const std::string> meters = {});

}  // namespace landauer
