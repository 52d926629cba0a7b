// Lines that another program is still writing: a growing file, a named pipe, standard input, a
// child's output. Never waits, never holds more than one buffer.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace landauer {

class LineFeed {
   public:
    static constexpr std::size_t kLongestLine = 8192;  // longer ones are left out, whole

    // "-" is standard input. Absent, Denied, or Failed when there is nothing to read lines from.
    [[nodiscard]] static Result<LineFeed> open(const std::filesystem::path& file);
    // Takes the descriptor over and closes it.
    [[nodiscard]] static LineFeed adopt(int descriptor);

    LineFeed(const LineFeed&) = delete;
    LineFeed& operator=(const LineFeed&) = delete;
    LineFeed(LineFeed&& other) noexcept;
    LineFeed& operator=(LineFeed&& other) noexcept;
    ~LineFeed();

    // The next complete line without its end, valid until the next call; empty when there is none
    // now. A writer that is faster than we read is given up on after half a megabyte without an end
    // of line.
    [[nodiscard]] std::optional<std::string_view> next() noexcept;

    // Waits for something to read, `timeout_ms` at most; true when there is.
    [[nodiscard]] bool wait(int timeout_ms) const noexcept;

    // A regular file: goes on at its present end. Nothing for pipes, which have no past.
    void skip_to_end() noexcept;

    // The last read found that nobody writes any longer; a file may still grow.
    [[nodiscard]] bool ended() const noexcept { return ended_; }

   private:
    explicit LineFeed(int descriptor);
    [[nodiscard]] std::optional<std::string_view> take_line() noexcept;
    [[nodiscard]] bool refill() noexcept;
    void start_over_if_cut() noexcept;

    int descriptor_ = -1;
    bool is_file_ = false;
    bool ended_ = false;
    bool in_long_line_ = false;
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace landauer
