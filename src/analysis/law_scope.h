// What a law's card says about where it holds.
#pragma once

#include <map>
#include <string>

#include "core/records.h"

namespace landauer {

[[nodiscard]] std::map<std::string, std::string> law_scope(const RunData& data);

}  // namespace landauer
