// Clock frequency of the cores, from cpufreq.
#include <fmt/format.h>

#include <cmath>

#include "meters/number_files.h"
#include "meters/table.h"
#include "platform/files.h"

namespace landauer {
namespace {

// Reading a core's frequency may interrupt that core. On larger machines an even choice of
// this many cores is read, so that measuring stays cheap.
constexpr std::size_t kMostCores = 32;

// The cores' own channels, preceded by their mean.
class FrequencyMeter final : public Meter {
   public:
    FrequencyMeter(MeterInfo info, MeterInfo cores, std::vector<OpenFile> files)
        : info_(std::move(info)), cores_(std::move(cores), std::move(files)) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        if (values.size() < info_.channels.size()) {
            return 0;
        }
        values[0] = kMissing;
        const int got = cores_.read(values.subspan(1));
        double sum = 0.0;
        for (const std::int64_t value : values.subspan(1)) {
            sum += value == kMissing ? 0.0 : static_cast<double>(value);
        }
        if (got == 0) {
            return 0;
        }
        values[0] = std::llround(sum / got);
        return got + 1;
    }

   private:
    MeterInfo info_;
    NumberFilesMeter cores_;
};

Channel kilohertz(std::string name) { return {"frequency", std::move(name), "Hz", ChannelKind::gauge, 1e3, 0}; }

}  // namespace

MeterResult probe_frequency(const std::filesystem::path& root) {
    const auto cpus = list_numbered(root / "sys/devices/system/cpu", "cpu");
    const std::size_t stride = (cpus.size() + kMostCores - 1) / kMostCores;
    FileHarvest cores;
    for (std::size_t i = 0; i < cpus.size(); i += stride) {
        cores.add(cpus[i].path / "cpufreq/scaling_cur_freq", kilohertz(fmt::format("cpu{}", cpus[i].number)));
    }
    if (cores.files.empty() && !cores.denied.empty()) {
        return fail(ErrorKind::Denied, "This user may not read the CPU frequency.",
                    "Allow it: sudo chmod a+r /sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq");
    }
    if (cores.files.empty()) {
        return fail(ErrorKind::Absent, "This machine does not show its CPU frequency (no cpufreq folder in /sys).",
                    "Virtual machines hide it, and only their host can tell; elsewhere load the processor's cpufreq "
                    "driver.");
    }
    MeterInfo info;
    info.name = "frequency";
    info.covers = cores.files.size() == cpus.size() ? "clock frequency of each core, and their mean"
                                                    : "clock frequency of an even choice of cores, and their mean";
    info.channels = {kilohertz("mean")};
    info.channels.insert(info.channels.end(), cores.info.channels.begin(), cores.info.channels.end());
    return std::make_unique<FrequencyMeter>(std::move(info), std::move(cores.info), std::move(cores.files));
}

}  // namespace landauer
