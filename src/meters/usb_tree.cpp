#include "meters/usb_tree.h"

#include <fmt/format.h>

#include <system_error>

#include "platform/files.h"
#include "platform/text.h"

namespace landauer {
namespace {

std::uint16_t id_of(const std::filesystem::path& file) {
    const auto id = parse_hexadecimal(read_trimmed(file));
    return id && *id > 0 && *id <= 0xFFFF ? static_cast<std::uint16_t>(*id) : std::uint16_t{0};
}

}  // namespace

std::vector<UsbDevice> list_usb(const std::filesystem::path& root) {
    const auto all = root / "sys/bus/usb/devices";
    std::vector<UsbDevice> devices;
    for (const std::string& name : list_folder(all)) {
        const UsbKind kind{id_of(all / name / "idVendor"), id_of(all / name / "idProduct")};
        if (kind.vendor != 0) {
            devices.push_back({kind, all / name});
        }
    }
    return devices;
}

std::string hidraw_of(const UsbDevice& device) {
    for (const std::string& interface : list_folder(device.folder)) {
        if (interface.find(':') == std::string::npos) {
            continue;
        }
        for (const std::string& hid : list_folder(device.folder / interface)) {
            for (const NumberedEntry& node : list_numbered(device.folder / interface / hid / "hidraw", "hidraw")) {
                return node.path.filename().string();
            }
        }
    }
    return {};
}

std::string driver_of(const UsbDevice& device, int number) {
    const std::string interface = fmt::format("{}:1.{}", device.folder.filename().string(), number);
    std::error_code error;
    const auto driver = std::filesystem::read_symlink(device.folder / interface / "driver", error);
    return error ? std::string() : driver.filename().string();
}

std::string udev_remedy(const UsbKind& kind, const char* subsystem) {
    const bool is_usb = std::string_view(subsystem) == "usb";
    const char* const s = is_usb ? "" : "S";  // attributes of the device itself, or of one above it
    return fmt::format(
        "Allow it for whoever is logged in, then plug the device in again: echo 'SUBSYSTEM==\"{}\", "
        "ATTR{}{{idVendor}}==\"{:04x}\", ATTR{}{{idProduct}}==\"{:04x}\", TAG+=\"uaccess\"' | sudo tee "
        "/etc/udev/rules.d/70-landauer-{:04x}-{:04x}.rules",
        subsystem, s, kind.vendor, s, kind.product, kind.vendor, kind.product);
}

}  // namespace landauer
