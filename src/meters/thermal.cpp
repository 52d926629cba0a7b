// Temperatures near the processor: thermal zones and hwmon sensors.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "meters/number_files.h"
#include "meters/table.h"
#include "platform/files.h"

namespace landauer {
namespace {

// Chips that sit elsewhere, or that must be woken or asked over a slow bus: reading them
// would disturb what is measured and say nothing about the processor.
constexpr std::array<std::string_view, 10> kOtherChips = {"nvme",    "drivetemp", "iwlwifi", "mt7",   "ath1",
                                                          "spd5118", "jc42",      "BAT",     "r8169", "amdgpu"};

bool is_elsewhere(std::string_view chip) {
    return std::any_of(kOtherChips.begin(), kOtherChips.end(),
                       [&](std::string_view other) { return chip.starts_with(other); });
}

// The name, or the name with the lowest number that makes it unlike the others.
std::string unique_name(const std::vector<Channel>& channels, const std::string& name) {
    const auto taken = [&](const std::string& wanted) {
        return std::any_of(channels.begin(), channels.end(), [&](const Channel& c) { return c.name == wanted; });
    };
    std::string out = name;
    for (int n = 2; taken(out); ++n) {
        out = fmt::format("{} {}", name, n);
    }
    return out;
}

void add_temperature(FileHarvest& harvest, const std::filesystem::path& file, const std::string& name) {
    harvest.add(file, {"thermal", unique_name(harvest.info.channels, name), "degC", ChannelKind::gauge, 1e-3, 0});
}

void add_chip(FileHarvest& harvest, const std::filesystem::path& folder) {
    const std::string chip = read_trimmed(folder / "name");
    if (chip.empty() || is_elsewhere(chip)) {
        return;
    }
    const auto label_of = [&](const std::string& sensor) { return read_trimmed(folder / (sensor + "_label")); };
    std::vector<std::string> sensors;
    bool has_package = false;
    for (const std::string& file : list_folder(folder)) {
        if (file.starts_with("temp") && file.ends_with("_input")) {
            sensors.push_back(file.substr(0, file.size() - std::string_view("_input").size()));
            has_package = has_package || label_of(sensors.back()).starts_with("Package");
        }
    }
    for (const std::string& sensor : sensors) {
        const std::string label = label_of(sensor);
        if (has_package && label.starts_with("Core")) {
            continue;  // the package's own sensor is the hottest of its cores
        }
        add_temperature(harvest, folder / (sensor + "_input"),
                        fmt::format("{}/{}", chip, label.empty() ? sensor : label));
    }
}

}  // namespace

MeterResult probe_thermal(const std::filesystem::path& root) {
    FileHarvest harvest;
    for (const NumberedEntry& zone : list_numbered(root / "sys/class/thermal", "thermal_zone")) {
        const std::string type = read_trimmed(zone.path / "type");
        if (!is_elsewhere(type)) {
            add_temperature(harvest, zone.path / "temp", type.empty() ? fmt::format("zone{}", zone.number) : type);
        }
    }
    for (const NumberedEntry& chip : list_numbered(root / "sys/class/hwmon", "hwmon")) {
        add_chip(harvest, chip.path);
    }
    if (harvest.files.empty() && !harvest.denied.empty()) {
        return fail(
            ErrorKind::Denied, "This user may not read the temperature sensors.",
            "Allow it: sudo chmod a+r /sys/class/thermal/thermal_zone*/temp /sys/class/hwmon/hwmon*/temp*_input");
    }
    if (harvest.files.empty()) {
        return fail(ErrorKind::Absent, "This machine shows no temperature sensor of the processor.",
                    "Virtual machines hide them; elsewhere load the sensor's driver (coretemp, k10temp), for example "
                    "with sensors-detect.");
    }
    harvest.info.name = "thermal";
    harvest.info.covers = "temperature sensors of the processor and its board";
    return std::make_unique<NumberFilesMeter>(std::move(harvest.info), std::move(harvest.files));
}

}  // namespace landauer
