// "RAIL=REST": what a meter without a fixed place measures, before its own argument.
#pragma once

#include <landauer/rail.h>

#include <string>
#include <string_view>

namespace landauer {

struct RailArgument {
    RailKind kind = RailKind::wall;
    std::string rest;
};

// "board=/tmp/watts" as board and the file. An argument that does not begin with a rail's name is
// `otherwise` and whole: programs and files may hold a '='.
[[nodiscard]] RailArgument rail_argument_from(std::string_view text, RailKind otherwise = RailKind::wall);

}  // namespace landauer
