// What `landauer compress` shows: the plan, the choice and what came of it.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
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

// Perplexity to expect of a predicted loss, as multiples of the original's: of the kindest text and the least kind.
[[nodiscard]] std::array<double, 2> expected_ratio(double loss);

// What it would take.
[[nodiscard]] std::string plan_text(const CompressPlan& plan);
[[nodiscard]] std::string plan_json(const CompressPlan& plan);

// What is kept of each layer, and what that is expected to cost.
[[nodiscard]] std::string choice_text(const Profile& profile, const StockChoice& choice);
[[nodiscard]] std::string outcome_text(const CompressOutcome& outcome);
[[nodiscard]] nlohmann::json outcome_json(const Profile& profile, const StockChoice& choice,
                                          const CompressOutcome& outcome);

// Of --quantise.
[[nodiscard]] nlohmann::json quantised_json(const CompressOutcome& outcome, const std::string& type,
                                            const std::string& method);

}  // namespace landauer
