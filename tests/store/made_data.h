// Records with something in every field, and traces like a real session's. Shared by the
// tests and the benchmark of the store.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

#include "core/records.h"
#include "temp_folder.h"

namespace landauer::test {

using TemporaryFolder = testing::TempFolder;

ModelRecord a_model(const std::string& tag = "one");
RunRecord a_run(const std::string& tag = "one");
SessionRecord a_session(const std::string& started_utc = "2026-01-01T00:00:00Z");
TrialRecord a_trial(std::int64_t run_id, std::int64_t session_id, int index);
// `n` ticks of 20 channels from t0 on at `rate_hz`, as random walks with the noise of real meters.
Trace a_trace(std::mt19937_64& random, std::int64_t t0_ns, int n, double rate_hz = 5.0);

}  // namespace landauer::test
