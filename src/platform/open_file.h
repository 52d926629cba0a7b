// A file of /proc or /sys that is kept open and read again from its start, without
// allocating: what a meter reads in every tick.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

namespace landauer {

class OpenFile {
   public:
    // Absent when there is no such file, Denied when it may not be read, Failed otherwise.
    // The file is read once, since some files of /sys open and then refuse to be read.
    [[nodiscard]] static Result<OpenFile> open(const std::filesystem::path& file);

    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    OpenFile(OpenFile&& other) noexcept;
    OpenFile& operator=(OpenFile&& other) noexcept;
    ~OpenFile();

    // The file's present text, as far as the buffer reaches; empty when reading failed.
    [[nodiscard]] std::string_view read(std::span<char> buffer) const noexcept;

    // The file's present content as one integer; empty when it is anything else.
    [[nodiscard]] std::optional<std::int64_t> read_integer() const noexcept;

   private:
    explicit OpenFile(int descriptor) noexcept : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace landauer
