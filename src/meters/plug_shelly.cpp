// Shelly plugs and relays with a power meter.
#include "meters/plug_meter.h"

namespace landauer {

MeterResult probe_plug_shelly(const MeterSources& /*sources*/, const std::string& argument) {
    // The maker gives 1 % for its newer plugs from some tens of watts up, and nothing for the first generation.
    const PlugKind kind{"plug-shelly",
                        "a Shelly plug",
                        0.02,
                        {{"/rpc/Switch.GetStatus?id=0", parse_shelly_rpc},
                         {"/rpc/PM1.GetStatus?id=0", parse_shelly_rpc},
                         {"/status", parse_shelly_status}},
                        {"A plug's stated accuracy holds from some tens of watts up; below that it is worse."}};
    return make_plug_meter(kind, argument);
}

}  // namespace landauer
