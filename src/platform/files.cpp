#include "platform/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <system_error>

#include "platform/system_error.h"
#include "platform/text.h"

namespace landauer {
namespace {

struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace

Result<std::string> read_text(const std::filesystem::path& file, std::size_t most_bytes) {
    const File opened(std::fopen(file.c_str(), "rbe"));
    if (!opened) {
        return tl::unexpected(file_error(errno, "read", file));
    }
    std::string text;
    std::array<char, 4096> block{};
    while (text.size() < most_bytes) {
        const std::size_t wanted = std::min(block.size(), most_bytes - text.size());
        const std::size_t got = std::fread(block.data(), 1, wanted, opened.get());
        text.append(block.data(), got);
        if (got < wanted) {
            break;
        }
    }
    if (std::ferror(opened.get()) != 0) {
        return tl::unexpected(file_error(errno, "read", file));
    }
    return text;
}

std::string read_trimmed(const std::filesystem::path& file) {
    const auto text = read_text(file);
    return text ? std::string(trim(*text)) : std::string();
}

std::optional<std::int64_t> read_integer_file(const std::filesystem::path& file) {
    return parse_integer(read_trimmed(file));
}

bool file_exists(const std::filesystem::path& file) noexcept {
    std::error_code error;
    return std::filesystem::exists(file, error);
}

std::vector<std::string> list_folder(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    while (!error && entry != std::filesystem::directory_iterator()) {
        names.push_back(entry->path().filename().string());
        entry.increment(error);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<NumberedEntry> list_numbered(const std::filesystem::path& folder, std::string_view prefix) {
    std::vector<NumberedEntry> entries;
    for (const std::string& name : list_folder(folder)) {
        if (!name.starts_with(prefix)) {
            continue;
        }
        const auto number = parse_integer(std::string_view(name).substr(prefix.size()));
        if (number && *number >= 0 && *number <= std::numeric_limits<int>::max()) {
            entries.push_back({static_cast<int>(*number), folder / name});
        }
    }
    std::sort(entries.begin(), entries.end(),
              [](const NumberedEntry& a, const NumberedEntry& b) { return a.number < b.number; });
    return entries;
}

Result<std::uint64_t> free_disk_bytes(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(path, error);
    if (error) {
        return tl::unexpected(file_error(error.value(), "ask the free space of", path));
    }
    return space.available;
}

}  // namespace landauer
