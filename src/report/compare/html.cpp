// The verdict as one offline page: the sentence, forest plot, tables, laws, answers side by side.
#include <fmt/format.h>

#include <algorithm>

#include "report/compare/document.h"
#include "report/compare/formats.h"
#include "report/compress/report.h"
#include "report/heal/report.h"
#include "report/html_frame.h"
#include "report/html_parts.h"
#include "report/html_text.h"

namespace landauer {
namespace {

std::string verdict_class(Verdict verdict) {
    std::string out(verdict_word(verdict));
    std::replace(out.begin(), out.end(), ' ', '-');
    return out;
}

// The unit under the header, the definition as its title.
std::string effect_header(const EffectRow& row) {
    return fmt::format("<th scope=\"row\" title=\"{}\">{}</th>", html_escaped(row.comparison->metric->help),
                       html_escaped(row.header));
}

std::string figure(std::string_view text) { return "<td class=\"number\">" + with_intervals(text) + "</td>"; }

std::string effects(const std::vector<EffectRow>& rows, std::string_view title) {
    if (rows.empty()) {
        return {};
    }
    std::string out = fmt::format(
        "<section><h2>{}</h2>\n<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\"></th>"
        "<th scope=\"col\">verdict</th><th scope=\"col\" class=\"number\">base</th>"
        "<th scope=\"col\" class=\"number\">candidate</th><th scope=\"col\" class=\"number\">effect</th>"
        "<th scope=\"col\" class=\"number\">p (Holm)</th><th scope=\"col\">in words</th></tr></thead>\n<tbody>\n",
        title);
    for (const EffectRow& row : rows) {
        out += "<tr>" + effect_header(row) +
               fmt::format("<td><span class=\"verdict {}\">{}</span></td>", verdict_class(row.comparison->verdict),
                           html_escaped(row.verdict)) +
               figure(row.base) + figure(row.candidate) + figure(row.effect) + figure(row.p_holm) +
               element("td", row.words, "class=\"words\"") + "</tr>\n";
    }
    return out + "</tbody></table></div>\n</section>\n";
}

std::string forest_section(std::size_t place) {
    return fmt::format(
        "<section class=\"needs-js\"><h2>Every cost, candidate over base</h2>\n"
        "<div class=\"forest-plot\" data-run=\"{}\"></div>\n</section>\n",
        place);
}

std::string law_section(std::size_t place) {
    return fmt::format(
        "<section class=\"needs-js\"><h2>How each model's cost grows</h2>\n"
        "<div class=\"law-pair-plot\" data-run=\"{}\"></div>\n</section>\n",
        place);
}

std::string paper_section(const CompareDocument& document, const PairDocument& pair) {
    const bool has_published = !document.paper_source.empty();
    std::string out =
        "<section><h2>The quantities of arXiv 2512.16531</h2>\n<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>"
        "<th scope=\"col\"></th>";
    for (const std::string* header : {&pair.base, &pair.candidate}) {
        out += element("th", *header, "scope=\"col\" class=\"number\"");
    }
    out += "<th scope=\"col\" class=\"number\">change</th>";
    out += has_published ? "<th scope=\"col\" class=\"number\">published</th>" : "";
    out += "</tr></thead>\n<tbody>\n";
    for (const PaperRow& row : pair.paper) {
        out += "<tr>" + element("th", row.name, "scope=\"row\"") + figure(row.base) + figure(row.candidate) +
               figure(row.change) + (has_published ? figure(row.published) : "") + "</tr>\n";
    }
    out += "</tbody></table></div>\n";
    out += has_published ? element("p", "Published: " + document.paper_source, "class=\"quiet\"") + "\n" : "";
    return out + "</section>\n";
}

std::string one_answer(std::string_view who, std::string_view score, std::string_view defect, std::string_view text) {
    return fmt::format("<div><h4>{} <span class=\"unit\">{}</span>{}</h4><p class=\"answer\">{}</p></div>",
                       html_escaped(who), html_escaped(score),
                       defect.empty() ? std::string() : " " + element("span", defect, "class=\"verdict worse\""),
                       text.empty() ? std::string("<em>no answer</em>") : html_escaped(text));
}

std::string answers_section(const PairDocument& pair) {
    if (pair.answers.empty()) {
        return {};
    }
    std::string out =
        "<section><h2>Answers side by side</h2>\n<p class=\"quiet\">Similarity to the reference is cosine x 100. An "
        "outlier of either model is left out of the trimmed accuracy of both.</p>\n";
    out += fmt::format("<details open><summary>All {} prompts</summary>\n", pair.answers.size());
    for (const AnswerRow& row : pair.answers) {
        out += fmt::format(
            "<div class=\"pair{}\"><h3>{}{}</h3>\n<div class=\"sides\">{}{}</div></div>\n",
            row.outlier.empty() ? "" : " outlier", html_escaped(row.prompt),
            row.outlier.empty() ? std::string() : " " + element("span", "outlier: " + row.outlier, "class=\"why\""),
            one_answer(pair.base, row.base_score, row.base_defect, row.base),
            one_answer(pair.candidate, row.candidate_score, row.candidate_defect, row.candidate));
    }
    return out + "</details>\n</section>\n";
}

std::string gates_section(const CompareDocument& document) {
    if (document.gates.empty()) {
        return {};
    }
    std::string out = "<section><h2>Gates</h2>\n<ul class=\"gates\">\n";
    for (const GateRow& gate : document.gates) {
        out += fmt::format("<li><span class=\"verdict {}\">{}</span> <code>{}</code> {}: {}</li>\n",
                           gate.failed ? "worse" : "better", html_escaped(gate.outcome), html_escaped(gate.gate),
                           html_escaped(gate.candidate), with_intervals(gate.change));
    }
    return out + "</ul></section>\n";
}

std::string article(const CompareDocument& document, const PairDocument& pair, std::size_t place) {
    std::string out = fmt::format("<article id=\"pair-{}\">\n", place);
    if (document.pairs.size() > 1) {
        out += element("h2", (pair.is_control ? "Control: " : "") + pair.candidate + " against " + pair.base);
    }
    out += "<p class=\"headline\">" + with_intervals(pair.verdict) + "</p>\n" +
           element("p", pair.pairing, "class=\"quiet\"") + "\n";
    out += pair.break_even.empty() ? "" : element("p", pair.break_even) + "\n";
    if (!pair.caveats.empty()) {
        out += caveat_list(pair.caveats) + "\n";
    }
    out += place == 0 ? gates_section(document) : "";
    out += forest_section(place) + effects(pair.costs, "Costs") + effects(pair.quality, "Quality") +
           law_section(place) + paper_section(document, pair) + answers_section(pair);
    return out + "</article>\n";
}

std::string contents(const CompareDocument& document) {
    if (document.pairs.size() < 2) {
        return {};
    }
    std::string out = "<nav aria-label=\"Candidates\"><ul>";
    for (std::size_t i = 0; i < document.pairs.size(); ++i) {
        out += fmt::format("<li><a href=\"#pair-{}\">{}</a></li>", i, html_escaped(document.pairs[i].candidate));
    }
    return out + "</ul></nav>\n";
}

std::string use_section(const CompareDocument& document) {
    if (document.use.empty()) {
        return {};
    }
    TextTable table;
    table.rows = {{"", "kWh", "price", "kg CO2", "prompts a charge"}};
    table.right = {false, true, true, true, true};
    for (const UseRow& row : document.use) {
        table.rows.push_back({row.name, row.kwh, row.price, row.co2, row.prompts_per_charge});
    }
    return "<section><h2>A year of use</h2>\n" + text_table(table) +
           element("p", document.use_words, "class=\"quiet\"") + "\n</section>\n";
}

std::string pareto_section(const CompareDocument& document) {
    if (document.pareto.empty()) {
        return {};
    }
    return fmt::format(
        "<section><h2>Accuracy against cost</h2>\n{}\n"
        "<div class=\"needs-js pareto-plot\" data-run=\"{}\"></div>\n</section>\n",
        element("p", document.pareto), document.pairs.size());
}

std::string rules_section(const CompareDocument& document) {
    std::string out = "<section><h2>How the verdicts are come by</h2>\n" + element("p", document.rules) + "\n" +
                      element("p", document.energy) + "\n";
    for (const std::string& note : document.notes) {
        out += element("p", note) + "\n";
    }
    return out + "</section>\n";
}

std::string caveats_section(const CompareDocument& document) {
    std::string out = "<section id=\"caveats\"><h2>Caveats</h2>\n";
    return out +
           (document.caveats.empty() ? "<p>None: nothing was seen that spoils these figures.</p>"
                                     : caveat_list(document.caveats)) +
           "</section>\n";
}

std::string reproduce_section(const CompareDocument& document) {
    std::string out = "<section><h2>How to reproduce</h2>\n";
    for (const std::string& command : document.commands) {
        out += "<pre>" + element("code", command) + "</pre>\n";
    }
    out += "<details open><summary>Models</summary>\n";
    for (const std::vector<Fact>& facts : document.models) {
        out += facts_table(facts);
    }
    return out + "</details>\n</section>\n";
}

}  // namespace

std::string compare_page(const CompareReport& report, const ReportOptions& options, std::span<const Asset> assets) {
    const CompareDocument document = make_compare_document(report);
    std::string out = html_opening(options.title.empty() ? document.title : options.title, assets);
    out += "<header>" + element("h1", document.title) + element("p", document.subtitle, "class=\"quiet\"") +
           (document.notice.empty() ? "" : element("p", document.notice, "class=\"notice\"")) + "</header>\n";
    std::size_t place = document.pairs.size();  // of the picture of all, in compare_plots()
    if (report.compression != nullptr) out += compress_section(*report.compression, ++place);
    if (report.healing != nullptr) out += heal_section(*report.healing, ++place);
    out += contents(document);
    for (std::size_t i = 0; i < document.pairs.size(); ++i) {
        out += article(document, document.pairs[i], i);
    }
    out += pareto_section(document) + use_section(document) + rules_section(document) + caveats_section(document) +
           reproduce_section(document) + "</main>\n" + html_footer(report.version);
    return out + html_closing(compare_plots(report), assets);
}

std::string write_compare_html(const CompareReport& report, const ReportOptions& options) {
    return compare_page(report, options, embedded_assets());
}

}  // namespace landauer
