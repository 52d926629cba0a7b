// The verdict for a terminal: the sentence first, tables that fit its width, caveats in words.
#include <fmt/format.h>

#include <algorithm>

#include "report/compare/document.h"
#include "report/compare/formats.h"
#include "report/plain_text.h"
#include "report/terminal_text.h"

namespace landauer {
namespace {

constexpr int kNarrow = 70;
constexpr int kShortHeader = 16;

// A table whose columns can be given up, the last of `given_up` last.
struct Columns {
    TextTable table;
    std::vector<std::size_t> given_up;  // columns, in the order they go

    void fit(int width) {
        for (const std::size_t column : given_up) {
            if (total_width() <= width) {
                return;
            }
            for (auto& row : table.rows) {
                row[column].clear();
            }
        }
    }
    [[nodiscard]] int total_width() const {
        int sum = 0;
        for (const int one : kept().widths()) {
            sum += one + 2;
        }
        return sum;
    }
    // Columns that were given up are empty from top to bottom.
    [[nodiscard]] TextTable kept() const {
        TextTable out;
        out.rows.resize(table.rows.size());
        for (std::size_t c = 0; c < table.rows.front().size(); ++c) {
            if (std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row[c].empty(); })) {
                continue;
            }
            out.right.push_back(table.right[c]);
            for (std::size_t r = 0; r < table.rows.size(); ++r) {
                out.rows[r].push_back(table.rows[r][c]);
            }
        }
        return out;
    }
};

void add_table(std::string& out, Columns columns, int width, const Painter& paint) {
    columns.fit(width);
    const auto lines = columns.kept().lines(2);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        out += (i == 0 ? paint.bold(lines[i]) : lines[i]) + "\n";
    }
}

// The verdict's word carries the colour, and stands last so that padding needs no care.
std::string painted(const std::string& line, Verdict verdict, const Painter& paint) {
    const std::string word(verdict_word(verdict));
    const std::size_t at = line.rfind(word);
    if (at == std::string::npos || verdict == Verdict::not_separated || verdict == Verdict::equivalent) {
        return line;
    }
    const std::string shown = verdict == Verdict::better ? paint.good(word) : paint.bad(word);
    return line.substr(0, at) + shown + line.substr(at + word.size());
}

void add_effects(std::string& out, const std::vector<EffectRow>& rows, const std::string& title, int width,
                 const Painter& paint) {
    if (rows.empty()) {
        return;
    }
    Columns columns;
    columns.table.rows = {{title, "base", "candidate", "effect", "p (Holm)", "verdict"}};
    columns.table.right = {false, true, true, true, true, false};
    columns.given_up = {4, 1, 2};
    for (const EffectRow& row : rows) {
        columns.table.rows.push_back({shortened(row.header, width < kNarrow ? kShortHeader : width),
                                      without_interval(row.base), without_interval(row.candidate), row.effect,
                                      row.p_holm, row.verdict});
    }
    columns.fit(width);
    const auto lines = columns.kept().lines(2);
    out += "\n" + paint.bold(lines.front()) + "\n";
    for (std::size_t i = 1; i < lines.size(); ++i) {
        out += painted(lines[i], rows[i - 1].comparison->verdict, paint) + "\n";
    }
}

void add_paper(std::string& out, const PairDocument& pair, bool has_published, int width, const Painter& paint) {
    Columns columns;
    columns.table.rows = {{"as in the paper", "base", "candidate", "change", has_published ? "published" : ""}};
    columns.table.right = {false, true, true, true, true};
    columns.given_up = {1, 2, 4};
    for (const PaperRow& row : pair.paper) {
        columns.table.rows.push_back(
            {row.name, without_interval(row.base), without_interval(row.candidate), row.change, row.published});
    }
    out += "\n";
    add_table(out, std::move(columns), width, paint);
}

