// From a profile and a choice to what the compression page shows.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cli/compress_options.h"
#include "compress/pipeline.h"
#include "gguf/weights.h"
#include "report/compress/report.h"

namespace landauer {

// A way to a size out of everything the profile knows: ranks, neurons and head groups, or the latter two alone.
// Errors as choose_factors().
[[nodiscard]] Result<FactorChoice> best_choice(const Profile& profile, double remove);

// One for each share; of the usual ones those that can be had. Errors as best_choice() where a share was asked for.
[[nodiscard]] Result<std::vector<FactorChoice>> profile_plans(const CompressFlags& flags, const Profile& profile);

// Sensitivity, and everything to reproduce it. `options`: what decides the result, without paths.
[[nodiscard]] CompressReport compress_page_of(const CompressFlags& flags, const Profile& profile,
                                              const std::string& options, const std::string& command);

// Of --quantise, which takes nothing away.
[[nodiscard]] CompressReport quantised_page(const CompressFlags& flags, const std::string& command);

void add_plan(const Profile& profile, const FactorChoice& choice, CompressReport& page);
void add_curve(const WeightFile& source, const Profile& profile, CompressFormat format, CompressReport& page);
// What was written, as its one plan and as a point of the curve.
void add_choice(const Profile& profile, const StockChoice& choice, std::uint64_t file_bytes, CompressReport& page);
void add_choice(const Profile& profile, const FactorChoice& choice, CompressReport& page);

}  // namespace landauer
