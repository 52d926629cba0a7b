// How often the processor slowed itself down: thermal_throttle on x86, the firmware's flags
// and under-voltage alarm on a Raspberry Pi.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "meters/number_files.h"
#include "meters/table.h"
#include "platform/files.h"
#include "platform/text.h"

namespace landauer {
namespace {

// Bits of get_throttled that hold now: under-voltage, frequency capped, throttled, soft
// temperature limit. The same four again from bit 16 on only say "once since boot".
constexpr std::int64_t kThrottledNow = 0xF;

class ThrottleMeter final : public Meter {
   public:
    ThrottleMeter(MeterInfo info, std::vector<OpenFile> cores, FileHarvest plain, std::optional<OpenFile> flags)
        : info_(std::move(info)),
          cores_(std::move(cores)),
          plain_(std::move(plain.info), std::move(plain.files)),
          flags_(std::move(flags)) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        if (values.size() < info_.channels.size()) {
            return 0;
        }
        std::size_t next = 0;
        if (!cores_.empty()) {
            values[next++] = sum_of_cores();
        }
        plain_.read(values.subspan(next));
        next += plain_.info().channels.size();
        if (flags_) {
            values[next++] = flags_now(*flags_);
        }
        const auto missing = std::count(values.begin(), values.end(), kMissing);
        return static_cast<int>(values.size()) - static_cast<int>(missing);
    }

   private:
    // A sum over fewer cores than before would look like a counter that went back.
    [[nodiscard]] std::int64_t sum_of_cores() const noexcept {
        std::int64_t sum = 0;
        for (const OpenFile& core : cores_) {
            const auto count = core.read_integer();
            if (!count || *count < 0 || *count > std::int64_t{1} << 40) {
                return kMissing;
            }
            sum += *count;
        }
        return sum;
    }

    [[nodiscard]] static std::int64_t flags_now(const OpenFile& file) noexcept {
        std::array<char, 64> buffer{};
        const auto flags = parse_hexadecimal(file.read(buffer));
        return flags ? *flags & kThrottledNow : kMissing;
    }

    MeterInfo info_;
    std::vector<OpenFile> cores_;
    NumberFilesMeter plain_;
    std::optional<OpenFile> flags_;
};

Channel channel(std::string name, ChannelKind kind) { return {"throttle", std::move(name), "1", kind, 1.0, 0}; }

// Each core once (its hyper-threads share a counter) into `cores`, each package into `plain`.
void add_x86(const std::filesystem::path& root, std::vector<OpenFile>& cores, FileHarvest& plain) {
    std::set<std::string> seen_cores;
    std::set<std::string> seen_packages;
    for (const NumberedEntry& cpu : list_numbered(root / "sys/devices/system/cpu", "cpu")) {
        const auto counts = cpu.path / "thermal_throttle";
        const std::string siblings = read_trimmed(cpu.path / "topology/thread_siblings_list");
        const std::string package = read_trimmed(cpu.path / "topology/physical_package_id");
        if (siblings.empty() || seen_cores.insert(siblings).second) {
            if (auto core = OpenFile::open(counts / "core_throttle_count")) {
                cores.push_back(std::move(*core));
            }
        }
        if (!package.empty() && seen_packages.insert(package).second) {
            plain.add(counts / "package_throttle_count", channel("package-" + package, ChannelKind::counter));
        }
    }
}

void add_raspberry_alarm(const std::filesystem::path& root, FileHarvest& plain) {
    for (const NumberedEntry& chip : list_numbered(root / "sys/class/hwmon", "hwmon")) {
        if (read_trimmed(chip.path / "name") == "rpi_volt") {
            plain.add(chip.path / "in0_lcrit_alarm", channel("undervoltage", ChannelKind::gauge));
            return;
        }
    }
}

std::optional<OpenFile> open_raspberry_flags(const std::filesystem::path& root) {
    const auto platform = root / "sys/devices/platform";
    for (const std::string& soc : list_folder(platform)) {
        if (!soc.starts_with("soc")) {
            continue;
        }
        for (const std::string& device : list_folder(platform / soc)) {
            if (device.ends_with(":firmware")) {
                if (auto flags = OpenFile::open(platform / soc / device / "get_throttled")) {
                    return std::move(*flags);
                }
            }
        }
    }
    return std::nullopt;
}

}  // namespace

MeterResult probe_throttle(const std::filesystem::path& root) {
    std::vector<OpenFile> cores;
    FileHarvest plain;
    add_x86(root, cores, plain);
    add_raspberry_alarm(root, plain);
    auto flags = open_raspberry_flags(root);
    MeterInfo info;
    info.name = "throttle";
    info.covers = "how often the processor slowed itself down because of heat or power";
    if (!cores.empty()) {
        info.channels.push_back(channel("core", ChannelKind::counter));
    }
    info.channels.insert(info.channels.end(), plain.info.channels.begin(), plain.info.channels.end());
    if (flags) {
        info.channels.push_back(channel("flags_now", ChannelKind::gauge));
    }
    if (info.channels.empty()) {
        return fail(ErrorKind::Absent, "This machine keeps no count of how often its processor throttled.",
                    "Virtual machines and most AMD processors have none; watch the frequency and temperature instead.");
    }
    return std::make_unique<ThrottleMeter>(std::move(info), std::move(cores), std::move(plain), std::move(flags));
}

}  // namespace landauer
