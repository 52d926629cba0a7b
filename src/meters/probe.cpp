// Meters by name, on the table of table.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "meters/table.h"

namespace landauer {
namespace {

Result<const MeterEntry*> find_entry(std::string_view name) {
    const auto table = meter_table();
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const MeterEntry& entry) { return entry.name == name; });
    if (found != table.end()) {
        return &*found;
    }
    std::string names;
    for (const MeterEntry& entry : table) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", entry.name);
    }
    return fail(ErrorKind::Invalid, fmt::format("There is no meter called '{}'.", name),
                fmt::format("Name one of: {}.", names));
}

}  // namespace

Result<MeterRequest> meter_request_from(std::string_view text) {
    const std::size_t colon = text.find(':');
    MeterRequest request{std::string(text.substr(0, colon)),
                         colon == std::string_view::npos ? std::string() : std::string(text.substr(colon + 1))};
    if (const auto known = find_entry(request.name); !known) {
        return tl::unexpected(known.error());
    }
    return request;
}

Result<std::unique_ptr<Meter>> probe_meter(const MeterSources& sources, const MeterRequest& request) {
    const auto entry = find_entry(request.name);
    if (!entry) {
        return tl::unexpected(entry.error());
    }
    return (*entry)->probe(sources, request.argument);
}

std::vector<MeterProbe> probe_meters(const MeterSources& sources) {
    std::vector<MeterProbe> probes;
    for (const MeterEntry& entry : meter_table()) {
        if (entry.use == MeterUse::always) {
            probes.push_back({std::string(entry.name), {}, entry.probe(sources, {})});
            continue;
        }
        for (const MeterRequest& request : sources.requests) {
            if (request.name == entry.name) {
                probes.push_back({request.name, request.argument, entry.probe(sources, request.argument)});
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
