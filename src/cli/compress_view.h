// What `landauer compress` shows: the profile, the choice and what came of it.
#pragma once

#include <cstdint>
#include <string>

#include "compress/pipeline.h"

namespace landauer {

struct CompressOutcome {
    std::string source;
    std::string out;
    std::uint64_t source_bytes = 0;
    std::uint64_t out_bytes = 0;
    double cpu_s = 0.0;
    double wall_s = 0.0;
};

// A layer a line: what removing a tenth, a quarter and a half of its neurons, and a head group, would lose.
[[nodiscard]] std::string profile_text(const Profile& profile);
[[nodiscard]] std::string profile_json(const Profile& profile);

// What it would take.
[[nodiscard]] std::string plan_text(const CompressPlan& plan);
[[nodiscard]] std::string plan_json(const CompressPlan& plan);

// What is kept of each layer, and what that is expected to cost.
[[nodiscard]] std::string choice_text(const Profile& profile, const StockChoice& choice);
[[nodiscard]] std::string outcome_text(const CompressOutcome& outcome);
[[nodiscard]] std::string outcome_json(const Profile& profile, const StockChoice& choice,
                                       const CompressOutcome& outcome);

// Of --quantise.
[[nodiscard]] std::string quantised_json(const CompressOutcome& outcome, const std::string& type,
                                         const std::string& method);

}  // namespace landauer
