// Markdown to paste: llama-bench's table for grid runs, a ladder table for ladders.
#include <fmt/format.h>

#include <algorithm>

#include "report/clamp_table.h"
#include "report/document.h"
#include "report/fields.h"
#include "report/formats.h"
#include "report/markdown_text.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

std::string setting(const RunAnalysis& run, const char* name) {
    const auto found = run.data->run.settings.find(name);
    return found == run.data->run.settings.end() ? std::string("\u2013") : markdown_escaped(clean_text(found->second));
}

void add_grid_rows(const RunAnalysis& run, TextTable& table) {
    const ModelRecord& model = run.data->run.model;
    for (const BenchRow& row : bench_rows(run)) {
        table.rows.push_back({markdown_escaped(clean_text(model.type)),
                              quantity_text(static_cast<double>(model.size_bytes), "B", 4),
                              fixed_text(static_cast<double>(model.n_params) * 1e-6, 2) + " M",
                              markdown_escaped(clean_text(row.backend())), setting(run, "n_threads"),
                              markdown_escaped(clean_text(row.prompt->prompt_id)),
                              fmt::format("{:.2f} ± {:.2f}", row.mean_ts(), row.sd_ts())});
    }
}

// Every grid run in one table, as llama-bench prints several models.
std::string grid_table(std::span<const RunAnalysis> runs) {
    MarkdownTable out;
    out.table.rows = {{"model", "size", "params", "backend", "threads", "test", "t/s"}};
    out.table.right = {false, true, true, false, true, true, true};
    for (const RunAnalysis& run : runs) {
        if (is_grid_run(run)) {
            add_grid_rows(run, out.table);
        }
    }
    return out.table.rows.size() == 1 ? std::string() : out.text() + "\n";
}

std::string header_text(const FigureColumn& column) {
    return column.header == column.scale.unit ? column.header
                                              : fmt::format("{} ({})", column.header, column.scale.unit);
}

TextTable first_columns(const PromptTable& prompts) {
    if (prompts.has_images) {
        return {{{"size", "image tokens", "Mpx seen", "text tokens", "tokens out"}}, {false, true, true, true, true}};
    }
    return {{{"prompt", "tokens in", "tokens out"}}, {false, true, true}};
}

std::string ladder_table(const PromptTable& prompts) {
    MarkdownTable out{first_columns(prompts)};
    for (const FigureColumn& column : prompts.columns) {
        out.table.rows[0].push_back(header_text(column));
        out.table.right.push_back(true);
    }
    out.table.rows[0].emplace_back("grade");
    out.table.right.push_back(false);
    for (const PromptRow& row : prompts.rows) {
        std::vector<std::string> cells = {markdown_escaped(row.id)};
        if (prompts.has_images) {
            cells.push_back(std::to_string(row.image.n_tokens));
            cells.push_back(effective_text(row.image));
        }
        cells.push_back(std::to_string(row.n_in));
        cells.push_back(std::to_string(row.n_out));
        for (std::size_t c = 0; c < prompts.columns.size(); ++c) {
            const FigureColumn& column = prompts.columns[c];
            const auto& figure = row.figures[c];
            const double sd = row.sd[c].value_or(0.0) / column.scale.factor;
            cells.push_back(figure ? spread_text(figure->value / column.scale.factor, sd, column.metric->digits)
                                   : "\u2013");
        }
        cells.push_back(row.grades);
        out.table.rows.push_back(std::move(cells));
    }
    return out.text();
}

std::string words(const Document& document) {
    std::string out = "\n" + markdown_escaped(document.energy) + "\n";
    for (const std::string& meter : document.meters) {
        out += "- " + markdown_escaped(meter) + "\n";
    }
    if (!document.laws.empty()) {
        out += "\nLaws, with 95 % intervals:\n\n";
    }
    for (const LawText& law : document.laws) {
        out += fmt::format("- `{}`: {}. {}{}{}\n", law.formula, markdown_escaped(law.quality),
                           markdown_escaped(law.choice), law.knee.empty() ? "" : " " + markdown_escaped(law.knee),
                           law.warning.empty() ? "" : " " + law.warning);
    }
    if (!document.caveats.empty()) {
        out += "\nCaveats:\n\n";
    }
    for (const Caveat& caveat : document.caveats) {
        out += fmt::format("- {}: {} {}\n", severity_word(caveat.severity), markdown_escaped(caveat.sentence),
                           markdown_escaped(caveat.remedy));
    }
    return out;
}

std::string clamp_tables(std::span<const RunAnalysis> runs) {
    std::string out;
    for (const ClampGroup& group : clamp_groups(runs)) {
        out += fmt::format("\n**Clamps: {}**\n\n{}\n", markdown_escaped(group.title), markdown_escaped(clamp_legend()));
        for (const ClampTable& table : group.tables) {
            MarkdownTable shown{table.table};
            for (auto& row : shown.table.rows) {
                std::transform(row.begin(), row.end(), row.begin(),
                               [](const std::string& cell) { return markdown_escaped(cell); });
            }
            out += fmt::format("\n{}: {}\n\n{}", markdown_escaped(table.header), markdown_escaped(table.common),
                               shown.text());
        }
    }
    return out;
}

std::string build_line(std::span<const RunAnalysis> runs) {
    for (const RunAnalysis& run : runs) {
        for (const SessionData& session : run.data->sessions) {
            const auto commit = session.session.environment.find("llama_commit");
            if (commit != session.session.environment.end()) {
                return fmt::format("\nbuild: {}, landauer {}\n", markdown_escaped(clean_text(commit->second)),
                                   markdown_escaped(clean_text(session.session.version)));
            }
        }
    }
    return {};
}

}  // namespace

std::string write_markdown(std::span<const RunAnalysis> runs, const ReportOptions& /*options*/) {
    std::string out = grid_table(runs);
    for (const RunAnalysis& run : runs) {
        const Document document = make_document(run);
        out += fmt::format("{}**{}** ({})\n\n{}{}\n", out.empty() ? "" : "\n", markdown_escaped(document.title),
                           markdown_escaped(document.subtitle),
                           markdown_escaped(document.notice) + (document.notice.empty() ? "" : "\n\n"),
                           markdown_escaped(document.headline));
        if (!document.is_grid) {
            out += "\n" + ladder_table(document.prompts);
        }
        out += words(document);
    }
    return out + clamp_tables(runs) + build_line(runs);
}

}  // namespace landauer
