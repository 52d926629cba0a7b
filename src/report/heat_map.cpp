#include "report/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "report/html_text.h"
#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr std::string_view kNone = "\u2013";
constexpr double kHeatRange = 1e-3;  // of the largest: what is less has no colour to tell it apart
constexpr double kFaintest = 6.0;    // where the least begins, so that it is told from what is not known

}  // namespace

HeatMap heat_map(const std::vector<PartColumn>& columns, const LayerValues& values) {
    HeatMap map;
    double least = std::numeric_limits<double>::infinity();
    double most = 0.0;
    for (const auto& layer : values) {
        for (const auto& value : layer) {
            if (!value || !(*value > 0.0) || !std::isfinite(*value)) continue;
            least = std::min(least, *value);
            most = std::max(most, *value);
        }
    }
    for (const PartColumn& column : columns) {
        map.columns.push_back({clean_text(column.name), clean_text(column.probe)});
    }
    const bool is_cut = least < kHeatRange * most;
    least = std::max(least, kHeatRange * most);
    const double range = most > least ? std::log(most / least) : 1.0;
    for (const auto& layer : values) {
        map.layers.emplace_back();
        for (const auto& value : layer) {
            HeatCell cell{std::string(kNone), 0.0, value.has_value() && std::isfinite(*value)};
            if (cell.known) cell.text = number_text(*value, 2);
            if (cell.known && *value > 0.0) cell.share = std::max(0.0, std::log(*value / least) / range);
            map.layers.back().push_back(std::move(cell));
        }
    }
    if (most > 0.0) {
        map.least = number_text(least, 2) + (is_cut ? " or less" : "");
        map.most = number_text(most, 2);
    }
    return map;
}

std::string layer_table_opening(const char* kind, const std::vector<std::string>& columns) {
    std::string out = fmt::format(
        "<div class=\"wide\" tabindex=\"0\"><table class=\"{}\" style=\"--n:{}\">\n<thead><tr><th "
        "scope=\"col\">layer</th>",
        kind, columns.size());
    for (const std::string& column : columns) out += "<th scope=\"col\" class=\"number\">" + column + "</th>";
    return out + "</tr></thead>\n<tbody>\n";
}

std::string heat_html(const HeatMap& map, const std::string& unit) {
    std::string out;
    std::vector<std::string> columns;
    columns.reserve(map.columns.size());
    for (const PartColumn& column : map.columns) {
        columns.push_back(html_escaped(column.name) + " " + element("span", column.probe, "class=\"unit\""));
    }
    if (!map.most.empty()) {
        out += fmt::format(
            "<p class=\"heat-legend\"><span>{}</span><span class=\"scale\" aria-hidden=\"true\"></span><span>{}</span>"
            " <span>{}, on a logarithmic scale</span></p>\n",
            map.least, map.most, html_escaped(unit));
    }
    out += layer_table_opening("heat", columns);
    for (std::size_t layer = 0; layer < map.layers.size(); ++layer) {
        out += fmt::format("<tr><th scope=\"row\">{}</th>", layer);
        for (const HeatCell& cell : map.layers[layer]) {
            const std::string attributes =
                cell.known ? fmt::format("style=\"--at:{:.0f}%\"", kFaintest + (100.0 - kFaintest) * cell.share)
                           : std::string("class=\"unknown\"");
            out += element("td", cell.text, attributes);
        }
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

}  // namespace landauer
