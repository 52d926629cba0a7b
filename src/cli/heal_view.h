// What a healing did, as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "compress/heal/heal.h"

namespace landauer {

struct HealOutcome {
    std::string source;
    std::string out;
    std::uint64_t source_bytes = 0;
    double cpu_s = 0.0;
    double wall_s = 0.0;
};

[[nodiscard]] std::string heal_text(const Healed& healed, const HealOutcome& outcome);
[[nodiscard]] nlohmann::json heal_json(const Healed& healed, const HealOutcome& outcome);

}  // namespace landauer
