// What a channel's joules cover, as stored: empty text for channels that are no energy.
#pragma once

#include <landauer/rail.h>

#include <nlohmann/json.hpp>
#include <string>

namespace landauer {

[[nodiscard]] nlohmann::json rail_to_json(const Rail& rail);
// Throws nlohmann::json::exception or std::invalid_argument on anything that rail_to_json did not write.
[[nodiscard]] Rail rail_from_json(const nlohmann::json& json);

[[nodiscard]] std::string rail_text(const Rail& rail);
[[nodiscard]] Rail rail_from_text(const std::string& text);

}  // namespace landauer
