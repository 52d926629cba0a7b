// Files told apart by how they begin.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace landauer {

// Of a file that landauer does not read: what it is, with its article ("a WebP picture"), and the remedy.
// Empty where the beginning says nothing.
struct ForeignFormat {
    std::string_view what;
    std::string_view remedy;
};
[[nodiscard]] ForeignFormat foreign_format(std::span<const std::uint8_t> head);

}  // namespace landauer
