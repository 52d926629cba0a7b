// CPU time of the whole machine and of each core, from /proc/stat.
#include <fmt/format.h>

#include <algorithm>

#include "meters/table.h"
#include "platform/files.h"
#include "platform/open_file.h"
#include "platform/proc_files.h"

namespace landauer {
namespace {

constexpr std::size_t kLongestCpuLine = 224;  // ten counts of at most 20 digits

class MachineMeter final : public Meter {
   public:
    MachineMeter(MeterInfo info, OpenFile file, std::vector<std::size_t> cpus, std::size_t n_cpus)
        : info_(std::move(info)),
          file_(std::move(file)),
          cpus_(std::move(cpus)),
          times_(n_cpus),
          buffer_((n_cpus + 2) * kLongestCpuLine) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        CpuTimes total;
        parse_proc_stat(file_.read(buffer_), total, times_);
        if (values.size() < info_.channels.size()) {
            return 0;
        }
        values[0] = total.busy;
        values[1] = total.steal;
        for (std::size_t i = 0; i < cpus_.size(); ++i) {
            values[i + 2] = times_[cpus_[i]].busy;
        }
        const auto missing = std::count(values.begin(), values.end(), kMissing);
        return static_cast<int>(values.size()) - static_cast<int>(missing);
    }

   private:
    MeterInfo info_;
    OpenFile file_;
    std::vector<std::size_t> cpus_;  // the number of each per-core channel
    std::vector<CpuTimes> times_;    // by CPU number
    std::vector<char> buffer_;
};

Channel ticks(std::string name) {
    const double tick_s = 1.0 / static_cast<double>(ticks_per_second());
    return {"machine", std::move(name), "s", ChannelKind::counter, tick_s, 0};
}

}  // namespace

MeterResult probe_machine(const std::filesystem::path& root) {
    const auto path = root / "proc/stat";
    auto text = read_text(path);
    auto file = OpenFile::open(path);
    if (!text || !file) {
        Error error = text ? file.error() : text.error();
        error.remedy = "Mount /proc; without it other programs' CPU time cannot be told.";
        return tl::unexpected(std::move(error));
    }
    CpuTimes total;
    std::vector<CpuTimes> times(static_cast<std::size_t>(count_cpus(*text)));
    parse_proc_stat(*text, total, times);
    if (total.busy == kMissing) {
        return fail(ErrorKind::Failed, fmt::format("{} has no CPU counters that landauer understands.", path.string()),
                    "Check that /proc is the kernel's own and not a copy.");
    }
    MeterInfo info;
    info.name = "machine";
    info.covers = "CPU time of all programs on this machine, in all and by core, and time stolen by the host";
    info.channels = {ticks("busy"), ticks("steal")};
    std::vector<std::size_t> cpus;
    for (std::size_t cpu = 0; cpu < times.size(); ++cpu) {
        if (times[cpu].busy != kMissing) {
            cpus.push_back(cpu);
            info.channels.push_back(ticks(fmt::format("cpu{}_busy", cpu)));
        }
    }
    return std::make_unique<MachineMeter>(std::move(info), std::move(*file), std::move(cpus), times.size());
}

}  // namespace landauer
