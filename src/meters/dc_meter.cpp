#include "meters/dc_meter.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace landauer {
namespace {

class DcMeter final : public Meter {
   public:
    DcMeter(MeterInfo info, DeviceLink link, DcPoll poll)
        : info_(std::move(info)), link_(std::move(link)), poll_(std::move(poll)) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        std::fill(values.begin(), values.end(), kMissing);
        const auto reading = poll();
        if (!reading || values.size() < 3) {
            return 0;
        }
        values[0] = reading->microwatts;
        values[1] = reading->microvolts;
        values[2] = reading->microamps;
        return 3;
    }

    std::optional<DcReading> poll() noexcept {
        ByteDevice* const device = link_.device();
        if (device == nullptr) {
            return std::nullopt;
        }
        device->discard_input();
        bool is_gone = false;
        std::optional<DcReading> reading;
        try {
            reading = poll_(*device, is_gone);
        } catch (const std::exception&) {
            return std::nullopt;
        }
        if (is_gone) {
            link_.drop();
        }
        return reading;
    }

   private:
    MeterInfo info_;
    DeviceLink link_;
    DcPoll poll_;
};

Channel gauge(const DcTester& tester, const char* name, const char* unit, const Rail& rail) {
    return {tester.name, name, unit, ChannelKind::gauge, 1e-6, 0, rail};
}

}  // namespace

MeterResult make_dc_meter(const DcTester& tester, DeviceOpener open, DcPoll poll, Clock* clock) {
    DeviceLink link(std::move(open), clock);
    if (auto opened = link.open(); !opened) {
        return tl::unexpected(std::move(opened.error()));
    }
    Rail rail;
    rail.kind = RailKind::dc_input;
    rail.accuracy = tester.accuracy;
    rail.period_s = tester.period_s;
    rail.averaging_s = tester.period_s;
    MeterInfo info;
    info.name = tester.name;
    info.covers = "everything that is supplied through the USB power tester";
    info.channels = {gauge(tester, "power", "W", rail), gauge(tester, "voltage", "V", {}),
                     gauge(tester, "current", "A", {})};
    info.blocks = true;
    info.period_s = tester.period_s;
    auto meter = std::make_unique<DcMeter>(std::move(info), std::move(link), std::move(poll));
    // The first answer may be lost, as on a line that has just been opened.
    for (int i = 0; i < 3; ++i) {
        if (meter->poll()) {
            return meter;
        }
    }
    return fail(ErrorKind::Failed, fmt::format("What is at the other end does not answer like {}.", tester.title),
                "Check that it is switched on, that this is its device, and that no other program reads it.");
}

}  // namespace landauer
