#include "platform/cache_size.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "platform/files.h"

namespace landauer {
namespace {

constexpr std::uint64_t kUnknown = std::uint64_t{32} << 20U;

// "32768K", "32M"; 0 for anything else.
std::uint64_t read_size(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{}) return 0;
    const std::string unit(end, text.data() + text.size());
    if (unit == "K") return value << 10U;
    if (unit == "M") return value << 20U;
    return unit.empty() ? value : 0;
}

}  // namespace

std::uint64_t last_level_cache_bytes(const std::filesystem::path& root) {
    std::uint64_t most = 0;
    for (const auto& level : list_numbered(root / "sys/devices/system/cpu/cpu0/cache", "index")) {
        most = std::max(most, read_size(read_trimmed(level.path / "size")));
    }
    return most == 0 ? kUnknown : most;
}

}  // namespace landauer
