// How the rails of RAPL are named and numbered, by powercap and by perf alike, so that the
// meter graph sees that both count the same joules.
#pragma once

#include <landauer/rail.h>

#include <span>
#include <string>
#include <string_view>

namespace landauer {

// The counters advance about every millisecond; nobody states how true they are.
inline constexpr double kRaplPeriod_s = 1e-3;

// "package-1" is {1, 0}, "package-0-die-1" is {0, 1}; anything else is no package.
struct PackageName {
    int package = -1;
    int die = 0;
    friend auto operator<=>(const PackageName&, const PackageName&) = default;
};
[[nodiscard]] PackageName parse_package_name(std::string_view name);

// What "package-0", "package-0/dram" or "psys" covers. Rails of one package carry its place
// among `packages`, which are sorted; dies count one by one.
[[nodiscard]] Rail rapl_rail(std::string_view name, std::span<const PackageName> packages);

}  // namespace landauer
