// A value for each part of each layer, as a table whose cells are the stronger in colour the larger it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace landauer {

// A part of every layer: a column of the picture.
struct PartColumn {
    std::string name;   // "q", "neurons"
    std::string probe;  // of what its values are: "3/4 of its storage", "-25 %"
};

using LayerValues = std::vector<std::vector<std::optional<double>>>;  // by layer and column

struct HeatCell {
    std::string text;    // "0.012"; a dash where nothing is known
    double share = 0.0;  // of the way from the least to the largest, logarithmic: 0 to 1
    bool known = false;
};

// Texts are clean.
struct HeatMap {
    std::vector<PartColumn> columns;
    std::vector<std::vector<HeatCell>> layers;
    std::string least;  // of the legend
    std::string most;
};
[[nodiscard]] HeatMap heat_map(const std::vector<PartColumn>& columns, const LayerValues& values);

// Its legend and table; `unit`: what the legend's numbers are.
[[nodiscard]] std::string heat_html(const HeatMap& map, const std::string& unit);

// The head of a table with a row a layer; its columns are HTML already. `kind`: "heat", "kept".
[[nodiscard]] std::string layer_table_opening(const char* kind, const std::vector<std::string>& columns);

}  // namespace landauer
