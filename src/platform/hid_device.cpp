#include "platform/hid_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <hidapi.h>
#include <linux/hidraw.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "platform/system_error.h"

namespace landauer {
namespace {

constexpr std::size_t kMostReportBytes = 64;

class HidDevice final : public ByteDevice {
   public:
    explicit HidDevice(hid_device* device) : device_(device) {}

    int read(std::span<std::uint8_t> into, int timeout_ms) noexcept override {
        return std::max(hid_read_timeout(device_.get(), into.data(), into.size(), timeout_ms), kGone);
    }

    bool write(std::span<const std::uint8_t> bytes) noexcept override {
        std::array<std::uint8_t, kMostReportBytes + 1> report{};  // report number 0 first
        if (bytes.size() > kMostReportBytes) {
            return false;
        }
        std::copy(bytes.begin(), bytes.end(), report.begin() + 1);
        return hid_write(device_.get(), report.data(), bytes.size() + 1) >= 0;
    }

   private:
    struct Close {
        void operator()(hid_device* device) const noexcept { hid_close(device); }
    };
    std::unique_ptr<hid_device, Close> device_;
};

}  // namespace

Result<std::unique_ptr<ByteDevice>> open_hid(const std::filesystem::path& device) {
    // hidapi does not say why it could not open a device, and 0.13 leaks when it is none; the system does neither.
    const int descriptor = ::open(device.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
        return tl::unexpected(file_error(errno, "open", device));
    }
    int description_bytes = 0;
    const bool is_hid = ::ioctl(descriptor, HIDIOCGRDESCSIZE, &description_bytes) >= 0;
    ::close(descriptor);
    hid_device* const opened = is_hid && hid_init() == 0 ? hid_open_path(device.c_str()) : nullptr;
    if (opened == nullptr) {
        return fail(ErrorKind::Failed, fmt::format("{} could not be opened as a HID device.", device.string()),
                    "Unplug the device and plug it in again, and end other programs that use it.");
    }
    return std::make_unique<HidDevice>(opened);
}

}  // namespace landauer
