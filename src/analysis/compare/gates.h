// "--fail-if 'wh_per_prompt>+5%'": a limit on an effect, for continuous integration.
#pragma once

#include <landauer/error.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/compare/compare.h"

namespace landauer {

struct Gate {
    std::string text;    // as given
    std::string metric;  // a metric's name, or its alias: "wh_per_prompt", "accuracy", "kl", "ppl", "time"
    bool fails_above = true;
    double limit = 0.0;  // of the change: relative for "%", else in the metric's unit
    bool is_relative = false;
};

// Invalid, naming what was expected, for anything else: METRIC, < or >, a signed number, perhaps %.
[[nodiscard]] Result<Gate> parse_gate(std::string_view text);

struct GateResult {
    Gate gate;
    std::size_t candidate = 0;  // index into contenders
    double change = 0.0;        // in the gate's terms
    Interval ci95;
    bool failed = false;
    bool is_certain = false;  // the whole interval is on that side of the limit
};

// Every gate against every candidate (controls aside). Invalid: a metric that this comparison does not have.
[[nodiscard]] Result<std::vector<GateResult>> judge(std::span<const Gate> gates, const ModelComparison& comparison);

}  // namespace landauer
