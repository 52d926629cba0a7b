// FNIRSI FNB48, FNB48S, FNB58 and C1 by their HID reports.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "meters/dc_meter.h"
#include "meters/usb_tree.h"
#include "meters/wire/fnirsi.h"
#include "platform/hid_device.h"

namespace landauer {
namespace {

struct Model {
    UsbKind kind;
    const char* title;
    bool asks_often;
};
constexpr std::array kModels = {
    Model{{0x0483, 0x003A}, "FNB48", true},
    Model{{0x0483, 0x003B}, "C1", true},
    Model{{0x2E3C, 0x5558}, "FNB58", false},
    Model{{0x2E3C, 0x0049}, "FNB48S", false},
};

constexpr std::uint8_t kGreet = 0x81;
constexpr std::uint8_t kBegin = 0x82;
constexpr std::uint8_t kGoOn = 0x83;
constexpr std::int64_t kBetweenRequests_ns = 1'000'000'000;
constexpr int kFirstTimeout_ms = 100;  // reports come every 40 ms
constexpr int kMostReports = 128;      // twice what the kernel keeps for us

class FnirsiMeter final : public Meter {
   public:
    FnirsiMeter(MeterInfo info, DeviceLink link, bool asks_often, Clock* clock)
        : info_(std::move(info)),
          link_(std::move(link)),
          clock_(clock != nullptr ? clock : &system_clock()),
          asks_often_(asks_often) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        std::fill(values.begin(), values.end(), kMissing);
        const bool got = take_reports();
        const auto energy = energy_.counter_uj(clock_->now_ns());
        if (values.size() < 4) {
            return 0;
        }
        values[0] = energy.value_or(kMissing);
        if (got) {
            values[1] = last_.microwatts;
            values[2] = last_.microvolts;
            values[3] = last_.microamps;
        }
        return (energy ? 1 : 0) + (got ? 3 : 0);
    }

    // Whether any good report came.
    bool take_reports() noexcept {
        ByteDevice* const device = link_.device();
        if (device == nullptr || !keep_talking(*device)) {
            return false;
        }
        bool got = false;
        FnirsiReport report{};
        for (int i = 0; i < kMostReports; ++i) {
            const int size = device->read(report, i == 0 ? kFirstTimeout_ms : 0);
            if (size < 0) {
                go();
                return got;
            }
            if (size == 0) {
                break;
            }
            got = take(Bytes(report).first(std::min(static_cast<std::size_t>(size), report.size()))) || got;
            if (asks_often_ && !device->write(fnirsi_request(kGoOn))) {
                go();
                return got;
            }
        }
        return got;
    }

   private:
    // A new device is greeted; one that talks is asked to go on.
    bool keep_talking(ByteDevice& device) noexcept {
        const std::int64_t now_ns = clock_->now_ns();
        bool good = true;
        if (greeted_ != link_.times_opened()) {
            greeted_ = link_.times_opened();
            energy_.interrupt();
            good = device.write(fnirsi_request(kGreet)) && device.write(fnirsi_request(kBegin)) &&
                   device.write(fnirsi_request(asks_often_ ? kGoOn : kBegin));
            asked_ns_ = now_ns;
        } else if (now_ns - asked_ns_ >= kBetweenRequests_ns) {
            good = device.write(fnirsi_request(kGoOn));
            asked_ns_ = now_ns;
        }
        if (!good) {
            go();
        }
        return good;
    }

    bool take(Bytes report) noexcept {
        const auto samples = parse_fnirsi(report);
        if (samples) {
            energy_.add(*samples, clock_->now_ns());
            last_ = samples->back();
        }
        return samples.has_value();
    }

    void go() noexcept {
        link_.drop();
        energy_.interrupt();
    }

    MeterInfo info_;
    DeviceLink link_;
    Clock* clock_;
    FnirsiEnergy energy_;
    DcReading last_;
    std::int64_t asked_ns_ = 0;
    int greeted_ = 0;
    bool asks_often_;
};

MeterInfo describe(bool asks_often) {
    Rail rail;
    rail.kind = RailKind::dc_input;
    // No sheet states more than 0.5 % for volts and for amps each; the best of them (FNB58) a tenth of it.
    rail.accuracy = 0.01;
    rail.period_s = 0.04;  // a report
    MeterInfo info;
    info.name = "usb-fnirsi";
    info.covers = "everything that is supplied through the USB power tester";
    info.channels = {{info.name, "energy", "J", ChannelKind::counter, 1e-6, 0, rail},
                     {info.name, "power", "W", ChannelKind::gauge, 1e-6, 0, {}},
                     {info.name, "voltage", "V", ChannelKind::gauge, 1e-6, 0, {}},
                     {info.name, "current", "A", ChannelKind::gauge, 1e-6, 0, {}}};
    info.blocks = true;
    info.period_s = asks_often ? 0.04 : 0.1;
    info.notes = {
        "Energy is the sum of the tester's 100 samples a second. Where samples were lost the counter steps "
        "back, so that the time counts as a gap."};
    return info;
}

const Model* model_of(const UsbDevice& device) {
    const auto* const model =
        std::find_if(kModels.begin(), kModels.end(), [&](const Model& m) { return m.kind == device.kind; });
    return model == kModels.end() ? nullptr : model;
}

}  // namespace

MeterResult make_fnirsi(DeviceOpener open, bool asks_often, Clock* clock) {
    DeviceLink link(std::move(open), clock);
    if (auto opened = link.open(); !opened) {
        return tl::unexpected(std::move(opened.error()));
    }
    auto meter = std::make_unique<FnirsiMeter>(describe(asks_often), std::move(link), asks_often, clock);
    for (int i = 0; i < 5; ++i) {
        if (meter->take_reports()) {
            return meter;
        }
    }
    return fail(ErrorKind::Failed, "The FNIRSI tester sends no readings.",
                "Unplug it and plug it in again, and end other programs that read it.");
}

MeterResult probe_usb_fnirsi(const MeterSources& sources, const std::string& /*argument*/) {
    for (const UsbDevice& device : list_usb(sources.root)) {
        const Model* const model = model_of(device);
        const std::string node = model == nullptr ? std::string() : hidraw_of(device);
        if (node.empty()) {
            continue;
        }
        // 0483:003A and B are a maker of chips' numbers too; only the reports tell.
        auto meter = make_fnirsi([file = sources.root / "dev" / node] { return open_hid(file); }, model->asks_often,
                                 sources.clock);
        if (!meter && meter.error().kind == ErrorKind::Denied) {
            meter.error().sentence = fmt::format("This user may not read the FNIRSI {} tester.", model->title);
            meter.error().remedy = udev_remedy(device.kind, "hidraw");
        }
        return meter;
    }
    return fail(ErrorKind::Absent, "No FNIRSI tester (FNB48, FNB58, C1) is plugged in.",
                "Plug its data port into this machine, its other ports between supply and board.");
}

}  // namespace landauer
