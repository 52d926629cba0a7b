// A bench that is set up, run with progress and talk on stderr: what bench and compare share.
#pragma once

#include <landauer/error.h>

#include <string>

#include "cli/bench_setup.h"
#include "store/store.h"

namespace landauer {

// The plan and the order of its trials.
[[nodiscard]] std::string dry_run_words(const BenchSetup& setup);

// Interrupted, saying where to continue, when the user stopped it.
[[nodiscard]] Result<RunOutcome> run_setup(BenchSetup& setup, Store& store, const BenchOptions& options,
                                           const CommandContext& context);

}  // namespace landauer
