// The verdict to paste into a pull request: a sentence, one table, and the rest folded away.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/compare/document.h"
#include "report/compare/formats.h"
#include "report/html_text.h"
#include "report/markdown_text.h"

namespace landauer {
namespace {

// What a reviewer looks at; everything else is folded.
constexpr std::array<std::string_view, 6> kShown = {"seconds",      "decode_ts",      "cpu_s",
                                                    "net_energy_j", "rss_peak_bytes", "similarity"};

bool is_shown(const EffectRow& row) {
    return std::find(kShown.begin(), kShown.end(), row.comparison->metric->name) != kShown.end();
}

void add_row(MarkdownTable& out, const std::vector<std::string>& cells) {
    std::vector<std::string> escaped;
    std::transform(cells.begin(), cells.end(), std::back_inserter(escaped),
                   [](const std::string& cell) { return markdown_escaped(cell); });
    out.table.rows.push_back(std::move(escaped));
}

std::string effects(const std::vector<const EffectRow*>& rows) {
    if (rows.empty()) {
        return {};
    }
    MarkdownTable out;
    out.table.right = {false, true, true, true, false};
    add_row(out, {"", "base", "candidate", "effect, 95 % interval", "verdict"});
    for (const EffectRow* row : rows) {
        add_row(out, {row->header, without_interval(row->base), without_interval(row->candidate), row->effect,
                      row->verdict});
    }
    return out.text();
}

std::string paper(const PairDocument& pair, bool has_published) {
    MarkdownTable out;
    out.table.right = {false, true, true, true};
    std::vector<std::string> header = {"as in arXiv 2512.16531", "base", "candidate", "change"};
    if (has_published) {
        header.emplace_back("published");
        out.table.right.push_back(true);
    }
    add_row(out, header);
    for (const PaperRow& row : pair.paper) {
        std::vector<std::string> cells = {row.name, row.base, row.candidate, row.change};
        if (has_published) {
            cells.push_back(row.published);
        }
        add_row(out, cells);
    }
    return out.text();
}

std::string folded(const std::string& summary, const std::string& content) {
    return content.empty()
               ? std::string()
               : fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n", html_escaped(summary), content);
}

std::string caveats(const std::vector<Caveat>& list) {
    std::string out;
    for (const Caveat& caveat : list) {
        out += fmt::format("- {}: {} {}\n", severity_word(caveat.severity), markdown_escaped(caveat.sentence),
                           markdown_escaped(caveat.remedy));
    }
    return out;
}

std::string outliers(const PairDocument& pair) {
    std::string out;
    for (const AnswerRow& row : pair.answers) {
        if (!row.outlier.empty()) {
            out += fmt::format("- outlier {}: {}\n", markdown_escaped(row.prompt), markdown_escaped(row.outlier));
        }
    }
    return out;
}

std::string pair_text(const CompareDocument& document, const PairDocument& pair) {
    std::vector<const EffectRow*> shown;
    std::vector<const EffectRow*> rest;
    for (const auto* rows : {&pair.costs, &pair.quality}) {
        for (const EffectRow& row : *rows) {
            (is_shown(row) ? shown : rest).push_back(&row);
        }
    }
    std::string out = fmt::format("**{}{}**\n\n", pair.is_control ? "Control: " : "", markdown_escaped(pair.verdict));
    out += effects(shown);
    std::string details = markdown_escaped(pair.pairing) + "\n\n" + effects(rest) + (rest.empty() ? "" : "\n") +
                          paper(pair, !document.paper_source.empty());
    const std::string marked = outliers(pair);
    details += marked.empty() ? "" : "\n" + marked;
    details += pair.break_even.empty() ? "" : "\n" + markdown_escaped(pair.break_even) + "\n";
    details += pair.caveats.empty() ? "" : "\n" + caveats(pair.caveats);
    return out + folded("All metrics, and the paper's table", details);
}

std::string gates(const CompareDocument& document) {
    std::string out;
    for (const GateRow& gate : document.gates) {
        out += fmt::format("- {} `{}`: {} {}, {}\n", gate.failed ? "\u274c" : "\u2705", gate.gate,
                           markdown_escaped(gate.candidate), markdown_escaped(gate.change), gate.outcome);
    }
    return out.empty() ? out : "\n" + out;
}

std::string use(const CompareDocument& document) {
    if (document.use.empty()) {
        return {};
    }
    MarkdownTable out;
    out.table.right = {false, true, true, true, true};
    add_row(out, {"a year", "kWh", "price", "kg CO2", "prompts a charge"});
    for (const UseRow& row : document.use) {
        add_row(out, {row.name, row.kwh, row.price, row.co2, row.prompts_per_charge});
    }
    return out.text() + "\n" + markdown_escaped(document.use_words) + "\n";
}

// A fence longer than any run of backticks in the command.
std::string fenced(const std::string& command) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : command) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
    return fmt::format("{}\n{}\n{}\n", fence, command, fence);
}

std::string how(const CompareDocument& document) {
    std::string out = markdown_escaped(document.rules) + "\n\n" + markdown_escaped(document.energy) + "\n";
    for (const std::string& note : document.notes) {
        out += "\n" + markdown_escaped(note) + "\n";
    }
    out += document.paper_source.empty() ? "" : "\nPublished: " + markdown_escaped(document.paper_source) + "\n";
    for (const std::string& command : document.commands) {
        out += "\n" + fenced(command);
    }
    return out;
}

std::size_t serious(const std::vector<Caveat>& list) {
    return static_cast<std::size_t>(
        std::count_if(list.begin(), list.end(), [](const Caveat& c) { return c.severity != Severity::note; }));
}

}  // namespace

std::string write_compare_markdown(const CompareReport& report, const ReportOptions& /*options*/) {
    const CompareDocument document = make_compare_document(report);
    std::string out;
    out += document.notice.empty() ? "" : markdown_escaped(document.notice) + "\n\n";
    for (const PairDocument& pair : document.pairs) {
        out += (&pair == document.pairs.data() ? "" : "\n") + pair_text(document, pair);
    }
    out += gates(document);
    out += folded("What it means for a year", use(document));
    if (!document.caveats.empty()) {
        const std::size_t n = serious(document.caveats);
        out += folded(
            fmt::format("{} caveats{}", document.caveats.size(), n == 0 ? "" : fmt::format(", {} of them warnings", n)),
            caveats(document.caveats));
    }
    return out + folded("How it was measured", how(document));
}

}  // namespace landauer
