#include "platform/open_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "platform/system_error.h"
#include "platform/text.h"

namespace landauer {
namespace {

ssize_t read_from_start(int descriptor, std::span<char> buffer) noexcept {
    ssize_t got = -1;
    do {
        got = ::pread(descriptor, buffer.data(), buffer.size(), 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

}  // namespace

Result<OpenFile> OpenFile::open(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return tl::unexpected(file_error(errno, "read", file));
    }
    OpenFile opened(descriptor);
    std::array<char, 1> first{};
    if (read_from_start(descriptor, first) < 0) {
        return tl::unexpected(file_error(errno, "read", file));
    }
    return opened;
}

OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

OpenFile::~OpenFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::string_view OpenFile::read(std::span<char> buffer) const noexcept {
    const ssize_t got = read_from_start(descriptor_, buffer);
    return got > 0 ? std::string_view(buffer.data(), static_cast<std::size_t>(got)) : std::string_view();
}

std::optional<std::int64_t> OpenFile::read_integer() const noexcept {
    std::array<char, 64> buffer{};
    return parse_integer(read(buffer));
}

}  // namespace landauer
