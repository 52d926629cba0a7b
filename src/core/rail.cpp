#include <landauer/rail.h>

#include <algorithm>
#include <array>
#include <utility>

namespace landauer {
namespace {

constexpr std::array<std::pair<RailKind, std::string_view>, 12> kRails = {{
    {RailKind::none, "none"},
    {RailKind::wall, "wall"},
    {RailKind::battery, "battery"},
    {RailKind::dc_input, "dc-input"},
    {RailKind::board, "board"},
    {RailKind::psys, "psys"},
    {RailKind::package, "package"},
    {RailKind::core, "core"},
    {RailKind::uncore, "uncore"},
    {RailKind::dram, "dram"},
    {RailKind::device, "device"},
    {RailKind::part, "part"},
}};

constexpr std::array<std::pair<Provenance, std::string_view>, 3> kProvenances = {{
    {Provenance::measured, "measured"},
    {Provenance::calibrated, "calibrated"},
    {Provenance::modelled, "modelled"},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    const auto* const found =
        std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.first == value; });
    return found == table.end() ? std::string_view() : found->second;
}

template <class Table, class Value>
bool value_in(const Table& table, std::string_view text, Value& value) {
    const auto* const found =
        std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.second == text; });
    if (found == table.end()) {
        return false;
    }
    value = found->first;
    return true;
}

}  // namespace

std::string_view name(RailKind kind) { return name_in(kRails, kind); }
bool rail_kind_from_name(std::string_view text, RailKind& kind) { return value_in(kRails, text, kind); }
std::string_view name(Provenance provenance) { return name_in(kProvenances, provenance); }
bool provenance_from_name(std::string_view text, Provenance& provenance) {
    return value_in(kProvenances, text, provenance);
}

}  // namespace landauer
