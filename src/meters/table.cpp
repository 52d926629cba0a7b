#include "meters/table.h"

#include <array>

namespace landauer {

std::span<const MeterEntry> meter_table() {
    static constexpr std::array kTable = {
        MeterEntry{"process", probe_process},   MeterEntry{"machine", probe_machine},
        MeterEntry{"memory", probe_memory},     MeterEntry{"frequency", probe_frequency},
        MeterEntry{"thermal", probe_thermal},   MeterEntry{"throttle", probe_throttle},
        MeterEntry{"powercap", probe_powercap}, MeterEntry{"hwmon", probe_hwmon},
    };
    return kTable;
}

std::vector<MeterProbe> probe_meters(const std::filesystem::path& root) {
    std::vector<MeterProbe> probes;
    for (const MeterEntry& entry : meter_table()) {
        probes.push_back({std::string(entry.name), entry.probe(root)});
    }
    return probes;
}

}  // namespace landauer
