#include "platform/usb_bulk.h"

#include <fmt/format.h>
#include <libusb.h>

#include <utility>

namespace landauer {
namespace {

constexpr unsigned kWriteTimeout_ms = 200;

struct CloseContext {
    void operator()(libusb_context* context) const noexcept { libusb_exit(context); }
};
struct CloseHandle {
    void operator()(libusb_device_handle* handle) const noexcept { libusb_close(handle); }
};
using Context = std::unique_ptr<libusb_context, CloseContext>;
using Handle = std::unique_ptr<libusb_device_handle, CloseHandle>;

class BulkDevice final : public ByteDevice {
   public:
    BulkDevice(Context context, Handle handle, const UsbPeer& peer)
        : context_(std::move(context)), handle_(std::move(handle)), peer_(peer) {}
    BulkDevice(const BulkDevice&) = delete;
    BulkDevice& operator=(const BulkDevice&) = delete;
    BulkDevice(BulkDevice&&) = delete;
    BulkDevice& operator=(BulkDevice&&) = delete;
    ~BulkDevice() override { libusb_release_interface(handle_.get(), peer_.interface); }

    int read(std::span<std::uint8_t> into, int timeout_ms) noexcept override {
        int got = 0;
        // libusb takes 0 for "wait for ever".
        const auto timeout = static_cast<unsigned>(timeout_ms > 0 ? timeout_ms : 1);
        const int status = libusb_bulk_transfer(handle_.get(), peer_.endpoint_in, into.data(),
                                                static_cast<int>(into.size()), &got, timeout);
        const bool is_there = status == 0 || status == LIBUSB_ERROR_TIMEOUT || status == LIBUSB_ERROR_OVERFLOW;
        return is_there ? got : kGone;
    }

    bool write(std::span<const std::uint8_t> bytes) noexcept override {
        int sent = 0;
        // libusb does not change what it sends, but asks for a pointer that could.
        auto* const data = const_cast<std::uint8_t*>(bytes.data());
        const int size = static_cast<int>(bytes.size());
        return libusb_bulk_transfer(handle_.get(), peer_.endpoint_out, data, size, &sent, kWriteTimeout_ms) == 0 &&
               sent == size;
    }

   private:
    Context context_;
    Handle handle_;
    UsbPeer peer_;
};

Error usb_error(int status, const UsbPeer& peer) {
    const std::string name = fmt::format("USB device {:04x}:{:04x}", peer.vendor, peer.product);
    if (status == LIBUSB_ERROR_ACCESS) {
        return {
            ErrorKind::Denied, fmt::format("This user may not open {}.", name),
            fmt::format("Allow it for whoever is logged in: echo 'SUBSYSTEM==\"usb\", ATTR{{idVendor}}==\"{:04x}\", "
                        "ATTR{{idProduct}}==\"{:04x}\", TAG+=\"uaccess\"' | sudo tee "
                        "/etc/udev/rules.d/70-landauer.rules, then plug it in again.",
                        peer.vendor, peer.product)};
    }
    if (status == LIBUSB_ERROR_NO_DEVICE || status == LIBUSB_ERROR_NOT_FOUND) {
        return {ErrorKind::Absent, fmt::format("There is no {}.", name), "Plug it in."};
    }
    return {ErrorKind::Failed, fmt::format("{} could not be opened: {}.", name, libusb_error_name(status)),
            "Unplug it and plug it in again, and end other programs that use it."};
}

// The first of its kind; the status says why there is none.
Handle open_first(libusb_context* context, const UsbPeer& peer, int& status) {
    libusb_device** devices = nullptr;
    const auto count = libusb_get_device_list(context, &devices);
    status = count < 0 ? static_cast<int>(count) : LIBUSB_ERROR_NO_DEVICE;
    libusb_device_handle* handle = nullptr;
    for (std::ptrdiff_t i = 0; i < count && handle == nullptr; ++i) {
        libusb_device_descriptor is{};
        if (libusb_get_device_descriptor(devices[i], &is) == 0 && is.idVendor == peer.vendor &&
            is.idProduct == peer.product) {
            status = libusb_open(devices[i], &handle);
        }
    }
    if (count >= 0) {
        libusb_free_device_list(devices, 1);
    }
    return Handle(handle);
}

}  // namespace

Result<std::unique_ptr<ByteDevice>> open_usb(const UsbPeer& peer) {
    libusb_context* started = nullptr;
    if (const int status = libusb_init(&started); status != 0) {
        return tl::unexpected(usb_error(status, peer));
    }
    Context context(started);
    int status = 0;
    Handle handle = open_first(context.get(), peer, status);
    if (!handle) {
        return tl::unexpected(usb_error(status, peer));
    }
    libusb_set_auto_detach_kernel_driver(handle.get(), 1);
    if (status = libusb_claim_interface(handle.get(), peer.interface); status != 0) {
        return tl::unexpected(usb_error(status, peer));
    }
    return std::make_unique<BulkDevice>(std::move(context), std::move(handle), peer);
}

}  // namespace landauer
