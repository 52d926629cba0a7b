// No meter at all: power modelled from how busy the processor is, and labelled so.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/clock.h"
#include "meters/table.h"
#include "meters/wire/board_power.h"
#include "platform/files.h"
#include "platform/open_file.h"
#include "platform/proc_files.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::size_t kLongestTotalLine = 4096;  // /proc/stat's first line is all that is wanted

// Both terms are linear in cumulative quantities, so energy needs no integration, any grid of readings gives the same
// joules, and two such meters tell the same: E = idle x time + (load - idle) x busy CPU time / CPUs, since boot.
class EstimateMeter final : public Meter {
   public:
    EstimateMeter(MeterInfo info, OpenFile stat, const BoardPower& power, int n_cpus, Clock& clock)
        : info_(std::move(info)),
          stat_(std::move(stat)),
          idle_w_(power.idle_w),
          w_per_cpu_((power.load_w - power.idle_w) / n_cpus),
          clock_(clock),
          buffer_(kLongestTotalLine) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        if (values.empty()) {
            return 0;
        }
        CpuTimes total;
        parse_proc_stat(stat_.read(buffer_), total, {});
        if (total.busy == kMissing) {
            values[0] = kMissing;
            return 0;
        }
        const double seconds = static_cast<double>(clock_.now_ns()) * 1e-9;
        const double busy_s = static_cast<double>(total.busy) / static_cast<double>(ticks_per_second());
        values[0] = std::llround(1e6 * (idle_w_ * seconds + w_per_cpu_ * busy_s));
        return 1;
    }

   private:
    MeterInfo info_;
    OpenFile stat_;
    double idle_w_;
    double w_per_cpu_;
    Clock& clock_;
    std::vector<char> buffer_;
};

MeterInfo describe(const BoardPower& power) {
    Rail rail;
    rail.kind = RailKind::board;
    rail.provenance = Provenance::modelled;
    rail.accuracy = power.accuracy;
    rail.period_s = 1.0 / static_cast<double>(ticks_per_second());
    MeterInfo info;
    info.name = "estimate";
    info.covers = "nothing measured: the power of the whole machine, modelled from how busy its processor is";
    info.channels = {{"estimate", "board", "J", ChannelKind::counter, 1e-6, 0, rail}};
    info.notes = {
        fmt::format("{}: {} W idle, {} W at full load ({}).", power.board.empty() ? "This machine" : power.board,
                    power.idle_w, power.load_w, power.source),
        fmt::format("A straight line between two points, which knows nothing of memory, clocks or temperature: within "
                    "{:.0f} % at best.",
                    power.accuracy * 100.0)};
    return info;
}

Result<BoardPower> power_of(const MeterSources& sources, const std::string& argument) {
    if (!argument.empty()) {
        return board_power_from(argument);
    }
    return board_power_of_model(read_trimmed(sources.root / "proc/device-tree/model"));
}

// Those that run now.
int online_cpus(std::string_view proc_stat) {
    std::vector<CpuTimes> times(static_cast<std::size_t>(count_cpus(proc_stat)));
    CpuTimes total;
    parse_proc_stat(proc_stat, total, times);
    return static_cast<int>(
        std::count_if(times.begin(), times.end(), [](const CpuTimes& cpu) { return cpu.busy != kMissing; }));
}

}  // namespace

MeterResult probe_estimate(const MeterSources& sources, const std::string& argument) {
    const auto power = power_of(sources, argument);
    if (!power) {
        return tl::unexpected(power.error());
    }
    const auto path = sources.root / "proc/stat";
    const auto text = read_text(path);
    auto file = OpenFile::open(path);
    const int n_cpus = text ? online_cpus(*text) : 0;
    if (!file || n_cpus == 0) {
        return fail(ErrorKind::Absent,
                    "How busy the processor is cannot be read here, so its power cannot be modelled.", "Mount /proc.");
    }
    Clock& clock = sources.clock != nullptr ? *sources.clock : system_clock();
    return std::make_unique<EstimateMeter>(describe(*power), std::move(*file), *power, n_cpus, clock);
}

}  // namespace landauer
