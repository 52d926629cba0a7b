#include "meters/device_link.h"

#include <algorithm>
#include <chrono>
#include <exception>

namespace landauer {
namespace {

constexpr std::int64_t kBetweenTries_ns = 1'000'000'000;

}  // namespace

Result<void> DeviceLink::open() {
    last_try_ns_ = clock_->now_ns();
    auto opened = open_();
    if (!opened) {
        return tl::unexpected(std::move(opened.error()));
    }
    device_ = std::move(*opened);
    ++times_opened_;
    return {};
}

ByteDevice* DeviceLink::device() noexcept {
    if (device_ == nullptr && clock_->now_ns() - last_try_ns_ >= kBetweenTries_ns) {
        try {
            static_cast<void>(open());
        } catch (const std::exception&) {
            return nullptr;  // out of memory: it stays gone for now
        }
    }
    return device_.get();
}

void DeviceLink::drop() noexcept {
    device_.reset();
    last_try_ns_ = clock_->now_ns();
}

bool gather(ByteDevice& device, std::span<std::uint8_t> into, int timeout_ms, bool& is_gone) noexcept {
    using std::chrono::steady_clock;
    const auto until = steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    is_gone = false;
    while (!into.empty()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
        if (left <= 0) {
            return false;
        }
        const int got = device.read(into, static_cast<int>(left));
        if (got < 0) {
            is_gone = true;
            return false;
        }
        into = into.subspan(std::min(static_cast<std::size_t>(got), into.size()));
    }
    return true;
}

}  // namespace landauer
