// A bench's session on the emulated machine: meters are read at the sampler's deadlines and at the
// edges of trials and phases, as the run loop does it, in virtual time.
#pragma once

#include <landauer/error.h>
#include <landauer/trace.h>

#include "selftest/draws.h"
#include "selftest/machine_power.h"
#include "selftest/rig.h"

namespace landauer {

[[nodiscard]] Result<Trace> record_session(const SessionPlan& plan, const MachinePower& machine, Rig& rig,
                                           Draws& draws);

}  // namespace landauer
