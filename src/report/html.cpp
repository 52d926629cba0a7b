// One offline page: no request ever leaves it, which its own policy forbids as well.
#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/formats.h"
#include "report/html_frame.h"
#include "report/html_scene.h"
#include "report/html_text.h"
#include "report/plain_text.h"
#include "report/plot_data.h"

namespace landauer {
namespace {

constexpr std::size_t kMostSceneBytes = 400'000;  // of all pictures of the scene on one page

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

std::string footer(std::span<const RunAnalysis> runs) {
    std::string version;
    for (const RunAnalysis& run : runs) {
        for (const SessionData& session : run.data->sessions) {
            version = clean_text(session.session.version);
        }
    }
    return html_footer(version);
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
nlohmann::json data_of(std::span<const RunAnalysis> runs, const std::vector<ClampGroup>& groups) {
    nlohmann::json data = nlohmann::json::array();
    for (const RunAnalysis& run : runs) {
        data.push_back(plot_data(run, limits_for(runs.size())));
    }
    for (const ClampGroup& group : groups) {
        for (const std::size_t place : group.places) {
            data[place]["kin"] = group.places;
        }
    }
    return data;
}

}  // namespace

std::string html_page(std::span<const RunAnalysis> runs, const ReportOptions& options, std::span<const Asset> assets) {
    std::string out = html_opening(page_title(runs, options), assets);
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
    return out + html_closing(data_of(runs, groups), assets);
}

std::string write_html(std::span<const RunAnalysis> runs, const ReportOptions& options) {
    return html_page(runs, options, embedded_assets());
}

}  // namespace landauer
