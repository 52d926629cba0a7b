#include "cli/compress_factors_view.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/progress.h"
#include "cli/table_words.h"
#include "compress/layer_types.h"
#include "compress/sensitivity.h"
#include "report/numbers.h"

namespace landauer {
namespace {

using nlohmann::json;

std::string kept_words(std::size_t kept, std::size_t n) { return kept == n ? "all" : fmt::format("{} of {}", kept, n); }

// "224", or the type of a matrix that stays whole.
std::string stored_words(const DecoderShape& shape, const LayerFactors& kept, std::size_t layer, std::size_t part) {
    if (kept.ranks[part] > 0) return fmt::format("{}", kept.ranks[part]);
    const std::string type = stored_type(shape, kept, layer, part);
    return type.empty() ? "-" : type;
}

}  // namespace

std::string stored_type(const DecoderShape& shape, const LayerFactors& kept, std::size_t layer, std::size_t part) {
    const std::string& of_half = part < kAttentionParts ? kept.keep.attention_type : kept.keep.ffn_type;
    const std::string& asked = kept.types[part].empty() ? of_half : kept.types[part];
    if (kept.ranks[part] > 0 || asked.empty()) return {};
    // Rows of down are as long as there are neurons.
    const std::size_t columns =
        kFactorParts[part] == "ffn_down" ? kept.keep.neurons.size() : matrix_size(shape, layer, part).cols;
    return type_in_layer(asked, kFactorParts[part], layer, shape.n_layer, columns);
}

std::string part_name(std::string_view part) { return std::string(part.substr(part.find('_') + 1)); }

std::string factors_text(const Profile& profile, const FactorChoice& choice) {
    TextTable table;
    table.rows = {{"layer"}};
    for (const std::string_view part : kFactorParts) table.rows.front().push_back(part_name(part));
    table.rows.front().insert(table.rows.front().end(), {"neurons", "head groups"});
    table.right.assign(table.rows.front().size(), true);
    for (std::size_t layer = 0; layer < choice.layers.size(); ++layer) {
        const LayerFactors& kept = choice.layers[layer];
        std::vector<std::string> row = {fmt::format("{}", layer)};
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            row.push_back(stored_words(profile.shape.decoder, kept, layer, part));
        }
        row.push_back(kept_words(kept.keep.neurons.size(), profile.shape.decoder.n_ff[layer]));
        row.push_back(kept_words(kept.keep.groups.size(), profile.shape.decoder.n_head_kv[layer]));
        table.rows.push_back(std::move(row));
    }
    const double loss = choice.allocation.loss;
    return table_text(table, Look::text) +
           paragraph(fmt::format(
               "Ranks of the matrices that get a lower one, and types of those that stay whole in another. {:.1f} % of "
               "the blocks' parameters go. Predicted loss {} nats a token; measured on a real model it was {:.1f} to "
               "{:.1f} times "
               "the prediction, so expect a perplexity {:.2f} to {:.2f} times the original's.",
               choice.removed * 100.0, number_text(loss, 3), kMeasuredLoss.low, kMeasuredLoss.high,
               std::exp(loss * kMeasuredLoss.low), std::exp(loss * kMeasuredLoss.high)));
}

std::string factors_outcome_text(const CompressOutcome& outcome, bool expanded) {
    return fmt::format("{}: {:.1f} MB, {}; made in {} with {} of CPU time\n", outcome.out,
                       static_cast<double>(outcome.out_bytes) / 1e6,
                       expanded ? "the factors multiplied out" : "as factors, which landauer runs (docs/format.md)",
                       duration_words(outcome.wall_s), duration_words(outcome.cpu_s));
}

json factor_layers_json(const DecoderShape& shape, const FactorChoice& choice) {
    json layers = json::array();
    for (std::size_t layer = 0; layer < choice.layers.size(); ++layer) {
        const LayerFactors& kept = choice.layers[layer];
        json ranks = json::object();
        json types = json::object();
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const std::string name(kFactorParts[part]);
            if (kept.ranks[part] > 0) ranks[name] = kept.ranks[part];
            if (const std::string type = stored_type(shape, kept, layer, part); !type.empty()) types[name] = type;
        }
        layers.push_back({{"layer", layer},
                          {"n_ff", kept.keep.neurons.size()},
                          {"n_head_kv", kept.keep.groups.size()},
                          {"ranks", ranks},
                          {"types", types}});
    }
    return layers;
}

json factors_json(const Profile& profile, const FactorChoice& choice, const CompressOutcome& outcome, bool expanded) {
    return {{"source", outcome.source},
            {"out", outcome.out},
            {"format", "factors"},
            {"expanded", expanded},
            {"source_bytes", outcome.source_bytes},
            {"out_bytes", outcome.out_bytes},
            {"removed", choice.removed},
            {"predicted_loss_nats", choice.allocation.loss},
            {"expected_perplexity_ratio", expected_ratio(choice.allocation.loss)},
            {"cpu_s", outcome.cpu_s},
            {"wall_s", outcome.wall_s},
            {"collecting_s", profile.collecting_seconds},
            {"caveats", profile.caveats},
            {"layers", factor_layers_json(profile.shape.decoder, choice)}};
}

}  // namespace landauer
