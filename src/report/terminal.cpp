// The terminal's table: fits the width, says units under the headers, and ends in words.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/clamp_table.h"
#include "report/document.h"
#include "report/formats.h"
#include "report/plain_text.h"
#include "report/terminal_text.h"

namespace landauer {
namespace {

constexpr int kLongestId = 24;

// Columns given up first when the table is too wide.
constexpr std::array<std::string_view, 10> kGivenUp = {
    "energy_j",       "wh",        "j_per_token",  "ram_auc_gib_s", "cpu_auc_pct_s",
    "rss_peak_bytes", "prefill_s", "preprocess_s", "cpu_s",         "prefill_ts"};

std::string figure_text(const FigureColumn& column, const std::optional<Estimate>& figure) {
    return figure ? number_text(figure->value / column.scale.factor, column.metric->digits) : "\u2013";
}

TextTable first_columns(const PromptTable& prompts) {
    if (prompts.has_images) {
        return {{{"size", "image", "seen", "text", "out"}, {"", "tokens", "Mpx", "tokens", ""}},
                {false, true, true, true, true}};
    }
    return {{{"prompt", "tokens", "tokens"}, {"", "in", "out"}}, {false, true, true}};
}

std::vector<std::string> first_cells(const PromptTable& prompts, const PromptRow& row) {
    std::vector<std::string> out = {shortened(row.id, kLongestId)};
    if (prompts.has_images) {
        out.push_back(std::to_string(row.image.n_tokens));
        out.push_back(effective_text(row.image));
    }
    out.push_back(std::to_string(row.n_in));
    out.push_back(std::to_string(row.n_out));
    return out;
}

TextTable lay_out(const PromptTable& prompts) {
    TextTable table = first_columns(prompts);
    if (prompts.has_reuse) {
        table.rows[0].emplace_back("tokens");
        table.rows[1].emplace_back("reused");
        table.right.push_back(true);
    }
    for (const FigureColumn& column : prompts.columns) {
        const bool repeats = column.header == column.scale.unit;
        table.rows[0].push_back(column.header);
        table.rows[1].push_back(repeats ? "" : column.scale.unit);
        table.right.push_back(true);
    }
    table.rows[0].emplace_back("grade");
    table.rows[1].emplace_back();
    table.right.push_back(false);
    for (const PromptRow& row : prompts.rows) {
        std::vector<std::string> cells = first_cells(prompts, row);
        if (prompts.has_reuse) {
            cells.push_back(std::to_string(row.n_reused));
        }
        for (std::size_t c = 0; c < prompts.columns.size(); ++c) {
            cells.push_back(figure_text(prompts.columns[c], row.figures[c]));
        }
        cells.push_back(row.grades);
        table.rows.push_back(std::move(cells));
    }
    return table;
}

int total_width(const TextTable& table) {
    int width = -2;
    for (const int column : table.widths()) {
        width += column + 2;
    }
    return width;
}

void drop_column(PromptTable& prompts, std::size_t at) {
    const auto offset = static_cast<std::ptrdiff_t>(at);
    prompts.columns.erase(prompts.columns.begin() + offset);
    for (PromptRow& row : prompts.rows) {
        row.figures.erase(row.figures.begin() + offset);
    }
}

TextTable fit_to(PromptTable prompts, int width) {
    TextTable table = lay_out(prompts);
    for (const std::string_view name : kGivenUp) {
        if (total_width(table) <= width) {
            break;
        }
        const auto found = std::find_if(prompts.columns.begin(), prompts.columns.end(),
                                        [&](const FigureColumn& c) { return c.metric->name == name; });
        if (found != prompts.columns.end()) {
            drop_column(prompts, static_cast<std::size_t>(found - prompts.columns.begin()));
            table = lay_out(prompts);
        }
    }
    return table;
}

void add_laws(std::string& out, const std::vector<LawText>& laws, int width, const Painter& paint) {
    for (const LawText& law : laws) {
        const auto lines = wrapped(law.formula, width - 4);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            out += (i == 0 ? "  " : "    ") + lines[i] + "\n";
        }
        std::string words;
        for (const std::string* part : {&law.choice, &law.knee, &law.paper, &law.warning}) {
            words += part->empty() ? "" : " " + *part;
        }
        for (const std::string& line : wrapped(law.quality + "." + words, width - 4)) {
            out += "    " + paint.dim(line) + "\n";
        }
    }
}

std::string totals_line(const Document& document) {
    std::string out = fmt::format("All {} {}s once:", document.prompts.rows.size(), row_word(document));
    for (const KeyFigure& figure : document.key_figures) {
        out += fmt::format("{} {} {}{}", &figure == document.key_figures.data() ? "" : ";", figure.header, figure.value,
                           figure.interval.empty() ? "" : " " + figure.interval);
    }
    return out + ".";
}

// Title, subtitle, notice and headline.
std::string opening(const Document& document, int width, const Painter& paint) {
    std::string out = paint.bold(shortened(document.title, width)) + "\n";
    for (const std::string& line : wrapped(document.subtitle, width)) {
        out += paint.dim(line) + "\n";
    }
    add_wrapped(out, document.notice, width, 0);
    out += "\n";
    add_wrapped(out, document.headline, width, 0);
    return out + "\n";
}

std::string render(const Document& document, int width, const Painter& paint) {
    std::string out = opening(document, width, paint);
    const auto lines = fit_to(document.prompts, width).lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        out += (i == 0 ? paint.bold(lines[i]) : i == 1 ? paint.dim(lines[i]) : lines[i]) + "\n";
    }
    out += "\n";
    if (!document.key_figures.empty()) {
        add_wrapped(out, totals_line(document), width, 0);
    }
    add_wrapped(out, document.energy, width, 0);
    for (const std::string& meter : document.meters) {
        add_wrapped(out, meter, width, 2);
    }
    if (!document.laws.empty()) {
        out += "\n" + paint.bold("Laws") + " (95 % intervals in brackets)\n";
        add_laws(out, document.laws, width, paint);
    }
    if (!document.caveats.empty()) {
        out += "\n" + paint.bold("Caveats") + "\n";
        add_caveats(out, document.caveats, width, paint);
    }
    return out;
}

}  // namespace

