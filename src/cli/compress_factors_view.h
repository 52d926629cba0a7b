// What `landauer compress --format factors` shows: ranks by matrix, and what came of them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/compress_view.h"
#include "compress/pipeline.h"

namespace landauer {

// A layer a line: the rank of each matrix that has a lower one, neurons and head groups.
[[nodiscard]] std::string factors_text(const Profile& profile, const FactorChoice& choice);
[[nodiscard]] std::string factors_outcome_text(const CompressOutcome& outcome, bool expanded);
// By layer: neurons, head groups, the ranks that are lower than full, and the types of whole matrices that change.
[[nodiscard]] nlohmann::json factor_layers_json(const DecoderShape& shape, const FactorChoice& choice);
[[nodiscard]] nlohmann::json factors_json(const Profile& profile, const FactorChoice& choice,
                                          const CompressOutcome& outcome, bool expanded);
// What a whole matrix is stored in, ggml's name; empty: its own type, or factors.
[[nodiscard]] std::string stored_type(const DecoderShape& shape, const LayerFactors& kept, std::size_t layer,
                                      std::size_t part);
// "output", "gate": one of kFactorParts without its family's name.
[[nodiscard]] std::string part_name(std::string_view part);

}  // namespace landauer
