// Power and energy sensors that the kernel shows under hwmon: INA2xx boards, amd_energy,
// USB power testers, server boards.
#include <fmt/format.h>

#include <string_view>

#include "meters/number_files.h"
#include "meters/table.h"
#include "platform/files.h"

namespace landauer {
namespace {

constexpr double kMicro = 1e-6;  // both power*_input and energy*_input

// "power1" of "power1_input"; empty for other files.
std::string sensor_of(std::string_view file, std::string_view kind, std::string_view ending) {
    const bool fits = file.starts_with(kind) && file.ends_with(ending) && file.size() > kind.size() + ending.size();
    return fits ? std::string(file.substr(0, file.size() - ending.size())) : std::string();
}

void add_sensor(FileHarvest& harvest, const std::filesystem::path& folder, const std::string& chip,
                const std::string& sensor, const std::string& file) {
    const bool is_energy = sensor.starts_with("energy");
    const std::string label = read_trimmed(folder / (sensor + "_label"));
    const std::string name = fmt::format("{}/{}", chip, label.empty() ? sensor : label);
    for (const Channel& channel : harvest.info.channels) {
        if (channel.name == name) {
            return add_sensor(harvest, folder, chip + " " + folder.filename().string(), sensor, file);
        }
    }
    harvest.add(folder / file,
                {"hwmon", name, is_energy ? "J" : "W", is_energy ? ChannelKind::counter : ChannelKind::gauge, kMicro, 0,
                 Rail{RailKind::part}});
}

void add_chip(FileHarvest& harvest, const std::filesystem::path& folder) {
    const auto files = list_folder(folder);
    const std::string chip = read_trimmed(folder / "name");
    for (const std::string& file : files) {
        for (const std::string_view kind : {"power", "energy"}) {
            if (const std::string sensor = sensor_of(file, kind, "_input"); !sensor.empty()) {
                add_sensor(harvest, folder, chip, sensor, file);
            }
        }
        // Some chips (ACPI power meters, GPUs) have only an average over their own period.
        const std::string averaged = sensor_of(file, "power", "_average");
        if (!averaged.empty() && !file_exists(folder / (averaged + "_input"))) {
            add_sensor(harvest, folder, chip, averaged, file);
        }
    }
}

}  // namespace

MeterResult probe_hwmon(const std::filesystem::path& root) {
    FileHarvest harvest;
    for (const NumberedEntry& chip : list_numbered(root / "sys/class/hwmon", "hwmon")) {
        add_chip(harvest, chip.path);
    }
    if (harvest.files.empty() && !harvest.denied.empty()) {
        return fail(ErrorKind::Denied, "This machine has a power sensor, but only root may read it.",
                    fmt::format("On a machine you trust, until the next boot: sudo chmod a+r {}",
                                harvest.denied.front().string()));
    }
    if (harvest.files.empty()) {
        return fail(ErrorKind::Absent, "This machine has no power or energy sensor under /sys/class/hwmon.",
                    "A power meter that Linux knows (an INA219, INA226 or INA3221 board, or a POWER-Z USB tester) "
                    "shows up here once its driver is loaded.");
    }
    harvest.info.name = "hwmon";
    harvest.info.covers = "power and energy sensors of the board or of an attached meter";
    return std::make_unique<NumberFilesMeter>(std::move(harvest.info), std::move(harvest.files));
}

}  // namespace landauer
