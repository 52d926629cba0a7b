// A healing with its progress on stderr.
#pragma once

#include <landauer/error.h>

#include "cli/heal_view.h"
#include "compress/heal/heal.h"

namespace landauer {

struct RunHealing {
    Healed healed;
    HealOutcome outcome;
};
// Makes the folder of the stages. Errors as heal_model(); Denied: the folder cannot be made.
[[nodiscard]] Result<RunHealing> run_healing(const HealSettings& settings);

}  // namespace landauer
