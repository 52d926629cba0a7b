#include "platform/scratch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "platform/system_error.h"

namespace landauer {

Result<ScratchFolder> ScratchFolder::create(const std::filesystem::path& parent) {
    std::error_code unknown;
    std::filesystem::path above = parent.empty() ? std::filesystem::temp_directory_path(unknown) : parent;
    if (unknown) {
        above = "/tmp";
    }
    std::string pattern = (above / "landauer-").string() + std::string(6, 'X');  // six, as mkdtemp wants them
    if (::mkdtemp(pattern.data()) == nullptr) {
        return tl::unexpected(file_error(errno, "create a folder in", above));
    }
    return ScratchFolder(std::filesystem::path(pattern));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchFolder& ScratchFolder::operator=(ScratchFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
}

ScratchFolder::~ScratchFolder() {
    if (!path_.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

Result<ScratchFile> ScratchFile::create(const std::filesystem::path& file) {
    std::error_code ignored;  // the opening below says what went wrong
    std::filesystem::create_directories(file.parent_path(), ignored);
    constexpr mode_t kOwnerWrites = 0644;
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerWrites);
    if (descriptor < 0) {
        return tl::unexpected(file_error(errno, "create", file));
    }
    return ScratchFile(descriptor);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(size_, other.size_);
    return *this;
}

ScratchFile::~ScratchFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

bool ScratchFile::write(std::string_view content) noexcept {
    const ssize_t wrote = ::pwrite(descriptor_, content.data(), content.size(), 0);
    if (wrote != static_cast<ssize_t>(content.size())) {
        return false;
    }
    if (content.size() != size_ && ::ftruncate(descriptor_, static_cast<off_t>(content.size())) != 0) {
        return false;
    }
    size_ = content.size();
    return ::lseek(descriptor_, 0, SEEK_SET) == 0;
}

Result<int> ScratchFile::share() const {
    const int copy = ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return tl::unexpected(file_error(errno, "share", "a scratch file"));
    }
    return copy;
}

}  // namespace landauer
