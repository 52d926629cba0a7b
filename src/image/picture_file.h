// A picture's file, opened with care.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace landauer {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

struct PictureFile {
    std::unique_ptr<std::FILE, CloseFile> file;
    std::uint64_t file_bytes = 0;
};

// Invalid: missing, a folder, no plain file, empty, above 1 GiB. Denied: may not be read.
[[nodiscard]] Result<PictureFile> open_picture(const std::filesystem::path& path);

// The first n bytes, fewer at the file's end.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_bytes(const PictureFile& file, std::uint64_t n,
                                                           const std::filesystem::path& path);

}  // namespace landauer
