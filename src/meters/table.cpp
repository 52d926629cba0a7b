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
        MeterEntry{"process", at_root<probe_process>},
        MeterEntry{"machine", at_root<probe_machine>},
        MeterEntry{"memory", at_root<probe_memory>},
        MeterEntry{"frequency", at_root<probe_frequency>},
        MeterEntry{"thermal", at_root<probe_thermal>},
        MeterEntry{"throttle", at_root<probe_throttle>},
        MeterEntry{"perf-rapl", probe_perf_rapl},
        MeterEntry{"powercap", at_root<probe_powercap>},
        MeterEntry{"rpi-pmic", at_root<probe_rpi_pmic>},
        MeterEntry{"jetson", at_root<probe_jetson>},
        MeterEntry{"battery", at_root<probe_battery>},
        MeterEntry{"hwmon", at_root<probe_hwmon>},
#if defined(__APPLE__)
        MeterEntry{"apple-ioreport", at_root<probe_apple_ioreport>},
#endif
        MeterEntry{"usb-fnirsi", probe_usb_fnirsi},
        MeterEntry{"usb-km003c", probe_usb_km003c},
        MeterEntry{"usb-tc66c", probe_usb_tc66c, MeterUse::on_request, "DEVICE"},
        MeterEntry{"usb-um25c", probe_usb_um25c, MeterUse::on_request, "DEVICE"},
        MeterEntry{"plug-shelly", probe_plug_shelly, MeterUse::on_request, "HOST[:PORT]"},
        MeterEntry{"plug-tasmota", probe_plug_tasmota, MeterUse::on_request, "HOST[:PORT]"},
        MeterEntry{"command", probe_command, MeterUse::on_request, "[RAIL=]PROGRAM"},
        MeterEntry{"external", probe_external, MeterUse::on_request, "[RAIL=]FILE|-"},
        MeterEntry{"replay", probe_replay, MeterUse::on_request, "FILE"},
        MeterEntry{"estimate", probe_estimate, MeterUse::on_request, "idle=W,load=W|BOARD"},
    };
    return kTable;
}

}  // namespace landauer