void add_answers(std::string& out, const PairDocument& pair, int width) {
    const auto n = std::count_if(pair.answers.begin(), pair.answers.end(),
                                 [](const AnswerRow& row) { return !row.outlier.empty(); });
    if (n == 0) {
        return;
    }
    out += "\n";
    for (const AnswerRow& row : pair.answers) {
        if (!row.outlier.empty()) {
            add_wrapped(out, fmt::format("Outlier {}: {}", row.prompt, row.outlier), width, 2);
        }
    }
}

void add_pair(std::string& out, const CompareDocument& document, const PairDocument& pair, int width,
              const Painter& paint) {
    out += "\n";
    for (const std::string& line : wrapped((pair.is_control ? "Control: " : "") + pair.verdict, width)) {
        out += paint.bold(line) + "\n";
    }
    for (const std::string& line : wrapped(pair.pairing, width)) {
        out += paint.dim(line) + "\n";
    }
    add_effects(out, pair.costs, "cost", width, paint);
    add_effects(out, pair.quality, "quality", width, paint);
    add_paper(out, pair, !document.paper_source.empty(), width, paint);
    add_answers(out, pair, width);
    if (!pair.break_even.empty()) {
        out += "\n";
        add_wrapped(out, pair.break_even, width, 0);
    }
    if (!pair.caveats.empty()) {
        out += "\n" + paint.bold("Caveats of this pair") + "\n";
        landauer::add_caveats(out, pair.caveats, width, paint);
    }
}

void add_gates(std::string& out, const CompareDocument& document, int width, const Painter& paint) {
    if (document.gates.empty()) {
        return;
    }
    out += "\n" + paint.bold("Gates") + "\n";
    for (const GateRow& gate : document.gates) {
        const std::string word = gate.failed ? "FAILED" : "passed";
        const auto lines = wrapped(
            fmt::format("{} {}: {} changed by {} ({})", word, gate.gate, gate.candidate, gate.change, gate.outcome),
            width - 2);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            out += i == 0 ? "  " + (gate.failed ? paint.bad(word) : paint.good(word)) + lines[i].substr(word.size())
                          : "    " + lines[i];
            out += "\n";
        }
    }
}

void add_use(std::string& out, const CompareDocument& document, int width, const Painter& paint) {
    if (document.use.empty()) {
        return;
    }
    out += "\n";
    Columns columns;
    columns.table.rows = {{"a year", "kWh", "price", "kg CO2", "prompts a charge"}};
    columns.table.right = {false, true, true, true, true};
    columns.given_up = {4, 3};
    for (const UseRow& row : document.use) {
        columns.table.rows.push_back({row.name, row.kwh, row.price, row.co2, row.prompts_per_charge});
    }
    add_table(out, std::move(columns), width, paint);
    add_wrapped(out, document.use_words, width, 2);
}

}  // namespace

std::string write_compare_table(const CompareReport& report, const ReportOptions& options) {
    const Painter paint(options.colour);
    const int width = std::max(options.width, kNarrowestTerminal);
    const CompareDocument document = make_compare_document(report);
    std::string out;
    for (const std::string& line : wrapped(document.title, width)) {
        out += paint.bold(line) + "\n";
    }
    for (const std::string& line : wrapped(document.subtitle, width)) {
        out += paint.dim(line) + "\n";
    }
    add_wrapped(out, document.notice, width, 0);
    for (const PairDocument& pair : document.pairs) {
        add_pair(out, document, pair, width, paint);
    }
    add_gates(out, document, width, paint);
    add_use(out, document, width, paint);
    out += "\n";
    for (const std::string* line : {&document.pareto, &document.energy, &document.rules}) {
        add_wrapped(out, *line, width, 0);
    }
    if (!document.paper_source.empty()) {
        add_wrapped(out, "Published: " + document.paper_source, width, 0);
    }
    for (const std::string& note : document.notes) {
        add_wrapped(out, note, width, 0);
    }
    if (!document.caveats.empty()) {
        out += "\n" + paint.bold("Caveats") + "\n";
        landauer::add_caveats(out, document.caveats, width, paint);
    }
    return out;
}

}  // namespace landauer
