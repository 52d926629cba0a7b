// What a model draws beyond idle while it reads a prompt and while it writes: for targets in joules.
#pragma once

#include <landauer/error.h>

#include "cli/meter_options.h"
#include "compress/cost_target.h"
#include "compress/pipeline.h"

namespace landauer {

// By the meters that a measurement would use, two seconds each of idle, prefill and decode. Without one, in proportion
// to the time that all cores are busy, and said to be an estimate. Errors as Engine::load() and run().
[[nodiscard]] Result<PassWatts> pass_watts(const CompressSettings& settings, const MeterOptions& meters,
                                           const CompressHooks& hooks);

}  // namespace landauer
