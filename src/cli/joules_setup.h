// Whether a measurement will have joules, asked before it starts.
#pragma once

#include <landauer/caveat.h>
#include <landauer/meter.h>

#include <vector>

#include "cli/meter_options.h"

namespace landauer {

struct JoulesSetup {
    MeterSources sources;
    std::vector<Caveat> caveats;  // no joules, or estimated ones
};

// Reads each energy meter once. Named meters must be there. Under `strict` a machine without a
// measuring meter is Refused (exit code 3), unless the user said --meter none.
[[nodiscard]] Result<JoulesSetup> set_up_joules(const MeterOptions& options, bool strict,
                                                const std::filesystem::path& root = "/");

}  // namespace landauer
