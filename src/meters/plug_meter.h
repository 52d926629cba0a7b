// Smart plugs: an HTTP request a second, answered by JSON.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "meters/table.h"
#include "meters/wire/plug_json.h"

namespace landauer {

struct PlugDialect {
    std::string path;
    std::optional<PlugReading> (*parse)(std::string_view json);
};

struct PlugKind {
    std::string name;   // "plug-shelly"
    std::string title;  // "a Shelly plug"
    double accuracy = 0.0;
    std::vector<PlugDialect> dialects;  // the first that is understood is kept
    std::vector<std::string> notes;
};

// `argument`: HOST[:PORT]. Absent when nobody answers there, Denied when it wants a password.
[[nodiscard]] MeterResult make_plug_meter(const PlugKind& kind, const std::string& argument);

}  // namespace landauer
