// From flags to a plan, its candidates and the runner's options.
#pragma once

#include <landauer/error.h>

#include <vector>

#include "cli/bench_options.h"
#include "cli/command.h"
#include "run/runner.h"

namespace landauer {

struct BenchSetup {
    Plan plan;
    std::vector<Candidate> candidates;
    RunnerOptions runner;
};

[[nodiscard]] Result<BenchSetup> set_up_bench(const BenchOptions& options, CommandContext& context);

}  // namespace landauer
