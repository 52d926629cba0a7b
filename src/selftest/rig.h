// A machine's folder of emulated sources, and the real meters that read it.
#pragma once

#include <landauer/meter.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "platform/scratch.h"
#include "selftest/emulated_source.h"

namespace landauer {

// Stands where it was put; sleeping moves it on at once.
class VirtualClock : public Clock {
   public:
    [[nodiscard]] std::int64_t now_ns() const noexcept override { return now_ns_; }
    void sleep_until(std::int64_t t_ns) noexcept override { now_ns_ = t_ns > now_ns_ ? t_ns : now_ns_; }

   private:
    std::int64_t now_ns_ = 0;
};

class Rig {
   public:
    [[nodiscard]] static Result<Rig> create();

    // Each adds a source and the files that describe it; what goes wrong is told by open().
    void add_powercap(const std::string& zone, const std::string& name, SourceModel model, std::int64_t range_uj);
    void add_hwmon(int number, const std::string& chip, const std::string& sensor, const SourceModel& model,
                   const std::vector<std::pair<std::string, std::string>>& more = {});
    void add_perf(std::uint64_t config, const std::string& event, SourceModel model);

    // Opens the real meters of these names on the folder.
    [[nodiscard]] Result<void> open(const std::vector<std::string>& names);
    // Lets every file show that instant.
    [[nodiscard]] bool show(const MachinePower& machine, std::int64_t t_ns);

    // What the rail behind that series of the trace sees: sources are added in the order of the channels.
    [[nodiscard]] RailShare share_of(std::size_t series) const { return sources_[series].model().share; }
    [[nodiscard]] const std::vector<std::unique_ptr<Meter>>& meters() const { return meters_; }
    VirtualClock& clock() { return *clock_; }

   private:
    explicit Rig(ScratchFolder folder) : folder_(std::move(folder)), clock_(std::make_unique<VirtualClock>()) {}
    void describe(const std::string& file, const std::string& text);
    void add(const std::string& file, const SourceModel& model);
    [[nodiscard]] Result<int> open_perf(std::uint64_t config) const;

    ScratchFolder folder_;
    std::unique_ptr<VirtualClock> clock_;
    std::vector<EmulatedSource> sources_;
    std::vector<std::pair<std::uint64_t, std::size_t>> perf_;  // config, source
    std::vector<std::unique_ptr<Meter>> meters_;
    std::vector<Error> errors_;
};

}  // namespace landauer
