// The smaller model as a file that every llama.cpp program runs.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "compress/statistics.h"
#include "compress/stock_header.h"
#include "compress/stock_shape.h"

namespace landauer {

// Matrices that are not the source's any more.
struct Rewriting {
    std::string type;  // of these, and of the matrices that are solved for
    std::function<bool(const GgufTensor& tensor)> changes;
    std::function<Result<MatrixF>(const GgufTensor& tensor)> make;  // all rows, in the source's order
};

// Copies what stays, row by row in its exact codes, and solves the columns of down and o that make up for what goes
// (encoded again in the source's type under the inputs' moments). Written whole or not at all, a layer in memory at a
// time. What `rewriting` changes comes from there. Errors as stock_header(), keep_columns(), encode_matrix() and
// GgufWriter; Interrupted: `abort`.
[[nodiscard]] Result<std::uint64_t> write_stock(const WeightFile& source, const StockShape& shape,
                                                const std::vector<LayerKeep>& keep, const StatisticsFile& statistics,
                                                const Making& making, const std::filesystem::path& out,
                                                const std::function<bool()>& abort,
                                                const std::function<void(double)>& done,
                                                const Rewriting* rewriting = nullptr);

}  // namespace landauer
