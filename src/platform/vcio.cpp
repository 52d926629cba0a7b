#include "platform/vcio.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "platform/system_error.h"

namespace landauer {
namespace {

constexpr std::uint32_t kRunTextCommand = 0x00030080;
constexpr std::uint32_t kAnswered = 0x80000000;

// Words of the message, before its text.
enum Word : std::size_t { kSize = 0, kState = 1, kTag = 2, kRoom = 3, kLength = 4, kRefusal = 5 };

}  // namespace

void FirmwareMessage::ask(std::string_view command) noexcept {
    words_.fill(0);
    words_[kSize] = static_cast<std::uint32_t>(words_.size() * sizeof(std::uint32_t));
    words_[kTag] = kRunTextCommand;
    words_[kRoom] = kMostText;
    std::memcpy(words_.data() + kHeader, command.data(), std::min(command.size(), kMostText - 1));
}

std::string_view FirmwareMessage::answer() const noexcept {
    if (words_[kState] != kAnswered || words_[kRefusal] != 0) {
        return {};
    }
    const void* const text = words_.data() + kHeader;
    const std::string_view all(static_cast<const char*>(text), kMostText);
    return all.substr(0, all.find('\0'));
}

Result<Vcio> Vcio::open(const std::filesystem::path& device) {
    const int descriptor = ::open(device.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return tl::unexpected(file_error(errno, "open", device));
    }
    struct stat status{};
    const bool is_file = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    return Vcio(descriptor, is_file);
}

Vcio::Vcio(Vcio&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), is_file_(other.is_file_) {}

Vcio& Vcio::operator=(Vcio&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(is_file_, other.is_file_);
    return *this;
}

Vcio::~Vcio() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::string_view Vcio::ask(std::string_view command, FirmwareMessage& message) const noexcept {
    message.ask(command);
    if (is_file_) {
        void* const text = message.words() + FirmwareMessage::kHeader;
        const ssize_t got = ::pread(descriptor_, text, FirmwareMessage::kMostText, 0);
        return got > 0 ? std::string_view(static_cast<const char*>(text), static_cast<std::size_t>(got))
                       : std::string_view();
    }
    // The driver's number for "exchange a message": type 100, number 0, a pointer's size.
    constexpr unsigned long kExchange = _IOWR(100, 0, char*);
    if (::ioctl(descriptor_, kExchange, message.words()) < 0) {
        return {};
    }
    return message.answer();
}

}  // namespace landauer
