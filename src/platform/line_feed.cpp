#include "platform/line_feed.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "platform/system_error.h"

namespace landauer {
namespace {

constexpr int kMostRefills = 64;  // of one call of next()

}  // namespace

LineFeed::LineFeed(int descriptor) : descriptor_(descriptor), buffer_(std::make_unique<char[]>(kLongestLine)) {
    struct stat status{};
    is_file_ = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

LineFeed LineFeed::adopt(int descriptor) { return LineFeed(descriptor); }

Result<LineFeed> LineFeed::open(const std::filesystem::path& file) {
    // A named pipe nobody writes to yet would keep a blocking open waiting.
    const int descriptor = file == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                       : ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) {
        return tl::unexpected(file == "-" ? Error{ErrorKind::Failed, "Standard input is closed.",
                                                  "Pipe the readings in: instrument | landauer ..."}
                                          : file_error(errno, "open", file));
    }
    struct stat status{};
    if (::fstat(descriptor, &status) != 0 || S_ISDIR(status.st_mode)) {
        ::close(descriptor);
        return fail(ErrorKind::Failed, fmt::format("{} is a folder, not a file of readings.", file.string()),
                    "Name a file, a named pipe, or - for standard input.");
    }
    return LineFeed(descriptor);
}

LineFeed::LineFeed(LineFeed&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      is_file_(other.is_file_),
      ended_(other.ended_),
      in_long_line_(other.in_long_line_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      end_(other.end_) {}

LineFeed& LineFeed::operator=(LineFeed&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(is_file_, other.is_file_);
    std::swap(ended_, other.ended_);
    std::swap(in_long_line_, other.in_long_line_);
    std::swap(buffer_, other.buffer_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    return *this;
}

LineFeed::~LineFeed() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::optional<std::string_view> LineFeed::take_line() noexcept {
    const std::string_view held(buffer_.get() + begin_, end_ - begin_);
    const std::size_t newline = held.find('\n');
    if (newline == std::string_view::npos) {
        return std::nullopt;
    }
    begin_ += newline + 1;
    std::string_view line = held.substr(0, newline);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

std::optional<std::string_view> LineFeed::next() noexcept {
    for (int i = 0; i < kMostRefills; ++i) {
        while (const auto line = take_line()) {
            if (!std::exchange(in_long_line_, false)) {
                return line;
            }
        }
        if (!refill()) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

// Reads what is there behind what is held. A buffer that is full without an end of line is the
// beginning of a line that is too long.
bool LineFeed::refill() noexcept {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    if (end_ == kLongestLine) {
        in_long_line_ = true;
        end_ = 0;
    }
    start_over_if_cut();
    if (!wait(0)) {
        return false;
    }
    const ssize_t got = ::read(descriptor_, buffer_.get() + end_, kLongestLine - end_);
    ended_ = got == 0;
    end_ += got > 0 ? static_cast<std::size_t>(got) : 0;
    return got > 0;
}

// A file that became shorter than what was read of it has been started anew.
void LineFeed::start_over_if_cut() noexcept {
    struct stat status{};
    if (!is_file_ || ::fstat(descriptor_, &status) != 0 || status.st_size >= ::lseek(descriptor_, 0, SEEK_CUR)) {
        return;
    }
    ::lseek(descriptor_, 0, SEEK_SET);
    end_ = 0;
    in_long_line_ = false;
}

// A pipe without writers counts as something to read: its end.
bool LineFeed::wait(int timeout_ms) const noexcept {
    pollfd waiting{descriptor_, POLLIN, 0};
    return ::poll(&waiting, 1, timeout_ms) > 0 && (waiting.revents & (POLLIN | POLLHUP)) != 0;
}

void LineFeed::skip_to_end() noexcept {
    if (is_file_ && ::lseek(descriptor_, 0, SEEK_END) >= 0) {
        begin_ = 0;
        end_ = 0;
        // What follows may be the rest of a line that is being written.
        char last = '\n';
        const off_t size = ::lseek(descriptor_, 0, SEEK_CUR);
        in_long_line_ = size > 0 && ::pread(descriptor_, &last, 1, size - 1) == 1 && last != '\n';
    }
}

}  // namespace landauer
