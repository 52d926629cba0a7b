// A run's sections: sentences and tables that stand alone, and the places where pictures go.
#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"
#include "report/html_parts.h"
#include "report/html_text.h"

namespace landauer {
namespace {

std::string figure_cell(const FigureColumn& column, const std::optional<Estimate>& figure,
                        const std::optional<double>& sd) {
    if (!figure) {
        return "<td class=\"number\">\u2013</td>";
    }
    const int digits = column.metric->digits;
    const double factor = column.scale.factor;
    const std::string spread = sd ? fmt::format(" title=\"{} {}, standard deviation {}\"",
                                                html_escaped(estimate_text(scaled(*figure, factor), digits)),
                                                html_escaped(column.scale.unit), number_text(*sd / factor, 2))
                                  : std::string();
    return fmt::format("<td class=\"number\"{}>{}</td>", spread, number_text(figure->value / factor, digits));
}

std::string number_header(std::string_view text, std::string_view unit, std::string_view help) {
    return fmt::format(
        "<th scope=\"col\" class=\"number\"{}>{}{}</th>",
        help.empty() ? "" : fmt::format(" title=\"{}\"", html_escaped(help)), html_escaped(text),
        unit.empty() || unit == text ? "" : fmt::format("<span class=\"unit\">{}</span>", html_escaped(unit)));
}

std::string number_cell(std::int64_t value) { return fmt::format("<td class=\"number\">{}</td>", count_text(value)); }

std::string prompts_section(const Document& document) {
    const PromptTable& table = document.prompts;
    if (table.rows.empty()) {
        return {};
    }
    std::string out = fmt::format(
        "<section><h2>Every {}</h2>\n<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">{}</th>",
        row_word(document), row_word(document));
    out += table.has_images ? number_header("image", "tokens", "tokens of the image in the language model") +
                                  number_header("seen", "Mpx", "pixels that entered the vision encoder") +
                                  number_header("text", "tokens", "tokens of the text beside the image")
                            : number_header("tokens in", "", "tokens of the prompt");
    out += number_header("out", "", "tokens generated");
    out += table.has_reuse ? number_header("reused", "", "tokens found in the prefix cache") : "";
    for (const FigureColumn& column : table.columns) {
        out += number_header(column.header, column.scale.unit, column.metric->help);
    }
    out += "<th scope=\"col\">grade</th></tr></thead>\n<tbody>\n";
    for (const PromptRow& row : table.rows) {
        out += "<tr>" + element("th", row.id, "scope=\"row\"");
        out += table.has_images
                   ? number_cell(row.image.n_tokens) + element("td", effective_text(row.image), "class=\"number\"")
                   : std::string();
        out += number_cell(row.n_in) + number_cell(row.n_out);
        out += table.has_reuse ? number_cell(row.n_reused) : "";
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            out += figure_cell(table.columns[c], row.figures[c], row.sd[c]);
        }
        out += element("td", row.grades) + "</tr>\n";
    }
    return out + "</tbody></table></div>\n</section>\n";
}

std::string key_figures(const Document& document) {
    if (document.key_figures.empty()) {
        return {};
    }
    std::string out = fmt::format("<section class=\"key\"><h2>All {} {}s once</h2>\n<dl>", document.prompts.rows.size(),
                                  row_word(document));
    for (const KeyFigure& figure : document.key_figures) {
        out += fmt::format("<div title=\"{}\">{}<dd>{}{}</dd></div>\n", html_escaped(figure.metric->help),
                           element("dt", figure.header), html_escaped(figure.value),
                           figure.interval.empty() ? "" : element("small", figure.interval));
    }
    return out + "</dl></section>\n";
}

std::string laws_section(const Document& document, std::size_t place) {
    if (document.laws.empty()) {
        return {};
    }
    std::string out = fmt::format(
        "<section><h2>The law: cost against {}</h2>\n<div class=\"needs-js {}\" data-run=\"{}\"></div>\n"
        "<details open><summary>All {} laws, as formulas with 95 % intervals</summary>\n",
        document.is_image ? "size" : "tokens", document.is_image ? "image-law-plot" : "law-plot", place,
        document.laws.size());
    for (const LawText& law : document.laws) {
        out += fmt::format(
            "<div class=\"law\"><h3>{} <span class=\"unit\">({})</span></h3><p class=\"formula\">{}</p><p>{}. {}",
            html_escaped(law.header), html_escaped(law.unit), with_intervals(law.formula), html_escaped(law.quality),
            html_escaped(law.choice));
        for (const std::string* more : {&law.knee, &law.paper, &law.warning}) {
            out += more->empty() ? "" : " " + with_intervals(*more);
        }
        out += "</p></div>\n";
    }
    return out + "</details>\n</section>\n";
}

std::string phases_section(std::size_t place) {
    return fmt::format(
        "<section class=\"needs-js\"><h2>Where the time goes</h2>\n<div class=\"phase-plot\" "
        "data-run=\"{}\"></div>\n</section>\n",
        place);
}

std::string trace_section(const Document& document, std::size_t place) {
    std::string out = "<section><h2>The run as it was sampled</h2>\n";
    out += document.windows.empty() ? "" : element("p", document.windows) + "\n";
    return out + fmt::format("<div class=\"needs-js trace-plot\" data-run=\"{}\"></div>\n</section>\n", place);
}

std::string idle_section(const Document& document) {
    if (document.idle.empty()) {
        return {};
    }
    std::string out =
        "<section><h2>Idle baselines</h2>\n<p class=\"quiet\">What the machine did when nothing was asked of it; net "
        "figures and areas subtract it.</p>\n<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr><th "
        "scope=\"col\">when</th>";
    out += number_header("length", "s", "");
    for (const std::string& header : document.idle_headers) {
        out += number_header(header, "", "");
    }
    out += "<th scope=\"col\">state</th></tr></thead>\n<tbody>\n";
    for (const IdleRow& row : document.idle) {
        out += "<tr>" + element("th", row.where, "scope=\"row\"") +
               element("td", number_text(row.seconds, 3), "class=\"number\"");
        for (const std::string& figure : row.figures) {
            out += element("td", figure, "class=\"number\"");
        }
        out += element("td", row.contaminated ? "disturbed" : "quiet") + "</tr>\n";
    }
    return out + "</tbody></table></div>\n</section>\n";
}

std::string caveats_section(const Document& document, std::size_t place) {
    std::string out = fmt::format("<section id=\"caveats-{}\"><h2>Caveats</h2>\n", place);
    if (document.caveats.empty()) {
        return out + "<p>None: nothing was seen that spoils these figures.</p></section>\n";
    }
    return out + caveat_list(document.caveats) + "</section>\n";
}

std::string caveats_line(const Document& document, std::size_t place) {
    std::size_t serious = 0;
    for (const Caveat& caveat : document.caveats) {
        serious += caveat.severity == Severity::note ? 0 : 1;
    }
    if (serious == 0) {
        return {};
    }
    return fmt::format(
        "<p class=\"notice\"><a href=\"#caveats-{}\">{} {} to read</a> before these figures are passed on.</p>\n",
        place, serious, serious == 1 ? "caveat" : "caveats");
}

std::string meter_list(const Document& document) {
    std::string out;
    for (const std::string& meter : document.meters) {
        out += element("li", meter);
    }
    return out.empty() ? out : "\n<ul>" + out + "</ul>";
}

std::string reproduce_section(const Document& document) {
    std::string out = "<section><h2>How to reproduce</h2>\n";
    for (const std::string& command : document.commands) {
        out += "<pre>" + element("code", command) + "</pre>\n";
    }
    out += "<details open><summary>Settings</summary>\n" + facts_table(document.settings) + "</details>\n";
    return out + "<details open><summary>Environment</summary>\n" + facts_table(document.environment) +
           "</details>\n</section>\n";
}

}  // namespace

