// The machines and faults of the self-test: one line each in scenario_table().
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "selftest/draws.h"
#include "selftest/machine_power.h"
#include "selftest/rig.h"

namespace landauer {

struct Scenario {
    std::string_view name;
    std::string_view emulates;  // one clause for the table
    // Fills the rig and says which meters to open; returns when the fault was, if there is one.
    std::optional<Window> (*build)(Rig& rig, const SessionPlan& plan, Draws& draws);
    std::vector<std::string> meters;
    bool has_fault = false;
};
[[nodiscard]] std::span<const Scenario> scenario_table();

}  // namespace landauer
