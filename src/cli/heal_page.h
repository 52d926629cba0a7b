// From a healing to its page and its verdict.
#pragma once

#include <landauer/error.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/heal_options.h"
#include "cli/heal_view.h"
#include "cli/making_meter.h"
#include "report/heal/report.h"

namespace landauer {

// `settings` as they were; `command` as typed.
[[nodiscard]] HealReport heal_page_of(const Healed& healed, const HealSettings& settings, const std::string& command);

struct HealMade {
    Healed healed;
    HealOutcome outcome;
    HealReport page;
};

// Prints the outcome and, unless the user does not want it, the verdict on the base, the healed file and what it was;
// writes the page where one is asked for. Errors as run_compare().
[[nodiscard]] Result<void> conclude_healing(const HealFlags& flags, const std::optional<MakingEnergy>& energy,
                                            HealMade made, CommandContext& context);

}  // namespace landauer
