// A file's bytes as memory that the system reads in as it is touched, and may drop again.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <filesystem>

namespace landauer {

class MappedFile {
   public:
    // For reading. Failed: it cannot be opened or mapped. Invalid: it is empty.
    [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& file);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    // The pages are not to be written to, whatever the pointer allows.
    [[nodiscard]] std::byte* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return size_; }

    // What lies wholly in these bytes need not stay in memory; it is read again when it is touched.
    void forget(std::size_t first, std::size_t n) const;

   private:
    MappedFile() = default;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace landauer
