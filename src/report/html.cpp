// One offline page: no request ever leaves it, which its own policy forbids as well.
#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/formats.h"
#include "report/html_scene.h"
#include "report/html_text.h"
#include "report/plain_text.h"
#include "report/plot_data.h"

namespace landauer {
namespace {

constexpr std::size_t kMostSceneBytes = 400'000;  // of all pictures of the scene on one page

std::string text_of(const Asset& asset) {
    std::string out;
    for (const std::string_view piece : asset.pieces) {
        out += piece;
    }
    return out;
}

// Scripts are known by their hashes, so that nothing else on the page can run.
std::string policy(std::span<const Asset> assets) {
    std::string scripts;
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".js")) {
            scripts += fmt::format(" 'sha256-{}'", base64_of_hex(asset.sha256));
        }
    }
    return fmt::format(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src{}; style-src "
        "'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n",
        scripts.empty() ? " 'none'" : scripts);
}

std::string page_title(std::span<const RunAnalysis> runs, const ReportOptions& options) {
    if (!options.title.empty()) {
        return clean_text(options.title);
    }
    std::vector<std::string> names;
    for (const RunAnalysis& run : runs) {
        const std::string name = model_name(run);
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + shortened(name, 60);
    }
    return out.empty() ? "landauer" : fmt::format("What a prompt costs: {}", out);
}

// Everything the browser must know before it draws: the theme script is first, so that
// a dark page is never white for a moment.
std::string head(std::span<const RunAnalysis> runs, const ReportOptions& options, std::span<const Asset> assets) {
    std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" + policy(assets);
    out +=
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"landauer\">\n";
    out += element("title", page_title(runs, options)) + "\n";
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".css")) {
            out += "<style>" + text_of(asset) + "</style>\n";
        } else if (asset.name == "theme.js") {
            out += "<script>" + text_of(asset) + "</script>\n";
        }
    }
    return out + "</head>\n";
}

std::string contents(std::span<const RunAnalysis> runs) {
    if (runs.size() < 2) {
        return {};
    }
    std::string out = "<nav aria-label=\"Runs\"><ul>";
    for (std::size_t i = 0; i < runs.size(); ++i) {
        out += fmt::format("<li><a href=\"#run-{}\">{} (run {})</a></li>", i, html_escaped(model_name(runs[i])),
                           runs[i].data->run.id);
    }
    return out + "</ul></nav>\n";
}

std::string definitions(std::span<const RunAnalysis> runs) {
    std::string out = "<section id=\"definitions\"><h2>What the figures mean</h2>\n<dl class=\"definitions\">";
    for (const Metric& metric : metric_table()) {
        const bool is_shown = std::any_of(runs.begin(), runs.end(), [&](const RunAnalysis& run) {
            return std::any_of(run.prompts.begin(), run.prompts.end(), [&](const PromptFigures& prompt) {
                return prompt.figures.contains(std::string(metric.name));
            });
        });
        if (is_shown) {
            const std::string unit = metric.unit == "1" ? "" : fmt::format(" ({})", metric.unit);
            out += fmt::format("<div><dt>{}<span class=\"unit\">{}</span></dt><dd>{}.</dd></div>\n",
                               html_escaped(bare_header(metric)), html_escaped(unit), html_escaped(metric.help));
        }
    }
    return out +
           "</dl>\n<p class=\"quiet\">Values in brackets are 95 % intervals. Grades: A and B enter figures (B with a "
           "caveat), C was disturbed and is kept, shown and left out.</p></section>\n";
}

// Only the elements' text is escaped here: licences stand in comments, which "--" would end.
std::string licences(std::span<const Asset> assets) {
    std::string out;
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".txt")) {
            std::string text = text_of(asset);
            for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos; ++at) {
                text.insert(at + 1, " ");
            }
            out += fmt::format("<!-- {}\n{}-->\n", asset.name, text);
        }
    }
    return out;
}

std::string scripts(std::span<const Asset> assets) {
    std::string out;
    for (const Asset& asset : assets) {
        if (asset.name.ends_with(".js") && asset.name != "theme.js") {
            out += "<script>" + text_of(asset) + "</script>\n";
        }
    }
    return out;
}

std::string footer(std::span<const RunAnalysis> runs) {
    std::string version;
    for (const RunAnalysis& run : runs) {
        for (const SessionData& session : run.data->sessions) {
            version = clean_text(session.session.version);
        }
    }
    return fmt::format(
        "<footer><p>Made by landauer{}. This file needs no network. Pictures drawn with Observable Plot and D3 (ISC) "
        "and "
        "uPlot (MIT); their licences stand in this file's source.</p></footer>\n",
        version.empty() ? "" : " " + html_escaped(version));
}

// Pictures of several runs share what one page may hold.
PlotLimits limits_for(std::size_t runs) {
    PlotLimits limits;
    const std::size_t n = std::max<std::size_t>(runs, 1);
    limits.points = std::max<std::size_t>(limits.points / n, 100);
    limits.samples /= n;
    limits.windows = std::max<std::size_t>(limits.windows / n, 50);
    return limits;
}

// Runs of one group of clamps are drawn in one picture: each knows its kin.
std::string data_script(std::span<const RunAnalysis> runs, const std::vector<ClampGroup>& groups) {
    nlohmann::json data = nlohmann::json::array();
    for (const RunAnalysis& run : runs) {
        data.push_back(plot_data(run, limits_for(runs.size())));
    }
    for (const ClampGroup& group : groups) {
        for (const std::size_t place : group.places) {
            data[place]["kin"] = group.places;
        }
    }
    return "<script type=\"application/json\" id=\"data\">" + script_json(data) + "</script>\n";
}

}  // namespace

std::string html_page(std::span<const RunAnalysis> runs, const ReportOptions& options, std::span<const Asset> assets) {
    std::string out = head(runs, options, assets);
    out +=
        "<body>\n<header class=\"page\"><p class=\"brand\">landauer<span> what a prompt costs on your own "
        "CPU</span></p>"
        "<button type=\"button\" id=\"theme\" class=\"needs-js\" aria-label=\"Switch between light and dark\">Dark"
        "</button></header>\n<noscript><p class=\"notice\">JavaScript is off, so the pictures are not drawn. Every "
        "figure is in the sentences and tables.</p></noscript>\n<main>\n";
    out += contents(runs);
    if (runs.empty()) {
        out += "<p>There is no run to report.</p>\n";
    }
    const std::vector<ClampGroup> groups = clamp_groups(runs);
    out += html_clamps(groups);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        out += html_article(make_document(runs[i]), i, scene_section(runs[i], kMostSceneBytes / runs.size()));
    }
    out += definitions(runs) + "</main>\n" + footer(runs);
    return out + data_script(runs, groups) + licences(assets) + scripts(assets) + "</body>\n</html>\n";
}

std::string write_html(std::span<const RunAnalysis> runs, const ReportOptions& options) {
    return html_page(runs, options, embedded_assets());
}

}  // namespace landauer
