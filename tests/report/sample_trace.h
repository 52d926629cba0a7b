// The sample run's trace: CPU and memory as a sampler would have read them.
#pragma once

#include "sample_run.h"

namespace landauer::test {

[[nodiscard]] Trace sample_trace(const RunData& data, const RunAnalysis& analysis, const SampleOptions& options);

}  // namespace landauer::test
