// The smaller model as a file that every llama.cpp program runs.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "compress/methods/low_rank.h"
#include "compress/statistics.h"
#include "compress/stock_header.h"
#include "compress/stock_shape.h"

namespace landauer {

// Matrices that are not the source's any more.
struct Rewriting {
    std::string type;  // of these, and of the matrices that are solved for
    std::function<bool(const GgufTensor& tensor)> changes;
    std::function<Result<MatrixF>(const GgufTensor& tensor)> make;  // all rows, in the source's order
    // Where they are to be stored as factors: their form, and they themselves; instead of `make`.
    TensorFactors form;
    std::function<Result<PivotedFactors>(const GgufTensor& tensor)> solve;
    // What another matrix is stored in; empty: as its layer says.
    std::function<std::string(const GgufTensor& tensor)> type_of;
};

struct WriteHooks {
    std::function<bool()> abort;
    std::function<void(double)> done;  // sees the fraction
};

// Under a header that has the tensors of add_stock_tensors() with the same types: what keeps its type is copied row by
// row in its exact codes; the columns of down and o make up for what goes; what is solved for or changes its type is
// encoded under the inputs' moments. Written whole or not at all, a layer in memory at a time. What `rewriting` changes
// comes from there. Errors as keep_columns(), encode_matrix() and GgufWriter; Interrupted: `abort`.
[[nodiscard]] Result<std::uint64_t> write_blocks(const WeightFile& source, const StockShape& shape,
                                                 const std::vector<LayerKeep>& keep, const StatisticsFile& statistics,
                                                 const GgufHeader& header, const TensorTypes& types,
                                                 const std::filesystem::path& out, const WriteHooks& hooks,
                                                 const Rewriting* rewriting = nullptr);

// The same with its header. Errors as stock_header() too.
[[nodiscard]] Result<std::uint64_t> write_stock(const WeightFile& source, const StockShape& shape,
                                                const std::vector<LayerKeep>& keep, const StatisticsFile& statistics,
                                                const Making& making, const std::filesystem::path& out,
                                                const std::function<bool()>& abort,
                                                const std::function<void(double)>& done,
                                                const Rewriting* rewriting = nullptr);

}  // namespace landauer
