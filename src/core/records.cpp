#include "core/records.h"

#include <algorithm>
#include <array>
#include <utility>

namespace landauer {
namespace {

constexpr std::array<std::pair<PhaseKind, std::string_view>, 8> kPhaseNames = {{
    {PhaseKind::load, "load"},
    {PhaseKind::image_preprocess, "image_preprocess"},
    {PhaseKind::image_encode, "image_encode"},
    {PhaseKind::image_prefill, "image_prefill"},
    {PhaseKind::prefill, "prefill"},
    {PhaseKind::decode, "decode"},
    {PhaseKind::idle, "idle"},
    {PhaseKind::warmup, "warmup"},
}};

}  // namespace

std::string_view name(PhaseKind kind) { return kPhaseNames.at(static_cast<std::size_t>(kind)).second; }

bool phase_kind_from_name(std::string_view text, PhaseKind& kind) {
    const auto* const found =
        std::find_if(kPhaseNames.begin(), kPhaseNames.end(), [&](const auto& entry) { return entry.second == text; });
    if (found == kPhaseNames.end()) {
        return false;
    }
    kind = found->first;
    return true;
}

}  // namespace landauer
