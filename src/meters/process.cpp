// CPU time and disk faults of this very process, from the kernel's own clocks.
#include "meters/table.h"
#include "platform/process_clocks.h"

namespace landauer {
namespace {

class ProcessMeter final : public Meter {
   public:
    ProcessMeter() {
        info_.name = "process";
        info_.covers = "CPU time of all threads of this program, and its page faults from disk";
        info_.channels = {{"process", "cpu", "s", ChannelKind::counter, 1e-9, 0},
                          {"process", "major_faults", "1", ChannelKind::counter, 1.0, 0}};
    }
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        if (values.size() < 2) {
            return 0;
        }
        values[0] = read_process_cpu_ns();
        values[1] = read_major_faults();
        return 2;
    }

   private:
    MeterInfo info_;
};

}  // namespace

// This program is always there, whatever folder stands in for the system's root.
MeterResult probe_process(const std::filesystem::path& /*root*/) { return std::make_unique<ProcessMeter>(); }

}  // namespace landauer
