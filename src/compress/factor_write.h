// A factorised model as a file: as factors, or as dense matrices of equal function, which any llama.cpp runs.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "compress/factor_curves.h"
#include "compress/statistics.h"
#include "compress/stock_header.h"

namespace landauer {

// The factors of a layer's matrix at that rank. Errors as part_metric() and truncate().
[[nodiscard]] Result<PivotedFactors> solve_factors(const WeightFile& file, const StatisticsInfo& info,
                                                   const LayerStatistics& moments, std::size_t layer, std::size_t part,
                                                   std::size_t rank);

// Matrices that changed are stored as `type` ("f16", "f32"), all others in their exact codes. Errors as write_stock()
// and solve_factors().
[[nodiscard]] Result<std::uint64_t> write_expanded(const WeightFile& source, const StockShape& shape,
                                                   const std::vector<LayerFactors>& layers,
                                                   const StatisticsFile& statistics, const Making& making,
                                                   const std::string& type, const std::filesystem::path& out,
                                                   const std::function<bool()>& abort,
                                                   const std::function<void(double)>& done);

// Matrices of lower rank as factors of `type`, for landauer's own runtime (docs/format.md); all others as write_stock()
// has them. Errors as write_expanded() and encode_factors().
[[nodiscard]] Result<std::uint64_t> write_factors(const WeightFile& source, const StockShape& shape,
                                                  const std::vector<LayerFactors>& layers,
                                                  const StatisticsFile& statistics, const Making& making,
                                                  const std::string& type, const std::filesystem::path& out,
                                                  const std::function<bool()>& abort,
                                                  const std::function<void(double)>& done);

}  // namespace landauer
