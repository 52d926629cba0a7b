// Machines whose costs are known, for the tests of targets.
#pragma once

#include <string>
#include <vector>

#include "compress/kernel_costs.h"

namespace landauer::testing {

// Seconds of a matrix: a little for itself, and so much a weight.
struct PlantedMachine {
    double itself_s = 1e-6;
    double row_weight_s = 1e-9;  // of a weight while decoding, where the width is of rows
    double col_weight_s = 1e-9;  // where it is of columns
    double prefill_factor = 100.0;
};

inline CostTable planted_table(const PlantedMachine& machine, std::size_t fixed, std::vector<std::size_t> widths,
                               const std::string& type = "f32") {
    CostTable table;
    for (const bool by_rows : {true, false}) {
        CostLine line{type, by_rows, fixed, {}};
        for (const std::size_t width : widths) {
            const double decode = machine.itself_s + (by_rows ? machine.row_weight_s : machine.col_weight_s) *
                                                         static_cast<double>(fixed * width);
            line.points.push_back({width, {decode, machine.prefill_factor * decode}});
        }
        table.lines.push_back(std::move(line));
    }
    table.head_seconds = 2e-5;
    return table;
}

}  // namespace landauer::testing
