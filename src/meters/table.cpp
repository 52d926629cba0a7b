#include "meters/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace landauer {
namespace {

// For meters that need no more than the system's root.
template <MeterResult (*probe)(const std::filesystem::path&)>
MeterResult at_root(const MeterSources& sources, const std::string& /*argument*/) {
    return probe(sources.root);
}

}  // namespace

std::span<const MeterEntry> meter_table() {
    static constexpr std::array kTable = {
        MeterEntry{"process", at_root<probe_process>},   MeterEntry{"machine", at_root<probe_machine>},
        MeterEntry{"memory", at_root<probe_memory>},     MeterEntry{"frequency", at_root<probe_frequency>},
        MeterEntry{"thermal", at_root<probe_thermal>},   MeterEntry{"throttle", at_root<probe_throttle>},
        MeterEntry{"powercap", at_root<probe_powercap>}, MeterEntry{"hwmon", at_root<probe_hwmon>},
    };
    return kTable;
}

Result<MeterRequest> meter_request_from(std::string_view text) {
    const std::size_t colon = text.find(':');
    MeterRequest request{std::string(text.substr(0, colon)),
                         colon == std::string_view::npos ? std::string() : std::string(text.substr(colon + 1))};
    const auto table = meter_table();
    const auto known =
        std::find_if(table.begin(), table.end(), [&](const MeterEntry& entry) { return entry.name == request.name; });
    if (known != table.end()) {
        return request;
    }
    std::string names;
    for (const MeterEntry& entry : table) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", entry.name);
    }
    return fail(ErrorKind::Invalid, fmt::format("There is no meter called '{}'.", request.name),
                fmt::format("Name one of: {}.", names));
}

std::vector<MeterProbe> probe_meters(const MeterSources& sources) {
    std::vector<MeterProbe> probes;
    for (const MeterEntry& entry : meter_table()) {
        if (entry.use == MeterUse::always) {
            probes.push_back({std::string(entry.name), entry.probe(sources, {})});
        }
        for (const MeterRequest& request : sources.requests) {
            if (entry.use == MeterUse::on_request && request.name == entry.name) {
                probes.push_back({request.name, entry.probe(sources, request.argument)});
            }
        }
    }
    return probes;
}

std::vector<MeterProbe> probe_meters(const std::filesystem::path& root) { return probe_meters(MeterSources{root}); }

bool MeterInfo::is_energy() const {
    return std::any_of(channels.begin(), channels.end(),
                       [](const Channel& channel) { return channel.rail.kind != RailKind::none; });
}

}  // namespace landauer
