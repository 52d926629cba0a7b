#include "cli/compress_profile_view.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/compress_factors_view.h"
#include "cli/compress_view.h"
#include "cli/table_words.h"
#include "compress/sensitivity.h"
#include "report/numbers.h"

namespace landauer {
namespace {

using nlohmann::json;

// Nats after `share` of the curve's groups went; nothing where so many may not.
std::string loss_at(const ColumnRemoval& curve, std::size_t n, double share) {
    const auto removed = static_cast<std::size_t>(std::lround(share * static_cast<double>(n)));
    return removed < curve.loss.size() ? number_text(curve.loss[removed], 3) : "-";
}

std::string columns_text(const Profile& profile) {
    TextTable table;
    table.rows = {{"layer", "neurons", "-10 %", "-25 %", "-50 %", "head groups", "-1", "all"}};
    table.right = {true, true, true, true, true, true, true, true};
    for (std::size_t layer = 0; layer < profile.curves.size(); ++layer) {
        const LayerCurves& curves = profile.curves[layer];
        const std::size_t n_ff = profile.shape.decoder.n_ff[layer];
        const std::size_t n_groups = profile.shape.decoder.n_head_kv[layer];
        table.rows.push_back({fmt::format("{}", layer), fmt::format("{}", n_ff), loss_at(curves.neurons, n_ff, 0.1),
                              loss_at(curves.neurons, n_ff, 0.25), loss_at(curves.neurons, n_ff, 0.5),
                              fmt::format("{}", n_groups),
                              curves.groups.loss.size() > 1 ? number_text(curves.groups.loss[1], 3) : "-",
                              curves.groups.loss.empty() ? "-" : number_text(curves.groups.loss.back(), 3)});
    }
    return table_text(table, Look::text) +
           paragraph(fmt::format(
               "Nats a token that each layer would lose by itself, predicted to second order from {} "
               "tokens ({} of text). Measured on a real model, the whole loses {:.1f} to {:.1f} times "
               "what is predicted.",
               profile.statistics.n_tokens, profile.statistics.n_text_tokens, kMeasuredLoss.low, kMeasuredLoss.high));
}

std::string matrices_text(const Profile& profile) {
    TextTable table;
    table.rows = {{"layer"}};
    for (const std::string_view part : kFactorParts) table.rows.front().push_back(part_name(part));
    table.right.assign(table.rows.front().size(), true);
    const auto layers = sensitivity_of(profile);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        auto& row = table.rows.emplace_back(1, fmt::format("{}", layer));
        for (const auto& loss : layers[layer].matrices) row.push_back(loss ? number_text(*loss, 2) : "-");
    }
    return "\n" + table_text(table, Look::text) +
           paragraph(
               "The same for each matrix by itself, as factors within three quarters of its storage (two-sided SVD).");
}

StockChoice as_stock(const FactorChoice& plan) {
    StockChoice choice{plan.allocation, {}, plan.removed};
    for (const LayerFactors& layer : plan.layers) choice.keep.push_back(layer.keep);
    return choice;
}

json curve_json(const ColumnRemoval& curve) { return {{"loss_nats", curve.loss}, {"order", curve.order}}; }

json matrices_json(const Profile& profile, const LayerSensitivity& sensitivity, std::size_t layer) {
    json matrices = json::object();
    for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
        const MatrixSize size = matrix_size(profile.shape.decoder, layer, part);
        const auto& loss = sensitivity.matrices[part];
        if (!loss) continue;
        matrices[std::string(kFactorParts[part])] = {{"rows", size.rows},
                                                     {"cols", size.cols},
                                                     {"full_rank", size.full_rank()},
                                                     {"probed_rank", rank_within(size, kProbedShare)},
                                                     {"loss_nats", *loss}};
    }
    return matrices;
}

}  // namespace

std::string profile_text(const Profile& profile, const std::vector<FactorChoice>& plans) {
    std::string text = columns_text(profile);
    if (!profile.ranks.empty()) text += matrices_text(profile);
    for (const FactorChoice& plan : plans) {
        text += "\n" + (profile.ranks.empty() ? choice_text(profile, as_stock(plan)) : factors_text(profile, plan));
    }
    return text;
}

json profile_json(const Profile& profile, const std::vector<FactorChoice>& plans) {
    json layers = json::array();
    const auto sensitivity = sensitivity_of(profile);
    for (std::size_t layer = 0; layer < profile.curves.size(); ++layer) {
        layers.push_back({{"layer", layer},
                          {"n_ff", profile.shape.decoder.n_ff[layer]},
                          {"n_head_kv", profile.shape.decoder.n_head_kv[layer]},
                          {"neurons", curve_json(profile.curves[layer].neurons)},
                          {"head_groups", curve_json(profile.curves[layer].groups)},
                          {"matrices", matrices_json(profile, sensitivity[layer], layer)}});
    }
    json kept = json::array();
    for (const FactorChoice& plan : plans) {
        kept.push_back({{"removed", plan.removed},
                        {"predicted_loss_nats", plan.allocation.loss},
                        {"expected_perplexity_ratio", expected_ratio(plan.allocation.loss)},
                        {"layers", factor_layers_json(profile.shape.decoder, plan)}});
    }
    return {{"model_sha256", profile.model_sha256},
            {"n_tokens", profile.statistics.n_tokens},
            {"n_text_tokens", profile.statistics.n_text_tokens},
            {"statistics", profile.statistics_file.string()},
            {"caveats", profile.caveats},
            {"probed_share", kProbedShare},
            {"layers", layers},
            {"plans", kept}};
}

}  // namespace landauer
