// Smart plugs that run the Tasmota firmware.
#include "meters/plug_meter.h"

namespace landauer {

MeterResult probe_plug_tasmota(const MeterSources& /*sources*/, const std::string& argument) {
    // The chips inside (HLW8012, BL0937) are within a few percent as they come; calibrated ones do better.
    const PlugKind kind{"plug-tasmota",
                        "a Tasmota plug",
                        0.05,
                        {{"/cm?cmnd=Status%208", parse_tasmota}, {"/cm?cmnd=Status%2010", parse_tasmota}},
                        {"Calibrate the plug against a known load (Tasmota's PowerSet) for better than 5 %."}};
    return make_plug_meter(kind, argument);
}

}  // namespace landauer
