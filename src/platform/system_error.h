// Turns the operating system's error numbers into landauer's answers.
#pragma once

#include <landauer/error.h>

#include <filesystem>

namespace landauer {

// What errno says about a file that we wanted to `verb` ("read", "open").
[[nodiscard]] Error file_error(int error_number, const char* verb, const std::filesystem::path& file);

}  // namespace landauer
