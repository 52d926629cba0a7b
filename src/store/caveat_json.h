// Caveats as JSON, the same in the store and in the JSONL export.
#pragma once

#include <landauer/caveat.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace landauer {

[[nodiscard]] nlohmann::json caveats_json(const std::vector<Caveat>& caveats);
// Throws nlohmann::json::exception on anything that caveats_json did not write.
[[nodiscard]] std::vector<Caveat> caveats_of(const nlohmann::json& json);

}  // namespace landauer
