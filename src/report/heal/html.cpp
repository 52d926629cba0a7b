// The healing as a page, or as the part above the verdict on its page.
#include <fmt/format.h>

#include "report/compress/document.h"
#include "report/heal/report.h"
#include "report/html_frame.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/numbers.h"
#include "report/plain_text.h"
#include "report/plot_data.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

std::string curve_section(const HealReport& report, std::size_t place) {
    if (report.curve.size() < 2) return {};
    TextTable table;
    table.rows = {{"tokens", "training (nats a token)", "held out (nats a token)"}};
    for (const LearningPoint& point : report.curve) {
        table.rows.push_back({count_text(point.n_tokens),
                              point.training ? number_text(*point.training, 3) : std::string("\u2013"),
                              number_text(point.held_out, 3)});
    }
    table.right.assign(3, true);
    return fmt::format(
        "<section><h2>Learning curve</h2>\n{}\n<div class=\"needs-js learning-curve-plot\" data-run=\"{}\"></div>\n"
        "<details open><summary>The curve as a table</summary>\n{}</details>\n</section>\n",
        element(
            "p",
            fmt::format("Divergence from the base, KL(base || model), on the texts it was trained on and on {} tokens "
                        "that were held out. The parameters are those of the lowest held-out point.",
                        count_text(report.n_held_out_tokens)),
            "class=\"quiet\""),
        place, text_table(table));
}

std::string moved_section(const HealReport& report) {
    const HeatMap map = heat_map(report.columns, report.moved);
    if (map.layers.empty()) return {};
    return "<section><h2>What moved</h2>\n" +
           element("p",
                   fmt::format("By how much the trained scales and gains of each part changed: root mean square of the "
                               "change, in % of their mean size. {} values in all; the codes stayed.",
                               count_text(static_cast<std::int64_t>(report.n_values))),
                   "class=\"quiet\"") +
           "\n" + heat_html(map, "%") + "</section>\n";
}

std::string one_answer(std::string_view who, const std::string& text) {
    const std::string clean = clean_text(text, Lines::many);
    return fmt::format("<div><h4>{}</h4><p class=\"answer\">{}</p></div>", who,
                       clean.empty() ? std::string("<em>no answer</em>") : html_escaped(clean));
}

std::string answers_section(const HealReport& report) {
    if (report.answers.empty()) return {};
    std::string out = "<section><h2>Answers before and after</h2>\n";
    for (const HealedAnswer& answer : report.answers) {
        out += fmt::format("<div class=\"pair\">{}\n<div class=\"sides\">{}{}{}</div></div>\n",
                           element("h3", clean_text(answer.prompt_id)), one_answer("base", answer.base),
                           one_answer("before", answer.before), one_answer("healed", answer.after));
    }
    return out + "</section>\n";
}

std::string facts_section(const HealReport& report) {
    std::string out = "<section><h2>How to heal it again</h2>\n";
    if (!report.command.empty()) {
        out += "<pre>" + element("code", clean_text(report.command, Lines::many)) + "</pre>\n";
    }
    std::vector<Fact> facts;
    for (const Fact& fact : report.facts) {
        if (!fact.value.empty()) facts.push_back({clean_text(fact.name), clean_text(fact.value)});
    }
    out += facts_table(facts);
    for (const std::string& note : report.notes) out += element("p", clean_text(note), "class=\"quiet\"") + "\n";
    return out + "</section>\n";
}

}  // namespace

std::string heal_headline(const HealReport& report) {
    std::string first;
    if (report.floats) {
        first = fmt::format("As floats, before it was quantised, it was healed from {} to {} nats a token. ",
                            number_text(report.floats->front(), 3), number_text(report.floats->back(), 3));
    }
    return first + fmt::format(
                       "The divergence from the base on held-out text fell from {} to {} nats a token, {:.0f} % less, "
                       "at the same "
                       "types "
                       "and the same size.",
                       number_text(report.before, 3), number_text(report.after, 3),
                       100.0 * (1.0 - report.after / report.before));
}

std::string heal_section(const HealReport& report, std::size_t place) {
    std::string out =
        "<article id=\"healing\">\n<p class=\"headline\">" + html_escaped(heal_headline(report)) + "</p>\n";
    out += curve_section(report, place) + answers_section(report) + moved_section(report);
    if (report.making) {
        out +=
            "<section><h2>What making it cost</h2>\n" + element("p", making_words(*report.making)) + "\n</section>\n";
    }
    return out + facts_section(report) + "</article>\n";
}

Json heal_plots(const HealReport& report) {
    Json curve = Json::array();
    for (const LearningPoint& point : report.curve) {
        curve.push_back({{"tokens", point.n_tokens},
                         {"held_out", drawn(point.held_out)},
                         {"training", point.training ? drawn(*point.training) : Json(nullptr)}});
    }
    return {{"learning", std::move(curve)}, {"stored", drawn(report.after)}};
}

std::string heal_page(const HealReport& report, std::span<const Asset> assets) {
    const std::string title = clean_text(report.title);
    std::string out = html_opening(title, assets);
    out += "<header>" + element("h1", title) + element("p", clean_text(report.subtitle), "class=\"quiet\"") +
           "</header>\n";
    out += heal_section(report, 0) + "</main>\n" + html_footer(report.version);
    return out + html_closing(Json::array({heal_plots(report)}), assets);
}

std::string write_heal_html(const HealReport& report) { return heal_page(report, embedded_assets()); }

std::string write_healed_compression_html(const CompressReport& compression, const HealReport& healing) {
    const CompressDocument document = make_compress_document(compression);
    std::string out = html_opening(document.title, embedded_assets());
    out +=
        "<header>" + element("h1", document.title) + element("p", document.subtitle, "class=\"quiet\"") + "</header>\n";
    out += compress_section(compression, 0) + heal_section(healing, 1) + "</main>\n" + html_footer(compression.version);
    return out + html_closing(Json::array({compress_plots(compression), heal_plots(healing)}), embedded_assets());
}

}  // namespace landauer
