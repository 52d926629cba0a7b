// SHA-256 by OpenSSL, which uses the processor's own instructions where it has them.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace landauer {

// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_text(std::string_view text);

// The same of a file's content, read in pieces. `abort` is polled between pieces; when it
// says true the answer is Interrupted.
[[nodiscard]] Result<std::string> sha256_file(const std::filesystem::path& file,
                                              const std::function<bool()>& abort = nullptr);

}  // namespace landauer
