// The compression as a page, or as the part above the verdict on its page.
#include <fmt/format.h>

#include "report/compress/document.h"
#include "report/html_frame.h"
#include "report/html_parts.h"
#include "report/html_text.h"

namespace landauer {
namespace {

std::string heat_section(const CompressDocument& document) {
    const HeatMap& map = document.heat;
    if (map.layers.empty()) return {};
    return "<section><h2>What each part of each layer is worth</h2>\n" +
           element("p", document.heat_words, "class=\"quiet\"") + "\n" + heat_html(map, "nats a token") +
           "</section>\n";
}

std::string kept_cell(const KeptCell& cell) {
    return element("td", cell.text, fmt::format("title=\"{}\" style=\"--at:{:.0f}%\"", cell.title, 100.0 * cell.share));
}

std::string kept_plan(const KeptTable& table) {
    std::vector<std::string> columns;
    columns.reserve(table.columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        columns.push_back(html_escaped(table.columns[i]) +
                          (table.full[i].empty() ? "" : " " + element("span", table.full[i], "class=\"unit\"")));
    }
    std::string out = fmt::format("<div class=\"plan\" data-name=\"{}\">\n", html_escaped(table.name)) +
                      element("p", table.words) + "\n" + layer_table_opening("kept", columns);
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        out += "<tr>" + element("th", table.rows[row], "scope=\"row\"");
        for (const KeptCell& cell : table.cells[row]) out += kept_cell(cell);
        out += "</tr>\n";
    }
    out += "</tbody>";
    if (!table.mean.empty()) {
        out += "\n<tfoot><tr><th scope=\"row\">mean</th>";
        for (const KeptCell& cell : table.mean) out += kept_cell(cell);
        out += "</tr></tfoot>";
    }
    return out + "</table></div>\n</div>\n";
}

std::string kept_section(const CompressReport& report, const CompressDocument& document, std::size_t place) {
    if (document.kept.empty()) return {};
    const bool chosen = report.plans.front().chosen;
    std::string out = fmt::format("<section class=\"kept-plans\" data-run=\"{}\"><h2>{}</h2>\n", place,
                                  chosen ? "What each layer keeps" : "Bond dimensions that each matrix would keep");
    out +=
        element("p",
                "Ranks of matrices (bond dimensions of their factors), neurons and head groups; the bar is the share "
                "that stays.",
                "class=\"quiet\"") +
        "\n";
    for (const KeptTable& table : document.kept) out += kept_plan(table);
    return out + "</section>\n";
}

std::string curve_section(const CompressReport& report, const CompressDocument& document, std::size_t place) {
    if (document.sizes.size() < 3) return {};
    TextTable table;
    table.rows = document.sizes;
    table.right.assign(table.rows.front().size(), true);
    return fmt::format(
        "<section><h2>Size against loss</h2>\n{}\n<div class=\"needs-js size-curve-plot\" data-run=\"{}\"></div>\n"
        "<details open><summary>The predicted sizes as a table</summary>\n{}</details>\n</section>\n",
        element("p", curve_words(report), "class=\"quiet\""), place, text_table(table));
}

std::string making_section(const CompressDocument& document) {
    if (document.making.empty()) return {};
    std::string out = "<section><h2>What making it cost</h2>\n" + element("p", document.making) + "\n";
    for (const std::string& sentence : document.payback) out += "<p>" + with_intervals(sentence) + "</p>\n";
    return out + "</section>\n";
}

std::string facts_section(const CompressDocument& document) {
    std::string out = "<section><h2>How to compress it again</h2>\n";
    if (!document.command.empty()) out += "<pre>" + element("code", document.command) + "</pre>\n";
    out += facts_table(document.facts);
    for (const std::string& note : document.notes) out += element("p", note, "class=\"quiet\"") + "\n";
    return out + "</section>\n";
}

}  // namespace

std::string compress_section(const CompressReport& report, std::size_t place) {
    const CompressDocument document = make_compress_document(report);
    std::string out = "<article id=\"compression\">\n";
    out += "<p class=\"headline\">" + with_intervals(document.headline) + "</p>\n";
    if (!document.outcome.empty()) out += element("p", document.outcome, "class=\"outcome\"") + "\n";
    const std::string curve = curve_section(report, document, place);
    const std::string kept = kept_section(report, document, place);
    const std::string heat = heat_section(document);
    out += report.chosen ? curve + kept + heat : heat + kept + curve;
    out += making_section(document) + facts_section(document);
    return out + "</article>\n";
}

std::string compress_page(const CompressReport& report, std::span<const Asset> assets) {
    const std::string title = make_compress_document(report).title;
    std::string out = html_opening(title, assets);
    out += "<header>" + element("h1", title) +
           element("p", make_compress_document(report).subtitle, "class=\"quiet\"") + "</header>\n";
    out += compress_section(report, 0) + "</main>\n" + html_footer(report.version);
    return out + html_closing(nlohmann::json::array({compress_plots(report)}), assets);
}

std::string write_compress_html(const CompressReport& report) { return compress_page(report, embedded_assets()); }

}  // namespace landauer
