#include "meters/rapl_names.h"

#include <algorithm>
#include <limits>

#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::string_view kPackage = "package-";
constexpr std::string_view kDie = "-die-";

int parse_index(std::string_view text) {
    const auto value = parse_integer(text);
    return value && *value >= 0 && *value <= std::numeric_limits<int>::max() ? static_cast<int>(*value) : -1;
}

}  // namespace

PackageName parse_package_name(std::string_view name) {
    if (!name.starts_with(kPackage)) {
        return {};
    }
    name.remove_prefix(kPackage.size());
    const std::size_t die = name.find(kDie);
    const PackageName parsed{parse_index(name.substr(0, die)),
                             die == std::string_view::npos ? 0 : parse_index(name.substr(die + kDie.size()))};
    return parsed.package < 0 || parsed.die < 0 ? PackageName{} : parsed;
}

Rail rapl_rail(std::string_view name, std::span<const PackageName> packages) {
    Rail rail;
    rail.period_s = kRaplPeriod_s;
    const std::size_t slash = name.find('/');
    const PackageName package = parse_package_name(name.substr(0, slash));
    const auto at = std::find(packages.begin(), packages.end(), package);
    if (at != packages.end()) {
        rail.index = static_cast<int>(at - packages.begin());
    }
    if (slash == std::string_view::npos) {
        rail.kind = name == "psys" ? RailKind::psys : package.package >= 0 ? RailKind::package : RailKind::part;
    } else if (!rail_kind_from_name(name.substr(slash + 1), rail.kind) || package.package < 0) {
        rail.kind = RailKind::part;
    }
    return rail;
}

}  // namespace landauer
