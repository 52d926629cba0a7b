#include "meters/table.h"

#include <array>

namespace landauer {
namespace {

// For meters that need no more than the system's root.
template <MeterResult (*probe)(const std::filesystem::path&)>
MeterResult at_root(const MeterSources& sources, const std::string& /*argument*/) {
    return probe(sources.root);
}

}  // namespace

std::span<const MeterEntry> meter_table() {
    static constexpr std::array kTable = {
        MeterEntry{"process", at_root<probe_process>},   MeterEntry{"machine", at_root<probe_machine>},
        MeterEntry{"memory", at_root<probe_memory>},     MeterEntry{"frequency", at_root<probe_frequency>},
        MeterEntry{"thermal", at_root<probe_thermal>},   MeterEntry{"throttle", at_root<probe_throttle>},
        MeterEntry{"perf-rapl", probe_perf_rapl},        MeterEntry{"powercap", at_root<probe_powercap>},
        MeterEntry{"rpi-pmic", at_root<probe_rpi_pmic>}, MeterEntry{"jetson", at_root<probe_jetson>},
        MeterEntry{"battery", at_root<probe_battery>},   MeterEntry{"hwmon", at_root<probe_hwmon>},
    };
    return kTable;
}

}  // namespace landauer
