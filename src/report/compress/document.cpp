#include "report/compress/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr std::string_view kNone = "\u2013";
constexpr std::size_t kMostSizes = 16;  // rows of the table; the picture has all

// Every so many points, and the last.
std::vector<std::vector<std::string>> size_rows(const CompressReport& report) {
    std::vector<std::vector<std::string>> rows;
    if (report.curve.empty()) return rows;
    const bool has_files = report.curve.front().file_mb.has_value();
    rows.push_back({"removed (%)", "predicted loss (nats a token)", "perplexity to expect (\u00d7)"});
    if (has_files) rows.back().insert(rows.back().begin() + 1, "file (MB)");
    const std::size_t step = (report.curve.size() + kMostSizes - 1) / kMostSizes;
    for (std::size_t i = 0; i < report.curve.size(); ++i) {
        if (i % step != 0 && i + 1 != report.curve.size()) continue;
        const PredictedSize& point = report.curve[i];
        rows.push_back(
            {fixed_text(100.0 * point.removed, 1), number_text(point.loss, 3), expected_words(report, point.loss)});
        if (has_files) rows.back().insert(rows.back().begin() + 1, fixed_text(point.file_mb.value_or(0.0), 1));
    }
    return rows;
}

KeptCell kept_cell(const KeptPart& part) {
    if (part.of == 0) return {std::string(kNone), "", 0.0};
    KeptCell cell;
    cell.share = static_cast<double>(part.kept) / static_cast<double>(part.of);
    cell.text = part.kept == part.of ? std::string("all") : fmt::format("{}", part.kept);
    cell.title = fmt::format("{} of {}", part.kept, part.of);
    if (!part.type.empty()) cell.text += " " + clean_text(part.type);
    return cell;
}

bool same(const std::vector<KeptPart>& a, const std::vector<KeptPart>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const KeptPart& x, const KeptPart& y) {
        return x.kept == y.kept && x.of == y.of && x.type == y.type;
    });
}

// What a column's layers have in full, where all that have any have the same.
std::string full_words(const KeptPlan& plan, std::size_t column) {
    std::size_t full = 0;
    for (const auto& layer : plan.layers) {
        const std::size_t of = layer[column].of;
        if (of == 0) continue;
        if (full != 0 && of != full) return {};
        full = of;
    }
    return full == 0 ? std::string() : fmt::format("of {}", full);
}

KeptCell mean_cell(const KeptPlan& plan, std::size_t column) {
    std::size_t kept = 0;
    std::size_t of = 0;
    std::size_t n = 0;
    for (const auto& layer : plan.layers) {
        kept += layer[column].kept;
        of += layer[column].of;
        n += layer[column].of > 0 ? 1 : 0;
    }
    if (n == 0) return {std::string(kNone), "", 0.0};
    const double share = static_cast<double>(kept) / static_cast<double>(of);
    if (kept == of) return {"all", "100 %", share};
    return {fixed_text(static_cast<double>(kept) / static_cast<double>(n), kept < 10 * n ? 1 : 0),
            fixed_text(100.0 * share, 0) + " %", share};
}

std::vector<Fact> clean_facts(const std::vector<Fact>& facts) {
    std::vector<Fact> out;
    for (const Fact& fact : facts) {
        if (!fact.value.empty()) out.push_back({clean_text(fact.name), clean_text(fact.value)});
    }
    return out;
}

std::string heat_words(const CompressReport& report) {
    return fmt::format(
        "Nats a token that the model would lose if only that part were made smaller, predicted to second order: the "
        "stronger the colour, the more. Losses of parts do not quite add up: measured on a real model, the whole lost "
        "{:g} to {:g} "
        "times what is predicted.",
        report.measured_low, report.measured_high);
}

}  // namespace

KeptTable kept_table(const CompressReport& report, const KeptPlan& plan) {
    KeptTable table;
    table.name = fmt::format("\u2212{:.0f} %", 100.0 * plan.removed);
    table.words = fmt::format(
        "{:.1f} % of the blocks' {} {}: predicted loss {} nats a token, perplexity to expect {} times the original's.",
        100.0 * plan.removed, clean_text(report.axis), plan.chosen ? "went" : "would go", number_text(plan.loss, 3),
        expected_words(report, plan.loss));
    for (std::size_t column = 0; column < plan.columns.size(); ++column) {
        table.columns.push_back(clean_text(plan.columns[column]));
        table.full.push_back(full_words(plan, column));
        if (plan.layers.size() > 1) table.mean.push_back(mean_cell(plan, column));
    }
    for (std::size_t first = 0; first < plan.layers.size();) {
        std::size_t last = first;
        while (last + 1 < plan.layers.size() && same(plan.layers[first], plan.layers[last + 1])) ++last;
        table.rows.push_back(first == last ? fmt::format("{}", first) : fmt::format("{}\u2013{}", first, last));
        table.cells.emplace_back();
        for (const KeptPart& part : plan.layers[first]) table.cells.back().push_back(kept_cell(part));
        first = last + 1;
    }
    return table;
}

CompressDocument make_compress_document(const CompressReport& report) {
    CompressDocument out;
    out.title = clean_text(report.title);
    out.subtitle = clean_text(report.subtitle);
    out.headline = compress_headline(report);
    out.outcome = outcome_words(report);
    out.heat = heat_map(report.columns, report.sensitivity);
    out.heat_words = heat_words(report);
    for (const KeptPlan& plan : report.plans) out.kept.push_back(kept_table(report, plan));
    out.sizes = size_rows(report);
    if (report.making) out.making = making_words(*report.making);
    for (const Payback& one : report.payback) out.payback.push_back(payback_sentence(one));
    out.facts = clean_facts(report.facts);
    for (const std::string& note : report.notes) out.notes.push_back(clean_text(note));
    out.command = clean_text(report.command, Lines::many);
    return out;
}

}  // namespace landauer
