// Records as JSON values, shared by the writer and the reader of the JSONL export.
#pragma once

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "store/impl.h"

namespace landauer::jsonl {

using Json = nlohmann::json;

inline constexpr int kFormatVersion = 1;

// JSON has no NaN and no infinity: those three are texts.
[[nodiscard]] inline Json number(double value) {
    if (std::isnan(value)) {
        return "nan";
    }
    if (std::isinf(value)) {
        return value > 0 ? "inf" : "-inf";
    }
    return value;
}

[[nodiscard]] inline double number(const Json& value) {
    if (!value.is_string()) {
        return value.get<double>();
    }
    const auto& text = value.get_ref<const std::string&>();
    if (text == "nan") {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (text != "inf" && text != "-inf") {
        throw std::invalid_argument("a number is expected, not \"" + text + "\"");
    }
    return text == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
}

// The sampler's figures under the names of their columns, in both directions.
template <class Visit>
void visit_sampler(SamplerStats& s, Visit&& visit) {
    visit("ticks", s.ticks);
    visit("missed_deadlines", s.missed_deadlines);
    visit("dropped_ticks", s.dropped_ticks);
    visit("read_errors", s.read_errors);
    visit("sampler_cpu_s", s.cpu_s);
    visit("sampler_wall_s", s.wall_s);
    visit("jitter_p50_us", s.jitter_p50_us);
    visit("jitter_p99_us", s.jitter_p99_us);
    visit("jitter_max_us", s.jitter_max_us);
    visit("largest_gap_s", s.largest_gap_s);
    visit("clock_step_s", s.clock_step_s);
    visit("suspended_s", s.suspended_s);
}

}  // namespace landauer::jsonl
