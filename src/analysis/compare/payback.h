// When what making a model cost is paid back by what its prompts save.
#pragma once

#include <optional>
#include <string>

#include "analysis/compare/compare.h"

namespace landauer {

struct Payback {
    std::string unit;  // "CPU s", "Wh"
    double spent = 0.0;
    Estimate saved;                   // a prompt; below 0: it costs more
    std::optional<Estimate> prompts;  // absent: it may save nothing
    bool estimated = false;           // no instrument measured it
};

// `cost`: a ratio. The saving is the base's mean less what the ratio makes of it, within the ratio's 95 % interval.
[[nodiscard]] Payback payback_of(double spent, std::string unit, const Comparison& cost);

}  // namespace landauer
