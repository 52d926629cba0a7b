// UTF-8, checked: what comes from a model, a file or a user is not trusted to be text.
#pragma once

#include <string>
#include <string_view>

namespace landauer {

// Well-formed as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_valid_utf8(std::string_view text);

// Ill-formed bytes replaced by U+FFFD, one for each maximal part.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

}  // namespace landauer
