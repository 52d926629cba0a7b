#include "cli/compress_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <system_error>

#include "cli/stage_line.h"
#include "compress/quantise_model.h"
#include "platform/signals.h"

namespace landauer {
namespace {

constexpr double kNear = 0.1;

// The type whose file is nearest to so many bytes, one that is no larger before one that is; empty: none is near.
Result<std::string> nearest_type(const WeightFile& source, const StatisticsFile& statistics, double wanted) {
    std::string best;
    double best_size = 0.0;
    for (const std::string& name : fed_back_names()) {
        const auto bytes = quantised_bytes(source, statistics, name);
        if (!bytes && bytes.error().kind == ErrorKind::Invalid) continue;  // rows that do not fit its blocks
        if (!bytes) return tl::unexpected(bytes.error());
        const auto size = static_cast<double>(*bytes);
        if (std::abs(size - wanted) > kNear * wanted) continue;
        const bool is_below = size <= wanted;
        const bool best_is_below = best_size <= wanted;
        const bool is_better =
            is_below != best_is_below ? is_below : std::abs(size - wanted) < std::abs(best_size - wanted);
        if (!best.empty() && !is_better) continue;
        best = name;
        best_size = size;
    }
    return best;
}

}  // namespace

Result<std::optional<std::filesystem::path>> fed_back_control(const std::filesystem::path& model,
                                                              const std::filesystem::path& out,
                                                              const std::filesystem::path& statistics,
                                                              const std::filesystem::path& folder,
                                                              std::int32_t n_threads) {
    const auto source = WeightFile::open(model);
    if (!source) return tl::unexpected(source.error());
    const auto known = StatisticsFile::open(statistics);
    if (!known) return tl::unexpected(known.error());
    std::error_code problem;
    const auto type = nearest_type(*source, *known, static_cast<double>(std::filesystem::file_size(out, problem)));
    if (!type) return tl::unexpected(type.error());
    if (type->empty()) return std::nullopt;
    StageLine line;
    ModelQuantising how;
    how.type = *type;
    how.n_threads = static_cast<std::size_t>(std::max(1, n_threads));
    how.abort = &interrupt_requested;
    how.done = [&line](double fraction) { line.show("the control", fraction); };
    std::filesystem::create_directories(folder, problem);
    auto file = folder / fmt::format("control-{}.gguf", *type);
    const auto bytes = quantise_model(*source, *known, how, file);
    line.end();
    if (!bytes) return tl::unexpected(bytes.error());
    return file;
}

}  // namespace landauer