std::string html_clamps(const std::vector<ClampGroup>& groups) {
    std::string out;
    for (const ClampGroup& group : groups) {
        out += "<section>" + element("h2", "Clamps: " + group.title) + "\n" +
               element("p", clamp_legend(), "class=\"quiet\"") + "\n";
        for (const ClampTable& table : group.tables) {
            out += element("h3", table.header) + element("p", table.common) + "\n" + text_table(table.table);
        }
        out += "</section>\n";
    }
    return out;
}

std::string html_article(const Document& document, std::size_t place, const std::string& scenes) {
    std::string out = fmt::format("<article id=\"run-{}\">\n<header>", place);
    out += element("h1", document.title) + element("p", document.subtitle, "class=\"quiet\"");
    out += document.notice.empty() ? "" : element("p", document.notice, "class=\"notice\"");
    out += "</header>\n";
    out += fmt::format("<p class=\"headline\">{}</p>\n", with_intervals(document.headline)) +
           element("p", document.energy) + meter_list(document) + "\n";
    out += caveats_line(document, place) + key_figures(document) + laws_section(document, place) + scenes;
    out += document.prompts.rows.empty() ? "" : phases_section(place);
    out += trace_section(document, place) + prompts_section(document) + idle_section(document);
    return out + caveats_section(document, place) + reproduce_section(document) + "</article>\n";
}

}  // namespace landauer
