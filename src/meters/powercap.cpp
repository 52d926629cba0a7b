// RAPL energy counters of Intel and AMD processors, from Linux powercap.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "meters/number_files.h"
#include "meters/table.h"
#include "platform/files.h"

namespace landauer {
namespace {

constexpr std::string_view kFolder = "sys/class/powercap";
// The counters advance about every millisecond.
constexpr double kUpdatePeriod_s = 1e-3;

struct Zone {
    std::filesystem::path folder;
    std::string name;  // "package-0", "package-0/dram", "psys"
};

// Folders are called TYPE:INDEX[:INDEX] with indices in hexadecimal. Only their nesting is
// taken from the folder's name; what a zone is, its file `name` says.
std::string parent_of(const std::string& folder) {
    const std::size_t first = folder.find(':');
    const std::size_t last = folder.rfind(':');
    return first == last ? std::string() : folder.substr(0, last);
}

std::vector<Zone> find_zones(const std::filesystem::path& powercap, std::string_view prefix) {
    std::vector<Zone> zones;
    for (const std::string& folder : list_folder(powercap)) {
        if (!folder.starts_with(prefix)) {
            continue;
        }
        std::string name = read_trimmed(powercap / folder / "name");
        const std::string parent = parent_of(folder);
        if (name.empty()) {
            continue;
        }
        if (!parent.empty()) {
            const std::string parent_name = read_trimmed(powercap / parent / "name");
            name = fmt::format("{}/{}", parent_name.empty() ? parent : parent_name, name);
        }
        const auto same = [&](const Zone& zone) { return zone.name == name; };
        if (std::none_of(zones.begin(), zones.end(), same)) {
            zones.push_back({powercap / folder, std::move(name)});
        }
    }
    return zones;
}

// Zones of one package have its ordinal as their index, dies counted one by one.
Rail rail_of(const std::string& name, std::vector<std::string>& packages) {
    Rail rail;
    rail.period_s = kUpdatePeriod_s;
    if (name == "psys") {
        rail.kind = RailKind::psys;
        return rail;
    }
    const std::size_t slash = name.find('/');
    const std::string package = name.substr(0, slash);
    auto at = std::find(packages.begin(), packages.end(), package);
    if (at == packages.end()) {
        at = packages.insert(packages.end(), package);
    }
    rail.index = static_cast<int>(at - packages.begin());
    if (slash == std::string::npos) {
        rail.kind = name.starts_with("package-") ? RailKind::package : RailKind::part;
    } else if (!rail_kind_from_name(name.substr(slash + 1), rail.kind)) {
        rail.kind = RailKind::part;
    }
    return rail;
}

// The MSR zones; the memory-mapped ones mirror them, and count only where those are missing.
std::vector<Zone> find_zones(const std::filesystem::path& powercap) {
    auto zones = find_zones(powercap, "intel-rapl:");
    return zones.empty() ? find_zones(powercap, "intel-rapl-mmio:") : zones;
}

// The counter runs from 0 to max_energy_range_uj and starts again at 0.
std::optional<std::int64_t> wrap_range(const Zone& zone) {
    const auto most = read_integer_file(zone.folder / "max_energy_range_uj");
    if (!most || *most <= 0 || *most == std::numeric_limits<std::int64_t>::max()) {
        return std::nullopt;
    }
    return *most + 1;
}

// Why there is no zone: none at all, or the folders they point to are hidden.
Error no_zones(const std::filesystem::path& powercap) {
    for (const std::string& entry : list_folder(powercap)) {
        if (entry.starts_with("intel-rapl") && !file_exists(powercap / entry)) {
            return {ErrorKind::Denied, "This machine has RAPL energy counters, but this container hides them.",
                    "Measure outside the container, or start it with: docker run --security-opt "
                    "systempaths=unconfined"};
        }
    }
    return {ErrorKind::Absent, "This machine has no RAPL energy counters (no zones in /sys/class/powercap).",
            "On an Intel or AMD machine: sudo modprobe intel_rapl_msr. Virtual machines have none; there, measure on "
            "the host."};
}

Error denied() {
    return {ErrorKind::Denied,
            "This machine has RAPL energy counters, but only root may read them, because fine energy readings can "
            "leak other programs' secrets (CVE-2020-8694).",
            "On a machine you trust, until the next boot: sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj"};
}

}  // namespace

MeterResult probe_powercap(const std::filesystem::path& root) {
    const auto powercap = root / kFolder;
    const std::vector<Zone> zones = find_zones(powercap);
    if (zones.empty()) {
        return tl::unexpected(no_zones(powercap));
    }
    FileHarvest harvest;
    std::vector<std::string> packages;
    for (const Zone& zone : zones) {
        // Without its range a counter's wrap cannot be undone: no joules rather than wrong ones.
        if (const auto range = wrap_range(zone)) {
            harvest.add(zone.folder / "energy_uj",
                        {"powercap", zone.name, "J", ChannelKind::counter, 1e-6, *range, rail_of(zone.name, packages)});
        }
    }
    if (harvest.files.empty()) {
        return harvest.denied.empty()
                   ? fail(ErrorKind::Failed, "The RAPL zones in /sys/class/powercap have no readable energy counter.",
                          "See which files their folders hold, and update the kernel if energy_uj is not among them.")
                   : tl::unexpected(denied());
    }
    harvest.info.name = "powercap";
    harvest.info.covers = "energy of the processor's rails as its own RAPL counters tell it";
    return std::make_unique<NumberFilesMeter>(std::move(harvest.info), std::move(harvest.files));
}

}  // namespace landauer