std::string write_table(std::span<const RunAnalysis> runs, const ReportOptions& options) {
    const Painter paint(options.colour);
    std::string out;
    for (const RunAnalysis& run : runs) {
        out += (out.empty() ? "" : "\n\n") +
               render(make_document(run), std::max(options.width, kNarrowestTerminal), paint);
    }
    const std::string clamps = render_clamps(runs, options);
    return out + (clamps.empty() ? "" : "\n\n" + clamps);
}

std::string render_clamps(std::span<const RunAnalysis> runs, const ReportOptions& options) {
    const Painter paint(options.colour);
    const int width = std::max(options.width, kNarrowestTerminal);
    std::string out;
    for (const ClampGroup& group : clamp_groups(runs)) {
        out += (out.empty() ? "" : "\n") + paint.bold(shortened("Clamps: " + group.title, width)) + "\n";
        add_wrapped(out, clamp_legend(), width, 0);
        for (const ClampTable& table : group.tables) {
            out += "\n";
            add_wrapped(out, fmt::format("{}: {}", table.header, table.common), width, 0);
            const auto lines = table.table.lines(2);
            for (std::size_t i = 0; i < lines.size(); ++i) {
                out += (i == 0 ? paint.bold(lines[i]) : lines[i]) + "\n";
            }
        }
    }
    return out;
}

std::string render_laws(const RunAnalysis& run, const ReportOptions& options) {
    const Painter paint(options.colour);
    const int width = std::max(options.width, kNarrowestTerminal);
    const Document document = make_document(run);
    std::string out = opening(document, width, paint);
    if (document.laws.empty()) {
        add_wrapped(out, "No law could be fitted to this run; the caveats say why.", width, 0);
    }
    add_laws(out, document.laws, width, paint);
    std::vector<Caveat> caveats;
    const auto add_of = [&](const auto& laws) {
        for (const auto& law : laws) {
            for (const Caveat& caveat : law.caveats) {
                if (std::find(caveats.begin(), caveats.end(), caveat) == caveats.end()) {
                    caveats.push_back(caveat);
                }
            }
        }
    };
    add_of(run.laws);
    add_of(run.image_laws);
    for (Caveat& caveat : caveats) {
        caveat = {clean_text(caveat.code), caveat.severity, clean_text(caveat.sentence), clean_text(caveat.remedy)};
    }
    if (document.laws.empty()) {
        caveats = document.caveats;
    }
    if (!caveats.empty()) {
        out += "\n" + paint.bold("Caveats") + "\n";
        add_caveats(out, caveats, width, paint);
    }
    return out;
}

}  // namespace landauer
