// Resident memory of this process and memory in use on the machine.
#include <algorithm>
#include <array>

#include "meters/table.h"
#include "platform/open_file.h"
#include "platform/proc_files.h"

namespace landauer {
namespace {

class MemoryMeter final : public Meter {
   public:
    MemoryMeter(OpenFile statm, OpenFile meminfo) : statm_(std::move(statm)), meminfo_(std::move(meminfo)) {
        info_.name = "memory";
        info_.covers =
            "resident memory of this program (its own pages, and pages of mapped files), and memory in use "
            "on the machine";
        const auto bytes = [](const char* name, double scale) {
            return Channel{"memory", name, "B", ChannelKind::gauge, scale, 0};
        };
        const auto page = static_cast<double>(page_bytes());
        info_.channels = {bytes("rss_anon", page), bytes("rss_file", page), bytes("rss", page),
                          bytes("system_used", 1.0)};
    }
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    // statm's "shared" pages are those of files and of shared memory; mapped weights are
    // among them. The kernel batches these counts, by up to 64 pages a thread.
    int read(std::span<std::int64_t> values) noexcept override {
        if (values.size() < info_.channels.size()) {
            return 0;
        }
        std::fill(values.begin(), values.end(), kMissing);
        std::array<char, 4096> buffer{};
        int got = 0;
        const ResidentPages pages = parse_statm(statm_.read(buffer));
        if (pages.resident != kMissing) {
            values[0] = pages.resident - pages.shared;
            values[1] = pages.shared;
            values[2] = pages.resident;
            got += 3;
        }
        const SystemMemory system = parse_meminfo(meminfo_.read(buffer));
        if (system.total_bytes != kMissing && system.available_bytes != kMissing) {
            values[3] = system.total_bytes - system.available_bytes;
            got += 1;
        }
        return got;
    }

   private:
    MeterInfo info_;
    OpenFile statm_;
    OpenFile meminfo_;
};

}  // namespace

MeterResult probe_memory(const std::filesystem::path& root) {
    auto statm = OpenFile::open(root / "proc/self/statm");
    auto meminfo = OpenFile::open(root / "proc/meminfo");
    if (!statm || !meminfo) {
        Error error = statm ? meminfo.error() : statm.error();
        error.remedy = "Mount /proc; without it memory cannot be measured.";
        return tl::unexpected(std::move(error));
    }
    return std::make_unique<MemoryMeter>(std::move(*statm), std::move(*meminfo));
}

}  // namespace landauer
