#include "platform/serial_port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "platform/system_error.h"

namespace landauer {
namespace {

class SerialPort final : public ByteDevice {
   public:
    explicit SerialPort(int descriptor) : descriptor_(descriptor) {}
    SerialPort(const SerialPort&) = delete;
    SerialPort& operator=(const SerialPort&) = delete;
    SerialPort(SerialPort&&) = delete;
    SerialPort& operator=(SerialPort&&) = delete;
    ~SerialPort() override { ::close(descriptor_); }

    int read(std::span<std::uint8_t> into, int timeout_ms) noexcept override {
        pollfd waiting{descriptor_, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, timeout_ms);
        if (ready == 0 || (ready < 0 && errno == EINTR)) {
            return 0;
        }
        if (ready < 0 || (waiting.revents & POLLIN) == 0) {
            return kGone;  // hung up
        }
        const ssize_t got = ::read(descriptor_, into.data(), into.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return 0;
        }
        return got > 0 ? static_cast<int>(got) : kGone;
    }

    bool write(std::span<const std::uint8_t> bytes) noexcept override {
        // Requests are a few bytes: a line whose buffer has no room for them has nobody at its end.
        return ::write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    }

    void discard_input() noexcept override { ::tcflush(descriptor_, TCIFLUSH); }

   private:
    int descriptor_;
};

speed_t speed_of(int baud) noexcept {
    switch (baud) {
        case 9600:
            return B9600;
        case 115200:
            return B115200;
        default:
            return B0;
    }
}

bool make_raw(int descriptor, speed_t speed) noexcept {
    termios settings{};
    if (::tcgetattr(descriptor, &settings) != 0) {
        return false;
    }
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS | CSTOPB | PARENB);
    settings.c_cc[VMIN] = 0;
    settings.c_cc[VTIME] = 0;
    return ::cfsetspeed(&settings, speed) == 0 && ::tcsetattr(descriptor, TCSANOW, &settings) == 0;
}

}  // namespace

Result<std::unique_ptr<ByteDevice>> open_serial(const std::filesystem::path& device, int baud) {
    const speed_t speed = speed_of(baud);
    if (speed == B0) {
        return fail(ErrorKind::Invalid, fmt::format("A serial line cannot run at {} baud.", baud),
                    "Use 9600 or 115200 baud.");
    }
    const int descriptor = ::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        Error error = file_error(errno, "open", device);
        if (error.kind == ErrorKind::Denied) {
            error.remedy = "Join the group that owns serial lines, then log in again: sudo usermod -aG dialout $USER";
        }
        return tl::unexpected(std::move(error));
    }
    auto port = std::make_unique<SerialPort>(descriptor);
    if (!make_raw(descriptor, speed)) {
        return fail(ErrorKind::Failed, fmt::format("{} is no serial line.", device.string()),
                    "Name the tester's device, such as /dev/ttyACM0 or /dev/rfcomm0.");
    }
    return port;
}

}  // namespace landauer
