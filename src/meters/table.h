// The meters landauer knows. A new one: a file that defines its probe function, its line here,
// and one line in table.cpp.
#pragma once

#include <landauer/meter.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace landauer {

// Absent when this machine has no such thing under `root`, Denied when it may not be read.
using MeterResult = Result<std::unique_ptr<Meter>>;

MeterResult probe_machine(const std::filesystem::path& root);
MeterResult probe_process(const std::filesystem::path& root);
MeterResult probe_memory(const std::filesystem::path& root);
MeterResult probe_frequency(const std::filesystem::path& root);
MeterResult probe_thermal(const std::filesystem::path& root);
MeterResult probe_throttle(const std::filesystem::path& root);
MeterResult probe_perf_rapl(const MeterSources& sources, const std::string& argument);
MeterResult probe_powercap(const std::filesystem::path& root);
MeterResult probe_rpi_pmic(const std::filesystem::path& root);
MeterResult probe_jetson(const std::filesystem::path& root);
MeterResult probe_battery(const std::filesystem::path& root);
MeterResult probe_hwmon(const std::filesystem::path& root);
MeterResult probe_apple_ioreport(const std::filesystem::path& root);  // on macOS only
MeterResult probe_usb_fnirsi(const MeterSources& sources, const std::string& argument);
MeterResult probe_usb_km003c(const MeterSources& sources, const std::string& argument);
MeterResult probe_usb_tc66c(const MeterSources& sources, const std::string& argument);
MeterResult probe_usb_um25c(const MeterSources& sources, const std::string& argument);
MeterResult probe_plug_shelly(const MeterSources& sources, const std::string& argument);
MeterResult probe_plug_tasmota(const MeterSources& sources, const std::string& argument);
MeterResult probe_command(const MeterSources& sources, const std::string& argument);
MeterResult probe_estimate(const MeterSources& sources, const std::string& argument);
MeterResult probe_external(const MeterSources& sources, const std::string& argument);
MeterResult probe_replay(const MeterSources& sources, const std::string& argument);

enum class MeterUse : std::uint8_t {
    always,      // tried on every machine, its argument empty
    on_request,  // only with --meter NAME:ARGUMENT
};

struct MeterEntry {
    std::string_view name;
    MeterResult (*probe)(const MeterSources& sources, const std::string& argument);
    MeterUse use = MeterUse::always;
    std::string_view argument = {};  // on_request: what the argument is, for help: "HOST[:PORT]"
};

[[nodiscard]] std::span<const MeterEntry> meter_table();

}  // namespace landauer
