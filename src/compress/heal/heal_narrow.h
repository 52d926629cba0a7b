// A model that loses neurons, heads or ranks, healed as floats before its matrices are encoded: what goes is trained
// back while every value may still move, and the error feedback works under what goes into the healed matrices.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "compress/factor_curves.h"
#include "compress/heal/heal.h"
#include "compress/stock_header.h"
#include "compress/stock_shape.h"

namespace landauer {

struct NarrowSettings {
    HealSettings heal;                // but for model, out and stage, which are its own; trained: Weights or LowRank
    CalibrationSettings calibration;  // the base's windows behind the moments
    Making making;
    std::filesystem::path out;
};

struct HealedNarrow {
    Healed healed;  // of the floats, before they were encoded
    std::uint64_t out_bytes = 0;
};

// Whether some layer that stays becomes narrower.
[[nodiscard]] bool narrows(const StockShape& shape, const std::vector<LayerKeep>& keep);

// Bytes of memory that training all values takes beside what any healing does.
[[nodiscard]] std::uint64_t float_healing_bytes(const StockShape& shape, const std::vector<LayerKeep>& keep);

// The stock file of these shapes and types. Stages are kept in settings.heal.work. Refused: healing does not help
// (nothing is written). Errors as write_stock(), heal_model() and collect_statistics().
[[nodiscard]] Result<HealedNarrow> heal_narrow(const WeightFile& source, const StockShape& shape,
                                               const std::vector<LayerKeep>& keep, const StatisticsFile& statistics,
                                               const NarrowSettings& settings, const CompressHooks& hooks);

// The same for factors of these ranks, one at least: as floats, healed, encoded in `type`. Matrices that stay whole
// keep their types throughout. Errors as write_factors(), encode_floats(), heal_model() and collect_statistics().
[[nodiscard]] Result<HealedNarrow> heal_factors(const WeightFile& source, const StockShape& shape,
                                                const std::vector<LayerFactors>& layers,
                                                const StatisticsFile& statistics, const std::string& type,
                                                const NarrowSettings& settings, const CompressHooks& hooks);

// As float_healing_bytes(), at most.
[[nodiscard]] std::uint64_t factor_healing_bytes(const StockShape& shape, const std::vector<LayerFactors>& layers);

}  // namespace landauer
