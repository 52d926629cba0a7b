// What would give a user access to the meters that said Denied: commands to read, choose from and
// run by hand, and what each opens. Nothing here is ever executed.
#pragma once

#include <landauer/meter.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

struct Grant {
    std::string meter;
    std::string what_is_missing;
    // Shell commands, one a line; lines that start with # say which of them to choose.
    std::vector<std::string> until_reboot;
    std::vector<std::string> lasting;
    std::string exposes;
};

// One for each meter whose probe said Denied, in the order of the probes.
[[nodiscard]] std::vector<Grant> grants_for(std::span<const MeterProbe> probes);

// Docker's option that shows a container what its runtime hides from it; where a remedy names it,
// no permission inside the container helps.
inline constexpr std::string_view kShowHiddenPaths = "--security-opt systempaths=unconfined";

}  // namespace landauer
