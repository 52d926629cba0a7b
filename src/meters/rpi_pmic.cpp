#include "meters/rpi_pmic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "meters/pmic_text.h"
#include "meters/table.h"
#include "platform/vcio.h"

namespace landauer {
namespace {

constexpr std::string_view kCommand = "pmic_read_adc";
constexpr double kMicro = 1e-6;
// The line was fitted on one board by hand, and its source states no error: a wide guess of ours.
constexpr double kFitAccuracy = 0.10;

MeterInfo describe() {
    MeterInfo info;
    info.name = "rpi-pmic";
    info.covers = "the 12 rails of the board's power chip: processor, memory, wireless, HDMI";
    info.permission = "the group video, which owns /dev/vcio on Raspberry Pi OS";
    Rail rails{RailKind::board};
    Rail wall{RailKind::dc_input, 0, Provenance::calibrated, kFitAccuracy};
    info.channels = {{"rpi-pmic", "pmic", "W", ChannelKind::gauge, kMicro, 0, rails},
                     {"rpi-pmic", "wall-fit", "W", ChannelKind::gauge, kMicro, 0, wall}};
    info.notes = {
        "Not covered: loads at 5 V (USB devices, HATs, NVMe) and the losses of the power chip itself. Its accuracy is "
        "stated nowhere.",
        "wall-fit is 1.1451 x pmic + 0.5879 W, one user's fit on one board against a USB-C meter "
        "(github.com/jfikar/RPi5-power); take it for a hint and measure your own board."};
    return info;
}

class PmicMeter : public Meter {
   public:
    explicit PmicMeter(PmicSource ask) : info_(describe()), ask_(std::move(ask)) {}
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }
    int read(std::span<std::int64_t> values) noexcept override {
        const auto sum_uw = pmic_power_uw(parse_pmic_adc(ask_()));
        const std::array<std::int64_t, 2> answers = {sum_uw.value_or(kMissing),
                                                     sum_uw ? pmic_wall_fit_uw(*sum_uw) : kMissing};
        const std::size_t count = std::min(values.size(), answers.size());
        std::copy_n(answers.begin(), count, values.begin());
        return sum_uw ? static_cast<int>(count) : 0;
    }

   private:
    MeterInfo info_;
    PmicSource ask_;
};

// What must outlive a probe: the open device and room for its answers.
struct Firmware {
    Vcio device;
    FirmwareMessage message;
};

Error absent() {
    return {ErrorKind::Absent, "This machine has no Raspberry Pi firmware to ask (no /dev/vcio).",
            "The meter needs a Raspberry Pi 5; another board wants a meter of its own, such as an INA226."};
}

Error denied(const std::filesystem::path& device) {
    const std::string name = "/dev/" + device.filename().string();
    return {ErrorKind::Denied, fmt::format("This Raspberry Pi tells its power, but this user may not open {}.", name),
            fmt::format("Join its group and log in again: sudo usermod -aG video \"$USER\"; or until the next boot: "
                        "sudo chmod a+r {}",
                        name)};
}

Error no_rails() {
    return {ErrorKind::Absent, "This Raspberry Pi's firmware does not tell the power of its rails.",
            "Only the Raspberry Pi 5 has such a power chip; on one, update the firmware: sudo rpi-eeprom-update -a"};
}

}  // namespace

std::unique_ptr<Meter> make_pmic_meter(PmicSource ask) { return std::make_unique<PmicMeter>(std::move(ask)); }

MeterResult probe_rpi_pmic(const std::filesystem::path& root) {
    std::optional<std::filesystem::path> closed;
    for (const char* const device : {"dev/vcio_gencmd", "dev/vcio"}) {
        auto opened = Vcio::open(root / device);
        if (!opened) {
            if (opened.error().kind == ErrorKind::Denied && !closed) {
                closed = root / device;
            }
            continue;
        }
        auto firmware = std::make_shared<Firmware>(Firmware{std::move(*opened), {}});
        auto meter = make_pmic_meter([firmware] { return firmware->device.ask(kCommand, firmware->message); });
        std::array<std::int64_t, 2> first{};
        if (meter->read(first) == 0) {
            return tl::unexpected(no_rails());
        }
        return meter;
    }
    return tl::unexpected(closed ? denied(*closed) : absent());
}

}  // namespace landauer
