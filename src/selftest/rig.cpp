#include "selftest/rig.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace landauer {
namespace {

constexpr const char* kPowercap = "sys/class/powercap";
constexpr const char* kHwmon = "sys/class/hwmon";
constexpr const char* kPerf = "sys/bus/event_source/devices/power";

}  // namespace

Result<Rig> Rig::create() {
    // Files in memory, where the system has a folder for them.
    auto folder = ScratchFolder::create("/dev/shm");
    if (!folder) {
        folder = ScratchFolder::create();
    }
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    return Rig(std::move(*folder));
}

void Rig::describe(const std::string& file, const std::string& text) {
    auto created = ScratchFile::create(folder_.path() / file);
    if (!created) {
        errors_.push_back(created.error());
    } else if (!created->write(text + "\n")) {
        errors_.push_back({ErrorKind::Failed, fmt::format("Could not write {}.", (folder_.path() / file).string()),
                           "Make room in the folder for temporary files, or set TMPDIR to another one."});
    }
}

void Rig::add(const std::string& file, const SourceModel& model) {
    auto source = EmulatedSource::create(folder_.path() / file, model);
    if (source) {
        sources_.push_back(std::move(*source));
    } else {
        errors_.push_back(source.error());
    }
}

void Rig::add_powercap(const std::string& zone, const std::string& name, SourceModel model, std::int64_t range_uj) {
    const std::string folder = fmt::format("{}/{}", kPowercap, zone);
    describe(folder + "/name", name);
    describe(folder + "/max_energy_range_uj", std::to_string(range_uj));
    model.wrap_range = range_uj + 1;
    add(folder + "/energy_uj", model);
}

void Rig::add_hwmon(int number, const std::string& chip, const std::string& sensor, const SourceModel& model,
                    const std::vector<std::pair<std::string, std::string>>& more) {
    const std::string folder = fmt::format("{}/hwmon{}", kHwmon, number);
    describe(folder + "/name", chip);
    for (const auto& [file, text] : more) {
        describe(fmt::format("{}/{}", folder, file), text);
    }
    add(fmt::format("{}/{}", folder, sensor), model);
}

void Rig::add_perf(std::uint64_t config, const std::string& event, SourceModel model) {
    const std::string folder(kPerf);
    describe(folder + "/type", "9");
    describe(folder + "/cpumask", "0");
    describe(fmt::format("{}/events/{}", folder, event), fmt::format("event=0x{:02x}", config));
    describe(fmt::format("{}/events/{}.scale", folder, event), "2.3283064365386962890625e-10");
    describe(fmt::format("{}/events/{}.unit", folder, event), "Joules");
    model.is_binary = true;
    perf_.emplace_back(config, sources_.size());
    add(fmt::format("perf-{}", config), model);
}

Result<int> Rig::open_perf(std::uint64_t config) const {
    const auto found =
        std::find_if(perf_.begin(), perf_.end(), [&](const auto& entry) { return entry.first == config; });
    if (found == perf_.end()) {
        return fail(ErrorKind::Absent, "The emulated machine has no such perf counter.", "Ask for one that it has.");
    }
    return sources_[found->second].share();
}

Result<void> Rig::open(const std::vector<std::string>& names) {
    if (!errors_.empty()) {
        return tl::unexpected(errors_.front());
    }
    MeterSources sources;
    sources.root = folder_.path();
    sources.clock = clock_.get();
    sources.open_perf = [this](std::uint32_t, std::uint64_t config, int) { return open_perf(config); };
    for (const std::string& name : names) {
        auto meter = probe_meter(sources, {name, {}});
        if (!meter) {
            return tl::unexpected(meter.error());
        }
        meters_.push_back(std::move(*meter));
    }
    return {};
}

bool Rig::show(const MachinePower& machine, std::int64_t t_ns) {
    clock_->sleep_until(t_ns);
    return std::all_of(sources_.begin(), sources_.end(),
                       [&](EmulatedSource& source) { return source.show(machine, t_ns); });
}

}  // namespace landauer
