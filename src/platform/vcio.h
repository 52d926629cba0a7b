// The Raspberry Pi firmware's answers to text commands, as vcgencmd gets them.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace landauer {

// One command and its answer travel in one message. Separate from the device, so that the
// layout can be tested where there is none.
class FirmwareMessage {
   public:
    static constexpr std::size_t kMostText = 4096;
    static constexpr std::size_t kHeader = 6;  // size, state, tag, room, length, firmware's error

    // Lays out a command; longer ones than fit are cut.
    void ask(std::string_view command) noexcept;
    // The answer's text; empty when the firmware did not answer or refused.
    [[nodiscard]] std::string_view answer() const noexcept;
    [[nodiscard]] std::uint32_t* words() noexcept { return words_.data(); }

   private:
    std::array<std::uint32_t, kHeader + kMostText / sizeof(std::uint32_t) + 1> words_{};
};

// The firmware's device, kept open. A regular file in its place holds the answer itself.
class Vcio {
   public:
    [[nodiscard]] static Result<Vcio> open(const std::filesystem::path& device);
    Vcio(const Vcio&) = delete;
    Vcio& operator=(const Vcio&) = delete;
    Vcio(Vcio&& other) noexcept;
    Vcio& operator=(Vcio&& other) noexcept;
    ~Vcio();

    // The answer, valid until `message` is used again; empty when there is none. Takes a few
    // milliseconds and allocates nothing.
    [[nodiscard]] std::string_view ask(std::string_view command, FirmwareMessage& message) const noexcept;

   private:
    Vcio(int descriptor, bool is_file) noexcept : descriptor_(descriptor), is_file_(is_file) {}
    int descriptor_ = -1;
    bool is_file_ = false;
};

}  // namespace landauer
