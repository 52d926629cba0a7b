// Power and energy sensors that the kernel shows under hwmon: INA2xx boards, amd_energy,
// USB power testers, server boards, graphics cards.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "meters/product_files.h"
#include "meters/sensor_rules.h"
#include "meters/table.h"
#include "platform/files.h"

namespace landauer {
namespace {

constexpr double kMicro = 1e-6;  // power*_input, energy*_input, and millivolts times milliamperes
constexpr double kMilli = 1e-3;

struct Chip {
    std::filesystem::path folder;
    std::string name;
    int number = 0;
    std::vector<std::string> files;
};

// Chips that tell volts and amperes and leave it to us to multiply.
struct Pair {
    std::string_view chip;
    int volt;
    int ampere;
};
constexpr std::array kPairs = {
    Pair{"ina3221", 1, 1}, Pair{"ina3221", 2, 2}, Pair{"ina3221", 3, 3},  // in4 to in7 are the shunts
    Pair{"powerz", 0, 1},  Pair{"ina219", 1, 1},  Pair{"ina220", 1, 1},   // in0 is the shunt
    Pair{"ina226", 1, 1},  Pair{"ina230", 1, 1},  Pair{"ina231", 1, 1},
};

// "power1" of "power1_input"; empty for other files.
std::string sensor_of(std::string_view file, std::string_view kind, std::string_view ending) {
    const bool fits = file.starts_with(kind) && file.ends_with(ending) && file.size() > kind.size() + ending.size();
    return fits ? std::string(file.substr(0, file.size() - ending.size())) : std::string();
}

double seconds_in(const std::filesystem::path& file) {
    const auto milliseconds = read_integer_file(file);
    return milliseconds && *milliseconds > 0 ? static_cast<double>(*milliseconds) * kMilli : 0.0;
}

std::string channel_name(const ProductHarvest& harvest, const Chip& chip, const std::string& sensor,
                         const std::string& label) {
    std::string name = fmt::format("{}/{}", chip.name, label.empty() ? sensor : label);
    if (harvest.has(name)) {
        name = fmt::format("{} {}/{}", chip.name, chip.folder.filename().string(), label.empty() ? sensor : label);
    }
    return harvest.has(name) ? fmt::format("{} {}/{}", chip.name, chip.folder.filename().string(), sensor) : name;
}

Channel channel_of(const ProductHarvest& harvest, const Chip& chip, const std::string& sensor,
                   const std::string& label) {
    const bool is_energy = sensor.starts_with("energy");
    Rail rail = sensor_rail(chip.name, label, chip.number);
    const double interval_s = seconds_in(chip.folder / "update_interval");
    rail.period_s = interval_s > 0.0 ? interval_s : rail.period_s;
    if (!is_energy) {
        rail.averaging_s = seconds_in(chip.folder / (sensor + "_average_interval"));
        const double stated = parse_stated_accuracy(read_trimmed(chip.folder / (sensor + "_accuracy")));
        rail.accuracy = stated > 0.0 ? stated : rail.accuracy;
    }
    return {"hwmon",
            channel_name(harvest, chip, sensor, label),
            is_energy ? "J" : "W",
            is_energy ? ChannelKind::counter : ChannelKind::gauge,
            kMicro,
            0,
            rail};
}

bool add_sensor(ProductHarvest& harvest, const Chip& chip, const std::string& sensor, const std::string& file) {
    const std::string label = read_trimmed(chip.folder / (sensor + "_label"));
    return harvest.add(channel_of(harvest, chip, sensor, label), chip.folder / file);
}

void add_pair(ProductHarvest& harvest, const Chip& chip, const Pair& pair) {
    const std::string volt = fmt::format("in{}", pair.volt);
    const std::string ampere = fmt::format("curr{}", pair.ampere);
    for (const char* const kind : {"_input", "_average"}) {
        const auto volts = chip.folder / (volt + kind);
        const auto amperes = chip.folder / (ampere + kind);
        if (file_exists(volts) && file_exists(amperes)) {
            const std::string label = read_trimmed(chip.folder / (volt + "_label"));
            harvest.add(channel_of(harvest, chip, "power" + std::to_string(pair.ampere), label), volts, amperes);
            return;
        }
    }
}

void add_chip(ProductHarvest& harvest, const Chip& chip) {
    const std::size_t before = harvest.files.size();
    for (const std::string& file : chip.files) {
        for (const std::string_view kind : {"power", "energy"}) {
            if (const std::string sensor = sensor_of(file, kind, "_input"); !sensor.empty()) {
                add_sensor(harvest, chip, sensor, file);
            }
        }
        // Some chips (ACPI power meters, graphics cards) have only an average over their own period.
        const std::string averaged = sensor_of(file, "power", "_average");
        if (!averaged.empty() && !file_exists(chip.folder / (averaged + "_input"))) {
            add_sensor(harvest, chip, averaged, file);
        }
    }
    if (harvest.files.size() != before) {
        return;
    }
    for (const Pair& pair : kPairs) {
        if (pair.chip == chip.name) {
            add_pair(harvest, chip, pair);
        }
    }
}

// Older drivers keep their files in the device that hwmon only points to.
Chip read_chip(const NumberedEntry& entry) {
    const auto folder = file_exists(entry.path / "name") ? entry.path : entry.path / "device";
    return {folder, read_trimmed(folder / "name"), entry.number, list_folder(folder)};
}

// hwmon shows batteries and chargers a second time. The battery meter reads batteries; a
// charger's current is what was agreed upon and not what flows.
bool is_power_supply(const std::filesystem::path& root, const std::string& chip) {
    for (std::string supply : list_folder(root / "sys/class/power_supply")) {
        std::replace(supply.begin(), supply.end(), '-', '_');
        if (supply == chip) {
            return true;
        }
    }
    return false;
}

// amd_energy numbers cores over all sockets; each belongs to the socket of its share.
void place_cores(std::vector<Channel>& channels) {
    constexpr std::string_view kChip = "amd_energy/";
    const auto number = [&](const Channel& channel, std::string_view word) {
        return channel.name.starts_with(kChip) ? amd_number(std::string_view(channel.name).substr(kChip.size()), word)
                                               : -1;
    };
    const auto count = [&](std::string_view word) {
        return static_cast<int>(std::count_if(channels.begin(), channels.end(),
                                              [&](const Channel& channel) { return number(channel, word) >= 0; }));
    };
    const int per_socket = std::max(1, count("Ecore") / std::max(1, count("Esocket")));
    for (Channel& channel : channels) {
        const int core = number(channel, "Ecore");
        channel.rail.index = core >= 0 ? core / per_socket : channel.rail.index;
    }
}

std::vector<std::string> notes_on(const ProductHarvest& harvest) {
    std::vector<std::string> notes;
    const auto has_kind = [&](RailKind kind) {
        return std::any_of(harvest.info.channels.begin(), harvest.info.channels.end(),
                           [&](const Channel& channel) { return channel.rail.kind == kind; });
    };
    if (has_kind(RailKind::part)) {
        notes.emplace_back(
            "Linux does not say which loads a sensor on a board carries; one called 'part' may hold all or a little.");
    }
    if (has_kind(RailKind::dc_input)) {
        notes.emplace_back(
            "A POWER-Z tester holds all that flows through its plug; volts and amperes are read one after the other.");
    }
    if (std::any_of(harvest.info.channels.begin(), harvest.info.channels.end(),
                    [](const Channel& channel) { return channel.name.starts_with("ina"); })) {
        notes.emplace_back(
            "INA accuracy: Texas Instruments' data sheet at 25 degC plus 1 % for the shunt, which is the board's.");
    }
    for (const auto& file : harvest.denied) {
        notes.push_back(fmt::format("Only root may read {}, so it is missing here.", file.string()));
    }
    return notes;
}

}  // namespace

MeterResult probe_hwmon(const std::filesystem::path& root) {
    ProductHarvest harvest;
    for (const NumberedEntry& entry : list_numbered(root / "sys/class/hwmon", "hwmon")) {
        const Chip chip = read_chip(entry);
        if (!is_power_supply(root, chip.name)) {
            add_chip(harvest, chip);
        }
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
    place_cores(harvest.info.channels);
    harvest.info.name = "hwmon";
    harvest.info.covers = "power and energy sensors of the board or of an attached meter";
    harvest.info.notes = notes_on(harvest);
    return std::make_unique<ProductFilesMeter>(std::move(harvest.info), std::move(harvest.files));
}

}  // namespace landauer
