// Power drawn from the batteries, while there is no other supply.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "meters/product_files.h"
#include "meters/table.h"
#include "platform/files.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::string_view kFolder = "sys/class/power_supply";
constexpr double kPower_w = 1e-6;       // power_now is in microwatts
constexpr double kProduct_w = 1e-12;    // microvolts times microamperes
constexpr double kPublishPeriod_s = 1;  // firmwares refresh their figures once a second or less often

class BatteryMeter : public Meter {
   public:
    BatteryMeter(MeterInfo info, std::vector<ProductFile> powers, std::vector<OpenFile> states)
        : info_(std::move(info)), powers_(std::move(powers)), states_(std::move(states)) {}
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }
    int read(std::span<std::int64_t> values) noexcept override {
        const bool on_battery = is_discharging();
        int got = 0;
        const std::size_t count = std::min(values.size(), powers_.size());
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = on_battery ? read_one(i) : kMissing;
            got += values[i] == kMissing ? 0 : 1;
        }
        return got;
    }

   private:
    [[nodiscard]] bool is(std::size_t i, std::string_view state) const noexcept {
        std::array<char, 32> buffer{};
        return trim(states_[i].read(buffer)) == state;
    }

    [[nodiscard]] bool is_discharging() const noexcept {
        for (std::size_t i = 0; i < states_.size(); ++i) {
            if (is(i, "Discharging")) {
                return true;
            }
        }
        return false;
    }

    // Drivers disagree on the sign of a discharging current. A battery that rests while another
    // one feeds the machine gives nothing; one that says anything else cannot be told.
    [[nodiscard]] std::int64_t read_one(std::size_t i) const noexcept {
        const auto raw = powers_[i].read();
        if (!raw || *raw == kMissing || (*raw != 0 && !is(i, "Discharging")) || is(i, "Charging")) {
            return kMissing;
        }
        return *raw < 0 ? -*raw : *raw;
    }

    MeterInfo info_;
    std::vector<ProductFile> powers_;
    std::vector<OpenFile> states_;
};

struct BatteryHarvest {
    ProductHarvest product;
    std::vector<OpenFile> states;
    int batteries = 0;  // seen, readable or not
    bool discharging = false;
};

bool is_system_battery(const std::filesystem::path& folder) {
    // A mouse or a headset has a battery too, of scope Device.
    return read_trimmed(folder / "type") == "Battery" && read_trimmed(folder / "scope") != "Device";
}

bool add_power(ProductHarvest& harvest, const std::filesystem::path& folder, int index) {
    Channel channel{"battery", folder.filename().string(), "W", ChannelKind::gauge, kPower_w, 0, {}};
    channel.rail.kind = RailKind::battery;
    channel.rail.index = index;
    channel.rail.period_s = kPublishPeriod_s;
    if (harvest.add(channel, folder / "power_now")) {
        return true;
    }
    channel.scale = kProduct_w;
    return harvest.add(channel, folder / "voltage_now", folder / "current_now");
}

void add_battery(BatteryHarvest& harvest, const std::filesystem::path& folder) {
    auto state = OpenFile::open(folder / "status");
    if (!state) {
        if (state.error().kind == ErrorKind::Denied) {
            harvest.product.denied.push_back(folder / "status");
        }
        return;
    }
    if (add_power(harvest.product, folder, static_cast<int>(harvest.states.size()))) {
        harvest.states.push_back(std::move(*state));
        harvest.discharging = harvest.discharging || read_trimmed(folder / "status") == "Discharging";
    }
}

Error no_battery(const BatteryHarvest& harvest) {
    if (harvest.batteries == 0) {
        return {ErrorKind::Absent, "This machine has no battery under /sys/class/power_supply.",
                "Use another meter; landauer meters lists them."};
    }
    if (!harvest.product.denied.empty()) {
        return {ErrorKind::Denied, "This machine has a battery, but this user may not read its power.",
                fmt::format("Until the next boot: sudo chmod a+r {}", harvest.product.denied.front().string())};
    }
    return {ErrorKind::Absent, "This machine's battery tells no power, nor voltage and current.",
            "Use another meter; landauer meters lists them."};
}

}  // namespace

MeterResult probe_battery(const std::filesystem::path& root) {
    BatteryHarvest harvest;
    for (const std::string& supply : list_folder(root / kFolder)) {
        if (is_system_battery(root / kFolder / supply)) {
            ++harvest.batteries;
            add_battery(harvest, root / kFolder / supply);
        }
    }
    if (harvest.states.empty()) {
        return tl::unexpected(no_battery(harvest));
    }
    MeterInfo& info = harvest.product.info;
    info.name = "battery";
    info.covers = "everything behind the battery, while nothing else feeds the machine";
    info.blocks = true;  // the firmware of some laptops takes tens of milliseconds to answer
    info.period_s = kPublishPeriod_s;
    info.notes = {"It gives joules only while discharging: unplug the charger before a measurement.",
                  "Firmwares refresh the figure about once a second or less often, so short windows are uncertain."};
    if (!harvest.discharging) {
        info.notes.emplace_back("The machine is not running on its battery at present.");
    }
    return std::make_unique<BatteryMeter>(std::move(info), std::move(harvest.product.files), std::move(harvest.states));
}

}  // namespace landauer
