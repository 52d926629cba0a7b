// Typed reading of a GGUF header's values: the stock getters abort on the wrong type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gguf.h"
#include "gguf/value.h"

namespace landauer {

// Any integer type, clamped to int64; of a list its largest. 0: absent or no integer.
[[nodiscard]] std::int64_t int_value(const gguf_context* header, const std::string& key);

// Empty: absent or no text. Valid UTF-8.
[[nodiscard]] std::string text_value(const gguf_context* header, const std::string& key);

// Elements of a list; 0: absent or no list.
[[nodiscard]] std::int64_t list_length(const gguf_context* header, const std::string& key);

// A list's integers, of any integer type. Empty: no list of integers, or more than `most`.
[[nodiscard]] std::vector<std::int64_t> int_list(const gguf_context* header, std::int64_t id, std::size_t most);

// A value as it is. Nothing: no such id.
[[nodiscard]] std::optional<GgufValue> any_value(const gguf_context* header, std::int64_t id);

// A value of any type for people: scalars as text, long ones shortened, lists as "[n type]".
[[nodiscard]] std::string value_as_text(const gguf_context* header, std::int64_t id);

}  // namespace landauer
