// Small parsers for the text that /proc and /sys hold. None allocates, but for lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

// Takes the first line (without its newline) off `rest`; empty when nothing is left.
[[nodiscard]] std::string_view next_line(std::string_view& rest) noexcept;

// Takes the first word, separated by blanks or tabs, off `rest`; empty when nothing is left.
[[nodiscard]] std::string_view next_word(std::string_view& rest) noexcept;

// A whole decimal integer, blanks and newline round it allowed. Empty for anything else:
// garbage, trailing text, out of range.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;

// The same in hexadecimal, with or without 0x, as the Raspberry Pi firmware writes flags.
[[nodiscard]] std::optional<std::int64_t> parse_hexadecimal(std::string_view text) noexcept;

// A whole finite decimal number, "0.87" or "2.3e-10", blanks and newline round it allowed.
// Empty for anything else: garbage, trailing text, infinities, not a number.
[[nodiscard]] std::optional<double> parse_real(std::string_view text) noexcept;

// The value after "Key:" in the "Key:   value unit" lines of /proc/meminfo and
// /proc/self/status; empty when the key is not there.
[[nodiscard]] std::string_view value_of_key(std::string_view text, std::string_view key) noexcept;

// "0-3,8" as {0,1,2,3,8}, the kernel's list form; empty for text that is not of that form
// or that names a CPU above 65535.
[[nodiscard]] std::vector<int> parse_cpu_list(std::string_view text);

// {0,1,2,3,8} as "0-3,8"; the numbers ascend.
[[nodiscard]] std::string format_cpu_list(const std::vector<int>& cpus);

}  // namespace landauer
