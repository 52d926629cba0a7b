// The per-prompt table: which figures there are, and in which unit each column reads best.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <unordered_map>

#include "analysis/run_image_laws.h"
#include "report/document.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

// Columns in order; a column appears where any prompt has the figure.
constexpr std::array<std::string_view, 11> kColumns = {
    "seconds",  "prefill_ts",   "decode_ts",   "cpu_s", "cpu_auc_pct_s", "ram_auc_gib_s", "rss_peak_bytes",
    "energy_j", "net_energy_j", "j_per_token", "wh"};

// Of pictures, the phases in the order in which they run.
constexpr std::array<std::string_view, 14> kImageColumns = {
    "seconds",       "preprocess_s",  "encode_s",       "image_prefill_s", "prefill_s",    "decode_s",    "cpu_s",
    "cpu_auc_pct_s", "ram_auc_gib_s", "rss_peak_bytes", "energy_j",        "net_energy_j", "j_per_token", "wh"};

std::span<const std::string_view> columns_of(bool is_image) {
    return is_image ? std::span<const std::string_view>(kImageColumns) : std::span<const std::string_view>(kColumns);
}

// Columns whose numbers change unit with their size; the others stay as the metric table says.
bool changes_unit(std::string_view unit, bool is_image) {
    return unit == "B" || unit == "Wh" || unit == "J/token" || (is_image && unit == "s");
}

std::unordered_map<std::string, std::array<int, 3>> count_grades(const RunAnalysis& run) {
    std::unordered_map<std::string, std::array<int, 3>> out;
    if (run.data != nullptr) {
        for (const TrialRecord& trial : run.data->trials) {
            const auto place = static_cast<std::size_t>(static_cast<char>(trial.grade) - 'A');
            ++out[trial.prompt_id].at(std::min<std::size_t>(place, 2));
        }
    }
    return out;
}

// "A" when all trials have one grade, else how many have which.
std::string grades_text(const std::array<int, 3>& counts) {
    const auto kinds = std::count_if(counts.begin(), counts.end(), [](int n) { return n > 0; });
    std::string out;
    for (std::size_t g = 0; g < counts.size(); ++g) {
        if (counts.at(g) > 0) {
            const char letter = static_cast<char>('A' + static_cast<int>(g));
            out += (out.empty() ? "" : " ") + (kinds == 1 ? std::string() : std::to_string(counts.at(g))) + letter;
        }
    }
    return out;
}

std::optional<FigureColumn> make_column(const RunAnalysis& run, std::string_view name, bool is_image) {
    const Metric* const metric = find_metric(name);
    double largest = 0.0;
    bool found = false;
    for (const PromptFigures& prompt : run.prompts) {
        const auto figure = prompt.figures.find(std::string(name));
        if (figure != prompt.figures.end() && std::isfinite(figure->second.value)) {
            found = true;
            largest = std::max(largest, std::abs(figure->second.value));
        }
    }
    if (!found || metric == nullptr) {
        return std::nullopt;
    }
    FigureColumn column{metric, bare_header(run, *metric), {1.0, std::string(metric->unit)}};
    if (changes_unit(metric->unit, is_image)) {
        column.scale = scale_for(metric->unit, largest);
    }
    return column;
}

PromptRow make_row(const PromptFigures& prompt, const std::vector<FigureColumn>& columns) {
    PromptRow row;
    row.id = clean_text(prompt.prompt_id);
    row.n_in = prompt.n_prompt - prompt.image.n_tokens;
    row.image = prompt.image;
    row.n_reused = prompt.n_reused;
    row.n_out = prompt.n_gen;
    row.n_valid = prompt.n_valid;
    for (const FigureColumn& column : columns) {
        const std::string name(column.metric->name);
        const auto figure = prompt.figures.find(name);
        const auto sd = prompt.sd.find(name);
        const bool has = figure != prompt.figures.end() && prompt.n_valid > 0;
        row.figures.push_back(has ? std::optional(figure->second) : std::nullopt);
        row.sd.push_back(has && sd != prompt.sd.end() ? std::optional(sd->second) : std::nullopt);
    }
    return row;
}

}  // namespace

std::string effective_text(const ImageRecord& image) {
    const double megapixels = 1e-6 * static_cast<double>(image.effective_px);
    return image.effective_px > 0 ? fixed_text(megapixels, megapixels < 0.1 ? 4 : megapixels < 1.0 ? 3 : 2) : "\u2013";
}

std::string bare_header(const Metric& metric) {
    std::string header(metric.header);
    const std::string tail = " " + std::string(metric.unit);
    if (header.ends_with(tail)) {
        header.resize(header.size() - tail.size());
    }
    return header;
}

std::string provenance_mark(const RunAnalysis& run, const Metric& metric) {
    const bool is_energy = metric.unit == "J" || metric.unit == "Wh" || metric.unit == "J/token";
    if (!is_energy || run.energy.provenance == "measured" || run.energy.provenance.empty()) {
        return {};
    }
    return run.energy.provenance == "modelled" ? " (estimate)" : fmt::format(" ({})", run.energy.provenance);
}

std::string bare_header(const RunAnalysis& run, const Metric& metric) {
    return bare_header(metric) + provenance_mark(run, metric);
}

PromptTable prompt_table(const RunAnalysis& run) {
    PromptTable table;
    table.has_images = is_image_run(*run.data);
    for (const std::string_view name : columns_of(table.has_images)) {
        if (auto column = make_column(run, name, table.has_images); column) {
            table.columns.push_back(std::move(*column));
        }
    }
    const auto grades = count_grades(run);
    for (const PromptFigures& prompt : run.prompts) {
        PromptRow row = make_row(prompt, table.columns);
        if (const auto found = grades.find(prompt.prompt_id); found != grades.end()) {
            row.grades = grades_text(found->second);
        }
        table.has_reuse = table.has_reuse || row.n_reused > 0;
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace landauer
