// The smaller file in another type than the source's.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <functional>

#include "cli/compress_options.h"
#include "compress/stock_write.h"

namespace landauer {

// write_stock(), and where --type names one that only libllama writes, its own quantiser after it, weighted by the same
// statistics. Returns the file's bytes. Errors as both.
[[nodiscard]] Result<std::uint64_t> write_typed(const CompressFlags& flags, const CompressSettings& settings,
                                                const WeightFile& source, const StockShape& shape,
                                                const std::vector<LayerKeep>& keep, const StatisticsFile& statistics,
                                                const Making& making, const WriteHooks& hooks);

}  // namespace landauer
