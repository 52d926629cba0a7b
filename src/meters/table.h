// The meters landauer knows. A new one: a file that defines its probe function, and one
// line here and in table.cpp.
#pragma once

#include <landauer/meter.h>

#include <filesystem>
#include <memory>
#include <span>
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
MeterResult probe_powercap(const std::filesystem::path& root);
MeterResult probe_hwmon(const std::filesystem::path& root);

struct MeterEntry {
    std::string_view name;
    MeterResult (*probe)(const std::filesystem::path& root);
};

[[nodiscard]] std::span<const MeterEntry> meter_table();

}  // namespace landauer
