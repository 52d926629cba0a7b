// What every page is made of round its own content: policy, styles, scripts, licences.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "report/assets.h"

namespace landauer {

// From the doctype to the open <main>.
[[nodiscard]] std::string html_opening(const std::string& title, std::span<const Asset> assets);
// After </main>; an empty version is not said.
[[nodiscard]] std::string html_footer(const std::string& version);
// The pictures' data, scripts, and the end of the page.
[[nodiscard]] std::string html_closing(const nlohmann::json& data, std::span<const Asset> assets);

}  // namespace landauer
