// A folder of our own that goes when we do, and files in it that are rewritten in place while
// others keep them open, as the kernel's files seem to be.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <span>
#include <string_view>

namespace landauer {

class ScratchFolder {
   public:
    // A new folder under `parent`, or under the system's folder for temporary files when that is empty.
    [[nodiscard]] static Result<ScratchFolder> create(const std::filesystem::path& parent = {});

    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ScratchFolder(ScratchFolder&& other) noexcept;
    ScratchFolder& operator=(ScratchFolder&& other) noexcept;
    ~ScratchFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

   private:
    explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;  // empty: nothing to remove
};

class ScratchFile {
   public:
    // Creates the file, and the folders above it.
    [[nodiscard]] static Result<ScratchFile> create(const std::filesystem::path& file);

    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    ScratchFile(ScratchFile&& other) noexcept;
    ScratchFile& operator=(ScratchFile&& other) noexcept;
    ~ScratchFile();

    // The whole content from now on; whoever reads on from the start sees it. False when the disk is full.
    bool write(std::string_view content) noexcept;
    // A second descriptor of it, whose place every write() takes back to the start.
    [[nodiscard]] Result<int> share() const;

   private:
    explicit ScratchFile(int descriptor) noexcept : descriptor_(descriptor) {}
    int descriptor_;
    std::size_t size_ = 0;
};

}  // namespace landauer
