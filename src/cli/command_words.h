// The words of a command line: as a shell reads them back, and as CLI11 reads them.
#pragma once

#include <string>
#include <string_view>

namespace landauer {

// A command line that a shell reads back as the same words; the program is "landauer".
[[nodiscard]] std::string quoted_command_line(int argc, const char* const* argv);

// llama.cpp's flags of several letters after one dash ("-pg"), which CLI11 would read as -p g,
// with two dashes; every other word as it is.
[[nodiscard]] std::string long_form(std::string_view word);

}  // namespace landauer
