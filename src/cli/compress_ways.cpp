#include "cli/compress_ways.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <sstream>
#include <utility>

#include "compress/quantise_model.h"

namespace landauer {
namespace {

std::vector<std::string> parts_of(const std::string& words) {
    std::vector<std::string> parts;
    std::istringstream stream(words);
    for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
    return parts;
}

}  // namespace

Result<StockWays> read_ways(const std::string& words) {
    constexpr std::array kWays = {std::pair{"neurons", &StockWays::neurons}, std::pair{"heads", &StockWays::heads},
                                  std::pair{"layers", &StockWays::layers}};
    StockWays ways{false, false, false};
    const auto parts = parts_of(words);
    for (const std::string& part : parts) {
        bool known = false;
        for (const auto& [name, member] : kWays) {
            if (part != name) continue;
            ways.*member = true;
            known = true;
        }
        if (!known) {
            return fail(ErrorKind::Invalid, fmt::format("\"{}\" cannot be taken away.", part),
                        "Name some of neurons, heads and layers: --ways neurons,heads.");
        }
    }
    if (!parts.empty()) return ways;
    return fail(ErrorKind::Invalid, "Nothing may be taken away.",
                "Name some of neurons, heads and layers: --ways neurons,heads.");
}

Result<std::vector<std::string>> read_types(const std::string& words) {
    std::vector<std::string> types;
    for (const std::string& part : parts_of(words)) {
        const auto type = fed_back_type(part);
        if (!type) {
            return fail(ErrorKind::Invalid, fmt::format("Layers cannot be stored in \"{}\" by error feedback.", part),
                        fmt::format("Use some of {}.", fmt::join(fed_back_names(), ", ")));
        }
        types.push_back(*type);
    }
    return types;
}

}  // namespace landauer
