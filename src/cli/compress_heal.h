// `landauer compress --heal`: what is left is trained to say what the model said; where something was pruned, as floats
// before it is quantised, and in the end by its scales.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "cli/compress_verdict.h"
#include "compress/heal/heal_narrow.h"

namespace landauer {

// Whether floats are to be healed on the way to this result; a note says why not where that may surprise.
[[nodiscard]] bool heals_floats(const CompressFlags& flags, const StockShape& shape,
                                const std::vector<LayerKeep>& keep);

// The output, by heal_narrow(); nothing: healing did not help, a note says so, and nothing was written. Errors as
// heal_narrow().
[[nodiscard]] Result<std::optional<HealedNarrow>> write_healed_floats(const CompressFlags& flags,
                                                                      const CompressSettings& settings,
                                                                      const WeightFile& source, const StockShape& shape,
                                                                      const std::vector<LayerKeep>& keep,
                                                                      const StatisticsFile& statistics,
                                                                      const Making& making, const CompressHooks& hooks);

// The output as a file of factors; with --heal by heal_factors(), `healed` then says what came of it. Errors as
// heal_factors().
[[nodiscard]] Result<std::uint64_t> write_factor_file(
    const CompressFlags& flags, const CompressSettings& settings, const WeightFile& source, const StockShape& shape,
    const std::vector<LayerFactors>& layers, const StatisticsFile& statistics, const Making& making,
    const CompressHooks& hooks, const std::function<void(double)>& done, std::optional<Healed>& healed);

// The output becomes the healed file; where healing does not help it stays as it is, and a note says so. `floats`: what
// healing them has done already. Errors as heal_model().
[[nodiscard]] Result<void> heal_result(const CompressFlags& flags, const CompressSettings& settings,
                                       const std::optional<Healed>& floats, const std::string& command, Made& made);

}  // namespace landauer
