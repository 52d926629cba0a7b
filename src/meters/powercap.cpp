// RAPL energy counters of Intel and AMD processors, from Linux powercap.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "meters/number_files.h"
#include "meters/rapl_names.h"
#include "meters/table.h"
#include "platform/files.h"

namespace landauer {
namespace {

constexpr std::string_view kFolder = "sys/class/powercap";

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

// Every package that has a zone, in order.
std::vector<PackageName> packages_of(const std::vector<Zone>& zones) {
    std::vector<PackageName> packages;
    packages.reserve(zones.size());
    for (const Zone& zone : zones) {
        packages.push_back(parse_package_name(std::string_view(zone.name).substr(0, zone.name.find('/'))));
    }
    std::sort(packages.begin(), packages.end());
    packages.erase(std::unique(packages.begin(), packages.end()), packages.end());
    std::erase(packages, PackageName{});
    return packages;
}

struct Zones {
    std::vector<Zone> counted;
    bool mirrored = false;  // there are memory-mapped ones beside them
};

// The MSR zones; the memory-mapped ones mirror them, and count only where those are missing.
Zones find_zones(const std::filesystem::path& powercap) {
    auto zones = find_zones(powercap, "intel-rapl:");
    auto mirrors = find_zones(powercap, "intel-rapl-mmio:");
    if (zones.empty()) {
        return {std::move(mirrors), false};
    }
    return {std::move(zones), !mirrors.empty()};
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

// What a user must know before adding these rails up.
std::vector<std::string> notes_on(const Zones& zones, const std::vector<std::string>& closed) {
    std::vector<std::string> notes = {
        "A package's energy holds its core and uncore, and not its dram; discs, fans, network and the power "
        "supply's losses are in none of them.",
        "Intel and AMD state no accuracy for these counters."};
    if (zones.mirrored) {
        notes.emplace_back("intel-rapl-mmio shows the same counters again and is left out.");
    }
    if (!closed.empty()) {
        notes.push_back(fmt::format("Only root may read {}, so {} missing here.", fmt::join(closed, ", "),
                                    closed.size() == 1 ? "it is" : "they are"));
    }
    return notes;
}

}  // namespace

MeterResult probe_powercap(const std::filesystem::path& root) {
    const auto powercap = root / kFolder;
    const Zones zones = find_zones(powercap);
    if (zones.counted.empty()) {
        return tl::unexpected(no_zones(powercap));
    }
    FileHarvest harvest;
    std::vector<std::string> closed;
    const std::vector<PackageName> packages = packages_of(zones.counted);
    for (const Zone& zone : zones.counted) {
        // Without its range a counter's wrap cannot be undone: no joules rather than wrong ones.
        const auto range = wrap_range(zone);
        const std::size_t denied_before = harvest.denied.size();
        if (range) {
            harvest.add(zone.folder / "energy_uj", {"powercap", zone.name, "J", ChannelKind::counter, 1e-6, *range,
                                                    rapl_rail(zone.name, packages)});
        }
        if (harvest.denied.size() > denied_before) {
            closed.push_back(zone.name);
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
    harvest.info.permission = "read permission on energy_uj, which kernels since 2020 give to root only";
    harvest.info.notes = notes_on(zones, closed);
    return std::make_unique<NumberFilesMeter>(std::move(harvest.info), std::move(harvest.files));
}

}  // namespace landauer
