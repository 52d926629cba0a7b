// The INA3221 power monitors of NVIDIA Jetson boards up to JetPack 4, whose driver shows
// milliwatts. Newer systems show the same chips under hwmon.
#include <fmt/format.h>

#include <algorithm>

#include "meters/product_files.h"
#include "meters/sensor_rules.h"
#include "meters/table.h"
#include "platform/files.h"

namespace landauer {
namespace {

constexpr std::string_view kDriver = "sys/bus/i2c/drivers/ina3221x";
constexpr double kMilli = 1e-3;
constexpr int kRailsOfAChip = 3;
constexpr std::string_view kNotConnected = "NC";

void add_rails(ProductHarvest& harvest, const std::filesystem::path& folder) {
    for (int i = 0; i < kRailsOfAChip; ++i) {
        const std::string label = read_trimmed(folder / fmt::format("rail_name_{}", i));
        const auto file = folder / fmt::format("in_power{}_input", i);
        if (label == kNotConnected || !file_exists(file)) {
            continue;
        }
        const std::string plain = label.empty() ? fmt::format("power{}", i) : label;
        const std::string device = folder.parent_path().filename().string();
        const std::string name = harvest.has(plain) || label.empty() ? fmt::format("{}/{}", device, plain) : plain;
        harvest.add({"jetson", name, "W", ChannelKind::gauge, kMilli, 0, sensor_rail("ina3221", label, 0)}, file);
    }
}

// One chip may be shown as iio:device0 and as iio_device; the first that has rails counts.
void add_chip(ProductHarvest& harvest, const std::filesystem::path& device) {
    const std::size_t before = harvest.files.size() + harvest.denied.size();
    for (const std::string& folder : list_folder(device)) {
        if (folder.starts_with("iio") && harvest.files.size() + harvest.denied.size() == before) {
            add_rails(harvest, device / folder);
        }
    }
}

}  // namespace

MeterResult probe_jetson(const std::filesystem::path& root) {
    ProductHarvest harvest;
    for (const std::string& device : list_folder(root / kDriver)) {
        if (device.find('-') != std::string::npos) {  // "1-0040": bus and address
            add_chip(harvest, root / kDriver / device);
        }
    }
    if (harvest.files.empty() && !harvest.denied.empty()) {
        return fail(ErrorKind::Denied, "This Jetson has a power monitor, but only root may read it.",
                    fmt::format("On a machine you trust, until the next boot: sudo chmod a+r {}",
                                harvest.denied.front().string()));
    }
    if (harvest.files.empty()) {
        return fail(ErrorKind::Absent, "This machine has no Jetson power monitor of the older kind (ina3221x).",
                    "On a Jetson with JetPack 5 or newer the meter hwmon reads it.");
    }
    harvest.info.name = "jetson";
    harvest.info.covers = "power of the module and of rails on it";
    harvest.info.notes = {
        "VDD_IN holds the module, and not the carrier board's own loads; the other rails are parts of it.",
        "Accuracy: the INA3221's data sheet at 25 degC plus 1 % for the shunts."};
    for (const auto& file : harvest.denied) {
        harvest.info.notes.push_back(fmt::format("Only root may read {}, so it is missing here.", file.string()));
    }
    return std::make_unique<ProductFilesMeter>(std::move(harvest.info), std::move(harvest.files));
}

}  // namespace landauer
