#include "meters/rail_argument.h"

namespace landauer {

RailArgument rail_argument_from(std::string_view text, RailKind otherwise) {
    const std::size_t equals = text.find('=');
    RailKind kind = RailKind::none;
    if (equals != std::string_view::npos && rail_kind_from_name(text.substr(0, equals), kind) &&
        kind != RailKind::none) {
        return {kind, std::string(text.substr(equals + 1))};
    }
    return {otherwise, std::string(text)};
}

}  // namespace landauer
