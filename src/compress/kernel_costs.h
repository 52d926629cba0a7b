// What a matrix costs in time on this machine: measured at a few widths, linear between them.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compress/price.h"
#include "compress/stock_shape.h"
#include "engine/kernel_times.h"

namespace landauer {

inline constexpr std::int64_t kPrefillTokens = 512;  // of a batch, as llama.cpp's programs compute a prompt

// Seconds of a pass through something: of one token, and of a batch of kPrefillTokens.
struct PassSeconds {
    double decode = 0.0;
    double prefill = 0.0;
};

struct CostPoint {
    std::size_t width = 0;
    PassSeconds seconds;
};

// Matrices of one type that have their columns in common and differ in rows, or the other way round.
struct CostLine {
    std::string type;
    bool by_rows = false;  // the width is a number of rows
    std::size_t fixed = 0;
    std::vector<CostPoint> points;  // widths rise, seconds do not fall
};

// A matrix as two factors of a type: what both take together, by rank.
struct ChainLine {
    std::string type;  // as it is asked for: factor_form() says what the factors come to
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::vector<CostPoint> points;  // the width is the rank
};

struct CostTable {
    std::vector<CostLine> lines;
    std::vector<ChainLine> chains;
    double head_seconds = 0.0;  // of one token; a prompt needs it once
    double spread = 0.0;        // half the 95 % interval of a time, relative: the median over all that was measured
    // Of a matrix, 0 for an empty one. Of a shape on none of the lines: what the nearest line of its type says of as
    // many weights, or that of any type.
    [[nodiscard]] PassSeconds seconds(const std::string& type, std::size_t rows, std::size_t cols) const;
    // Of factors. Of a matrix that no chain was measured for, what both factors take as matrices.
    [[nodiscard]] PassSeconds seconds(const FactorForm& form, std::size_t rows, std::size_t cols) const;
};

// The lines that the model's matrices, cut to any stock shape, lie on in their own and in the other types, with the
// widths to measure and no seconds yet.
[[nodiscard]] std::vector<CostLine> cost_lines(const StockShape& shape, const std::vector<std::string>& types = {});
// The same of its matrices as factors of a type.
[[nodiscard]] std::vector<ChainLine> chain_lines(const StockShape& shape, const std::string& type);
// The matrix that tokens are drawn from.
[[nodiscard]] KernelShape head_shape(const WeightFile& file, const StockShape& shape);

// Measures all points and the head. Errors as kernel_times().
[[nodiscard]] Result<CostTable> measure_costs(std::vector<CostLine> lines, std::vector<ChainLine> chains,
                                              const KernelShape& head, const KernelSettings& settings,
                                              const std::function<bool()>& abort,
                                              const std::function<void(double)>& done);

// How much of each pass is paid for. As many tokens as a prompt of n_in and an answer of n_out have, for example.
struct PassWeights {
    double decode = 0.0;   // tokens
    double prefill = 0.0;  // batches of kPrefillTokens
};
[[nodiscard]] MatrixPrice time_price(CostTable table, PassWeights weights);
[[nodiscard]] FactorPrice time_price_of_factors(CostTable table, PassWeights weights);

}  // namespace landauer
