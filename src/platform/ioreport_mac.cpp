#if defined(__APPLE__)

#include <CoreFoundation/CoreFoundation.h>

#include <array>
#include <cstdint>
#include <utility>

#include "platform/ioreport.h"

// libIOReport comes with macOS and without a header.
extern "C" {
using IOReportSubscriptionRef = const struct IOReportSubscription*;
CFMutableDictionaryRef IOReportCopyChannelsInGroup(CFStringRef group, CFStringRef subgroup, std::uint64_t,
                                                   std::uint64_t, std::uint64_t);
IOReportSubscriptionRef IOReportCreateSubscription(void*, CFMutableDictionaryRef channels,
                                                   CFMutableDictionaryRef* subscribed, std::uint64_t, CFTypeRef);
CFDictionaryRef IOReportCreateSamples(IOReportSubscriptionRef, CFMutableDictionaryRef subscribed, CFTypeRef);
CFStringRef IOReportChannelGetGroup(CFDictionaryRef channel);
CFStringRef IOReportChannelGetSubGroup(CFDictionaryRef channel);
CFStringRef IOReportChannelGetChannelName(CFDictionaryRef channel);
CFStringRef IOReportChannelGetUnitLabel(CFDictionaryRef channel);
std::int64_t IOReportSimpleGetIntegerValue(CFDictionaryRef channel, std::int32_t);
}

namespace landauer {
namespace {

// What a function called Copy or Create returned, released once.
template <class Ref>
class Owned {
   public:
    explicit Owned(Ref ref = nullptr) : ref_(ref) {}
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    Owned(Owned&& other) noexcept : ref_(std::exchange(other.ref_, nullptr)) {}
    Owned& operator=(Owned&& other) noexcept {
        std::swap(ref_, other.ref_);
        return *this;
    }
    ~Owned() {
        if (ref_ != nullptr) {
            CFRelease(ref_);
        }
    }
    [[nodiscard]] Ref get() const { return ref_; }
    [[nodiscard]] Ref* out() { return &ref_; }

   private:
    Ref ref_;
};

std::string text_of(CFStringRef text) {
    std::array<char, 256> buffer{};
    if (text == nullptr || CFStringGetCString(text, buffer.data(), buffer.size(), kCFStringEncodingUTF8) == 0) {
        return {};
    }
    return buffer.data();
}

std::string line_of(CFDictionaryRef channel) {
    std::string line;
    for (const CFStringRef field : {IOReportChannelGetGroup(channel), IOReportChannelGetSubGroup(channel),
                                    IOReportChannelGetChannelName(channel), IOReportChannelGetUnitLabel(channel)}) {
        line += text_of(field) + '\t';
    }
    return line + std::to_string(IOReportSimpleGetIntegerValue(channel, 0)) + '\n';
}

}  // namespace

struct IoReport::Subscription {
    Owned<IOReportSubscriptionRef> handle;
    Owned<CFMutableDictionaryRef> channels;
};

IoReport::IoReport(std::unique_ptr<Subscription> subscription) : subscription_(std::move(subscription)) {}
IoReport::~IoReport() = default;

Result<std::shared_ptr<IoReport>> IoReport::open() {
    auto subscription = std::make_unique<Subscription>();
    const Owned<CFMutableDictionaryRef> wanted(IOReportCopyChannelsInGroup(CFSTR("Energy Model"), nullptr, 0, 0, 0));
    if (wanted.get() != nullptr) {
        subscription->handle = Owned<IOReportSubscriptionRef>(
            IOReportCreateSubscription(nullptr, wanted.get(), subscription->channels.out(), 0, nullptr));
    }
    if (subscription->handle.get() == nullptr || subscription->channels.get() == nullptr) {
        return fail(ErrorKind::Absent, "macOS shows no energy counters here (IOReport, Energy Model).",
                    "Apple silicon has them; on an Intel Mac or in a virtual machine use an external meter.");
    }
    return std::shared_ptr<IoReport>(new IoReport(std::move(subscription)));
}

std::string IoReport::read() const {
    const Owned<CFDictionaryRef> samples(
        IOReportCreateSamples(subscription_->handle.get(), subscription_->channels.get(), nullptr));
    if (samples.get() == nullptr) {
        return {};
    }
    const void* const found = CFDictionaryGetValue(samples.get(), CFSTR("IOReportChannels"));
    if (found == nullptr) {
        return {};
    }
    const auto channels = static_cast<CFArrayRef>(found);
    std::string text;
    for (CFIndex i = 0; i < CFArrayGetCount(channels); ++i) {
        text += line_of(static_cast<CFDictionaryRef>(CFArrayGetValueAtIndex(channels, i)));
    }
    return text;
}

}  // namespace landauer

#endif
