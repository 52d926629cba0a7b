#include "cli/compress_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/progress.h"
#include "cli/table_words.h"
#include "report/numbers.h"

namespace landauer {
namespace {

using nlohmann::json;

// Adjacent layers that keep the same are one line.
std::string layers_words(std::size_t first, std::size_t last) {
    return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

bool keeps_alike(const LayerKeep& a, const LayerKeep& b) {
    return a.neurons.size() == b.neurons.size() && a.groups.size() == b.groups.size() && a.ffn_type == b.ffn_type &&
           a.attention_type == b.attention_type;
}

// Of a layer that has another: "q4_0" where all of it is, "ffn q4_0", ...; "own".
std::string types_words(const LayerKeep& keep) {
    if (keep.ffn_type == keep.attention_type) return keep.ffn_type.empty() ? "own" : keep.ffn_type;
    if (keep.ffn_type.empty()) return "attention " + keep.attention_type;
    if (keep.attention_type.empty()) return "ffn " + keep.ffn_type;
    return fmt::format("ffn {}, attention {}", keep.ffn_type, keep.attention_type);
}

bool has_types(const std::vector<LayerKeep>& keep) {
    return std::any_of(keep.begin(), keep.end(), [](const LayerKeep& layer) { return types_words(layer) != "own"; });
}

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

}  // namespace

std::array<double, 2> expected_ratio(double loss) {
    return {std::exp(loss * kMeasuredLoss.low), std::exp(loss * kMeasuredLoss.high)};
}

std::string plan_text(const CompressPlan& plan) {
    TextTable table;
    table.rows = {{"model", fmt::format("{}, {}", plan.model, megabytes(plan.file_bytes))},
                  {"blocks", fmt::format("{} parameters, of which {:.1f} % can go",
                                         count_text(static_cast<std::int64_t>(plan.block_parameters)),
                                         100.0 * plan.most_removable)},
                  {"memory", fmt::format("{} at most, while statistics are collected", megabytes(plan.memory_bytes))},
                  {"disk", fmt::format("{} of statistics in the work folder", megabytes(plan.statistics_bytes))},
                  {"work", fmt::format("{} multiply-adds for the statistics: about {} on a core of 40 GFLOP/s",
                                       number_text(plan.flops / 2.0, 2), duration_words(plan.flops / 40e9))}};
    std::string text;
    for (const std::string& line : table.lines()) text += line + "\n";
    return text;
}

std::string plan_json(const CompressPlan& plan) {
    return json{{"model", plan.model},
                {"file_bytes", plan.file_bytes},
                {"block_parameters", plan.block_parameters},
                {"memory_bytes", plan.memory_bytes},
                {"statistics_bytes", plan.statistics_bytes},
                {"flops", plan.flops},
                {"most_removable", plan.most_removable}}
               .dump(2) +
           "\n";
}

std::string choice_text(const Profile& profile, const StockChoice& choice) {
    TextTable table;
    const bool typed = has_types(choice.keep);
    table.rows = {{"layers", "neurons", "of", "head groups", "of"}};
    table.right = {true, true, true, true, true};
    if (typed) {
        table.rows.front().emplace_back("type");
        table.right.push_back(false);
    }
    for (std::size_t first = 0; first < choice.keep.size();) {
        std::size_t last = first;
        while (last + 1 < choice.keep.size() && keeps_alike(choice.keep[first], choice.keep[last + 1])) ++last;
        table.rows.push_back({layers_words(first, last), fmt::format("{}", choice.keep[first].neurons.size()),
                              fmt::format("{}", profile.shape.decoder.n_ff[first]),
                              fmt::format("{}", choice.keep[first].groups.size()),
                              fmt::format("{}", profile.shape.decoder.n_head_kv[first])});
        if (typed) table.rows.back().push_back(types_words(choice.keep[first]));
        first = last + 1;
    }
    const double loss = choice.allocation.loss;
    return table_text(table, Look::text) +
           paragraph(fmt::format(
               "{:.1f} % of the blocks' parameters go. Predicted loss {} nats a token; measured on a real model it "
               "was {:.1f} to {:.1f} times the prediction, so expect a perplexity {:.2f} to {:.2f} "
               "times the original's.",
               choice.removed * 100.0, number_text(loss, 3), kMeasuredLoss.low, kMeasuredLoss.high,
               std::exp(loss * kMeasuredLoss.low), std::exp(loss * kMeasuredLoss.high)));
}

std::string outcome_text(const CompressOutcome& outcome) {
    const double less =
        100.0 * (1.0 - static_cast<double>(outcome.out_bytes) / static_cast<double>(outcome.source_bytes));
    return fmt::format("{}: {}, {:.1f} % {} than {}; made in {} with {} of CPU time\n", outcome.out,
                       megabytes(outcome.out_bytes), std::fabs(less), less < 0.0 ? "more" : "less", outcome.source,
                       duration_words(outcome.wall_s), duration_words(outcome.cpu_s));
}

json outcome_json(const Profile& profile, const StockChoice& choice, const CompressOutcome& outcome) {
    json layers = json::array();
    for (std::size_t layer = 0; layer < choice.keep.size(); ++layer) {
        layers.push_back({{"layer", layer},
                          {"n_ff", choice.keep[layer].neurons.size()},
                          {"n_head_kv", choice.keep[layer].groups.size()},
                          {"n_head", choice.keep[layer].groups.size() * profile.shape.query_heads(layer)},
                          {"ffn_type", choice.keep[layer].ffn_type},
                          {"attention_type", choice.keep[layer].attention_type}});
    }
    return {{"source", outcome.source},
            {"out", outcome.out},
            {"source_bytes", outcome.source_bytes},
            {"out_bytes", outcome.out_bytes},
            {"removed", choice.removed},
            {"predicted_loss_nats", choice.allocation.loss},
            {"expected_perplexity_ratio", expected_ratio(choice.allocation.loss)},
            {"cpu_s", outcome.cpu_s},
            {"wall_s", outcome.wall_s},
            {"collecting_s", profile.collecting_seconds},
            {"caveats", profile.caveats},
            {"layers", layers}};
}

json quantised_json(const CompressOutcome& outcome, const std::string& type, const std::string& method) {
    return {{"source", outcome.source},
            {"out", outcome.out},
            {"source_bytes", outcome.source_bytes},
            {"out_bytes", outcome.out_bytes},
            {"type", type},
            {"method", method},
            {"cpu_s", outcome.cpu_s},
            {"wall_s", outcome.wall_s}};
}

}  // namespace landauer
