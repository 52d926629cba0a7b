// Text made safe inside HTML, and the hashes by which the page's policy knows its own scripts.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace landauer {

// For element content and quoted attributes.
[[nodiscard]] std::string html_escaped(std::string_view text);

// <tag attributes>escaped text</tag>; attributes are ours and go in as they are.
[[nodiscard]] std::string element(std::string_view tag, std::string_view text, std::string_view attributes = {});

// For <script type="application/json">: plain ASCII, and nothing in it can end the element.
[[nodiscard]] std::string script_json(const nlohmann::json& json);

[[nodiscard]] std::string base64_of(std::span<const std::uint8_t> bytes);
// Base64 of hexadecimal digits, as a Content-Security-Policy wants a sha256.
[[nodiscard]] std::string base64_of_hex(std::string_view hex);

}  // namespace landauer
