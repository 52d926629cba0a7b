// Reading whole small files and folders, for what is read once and not in every tick.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

// The file's text, at most `most_bytes` of it.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& file, std::size_t most_bytes = 1U << 20U);

// The file's text without blanks round it; empty when it cannot be read.
[[nodiscard]] std::string read_trimmed(const std::filesystem::path& file);

// The file's content as one integer; empty when it is anything else.
[[nodiscard]] std::optional<std::int64_t> read_integer_file(const std::filesystem::path& file);

// Whether the file is there and its links lead somewhere; false when that cannot be told.
[[nodiscard]] bool file_exists(const std::filesystem::path& file) noexcept;

// Names in a folder, sorted; empty when it cannot be listed.
[[nodiscard]] std::vector<std::string> list_folder(const std::filesystem::path& folder);

// Entries named PREFIX and a decimal number ("cpu12", "hwmon3"), in the order of the number.
struct NumberedEntry {
    int number = 0;
    std::filesystem::path path;
};
[[nodiscard]] std::vector<NumberedEntry> list_numbered(const std::filesystem::path& folder, std::string_view prefix);

// Bytes that this user can still write on the file system of `path`.
[[nodiscard]] Result<std::uint64_t> free_disk_bytes(const std::filesystem::path& path);

}  // namespace landauer
