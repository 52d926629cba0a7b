// What `landauer compress --profile` shows: what each part of each layer is worth, and what it would keep.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compress/pipeline.h"

namespace landauer {

// A layer a line: neurons and head groups, then the seven matrices, then what the plans keep.
[[nodiscard]] std::string profile_text(const Profile& profile, const std::vector<FactorChoice>& plans);
[[nodiscard]] nlohmann::json profile_json(const Profile& profile, const std::vector<FactorChoice>& plans);

}  // namespace landauer
