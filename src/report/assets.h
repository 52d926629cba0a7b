// What the HTML report carries along: libraries, our own scripts and styles, licences.
// The embedded ones are generated at build time (cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace landauer {

struct Asset {
    std::string_view name;    // its ending says what it is: .css, .js, .txt (a licence)
    std::string_view sha256;  // of the whole, in hex
    std::span<const std::string_view> pieces;
};

[[nodiscard]] std::span<const Asset> embedded_assets();

}  // namespace landauer
