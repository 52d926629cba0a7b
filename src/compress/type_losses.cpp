#include "compress/type_losses.h"

#include <fmt/format.h>

#include <map>

#include "compress/encode_matrix.h"
#include "compress/layer_types.h"
#include "compress/methods/change.h"
#include "compress/parallel.h"
#include "compress/part_metric.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

Result<double> loss_of(const PartMetric& metric, const std::string& type, const FeedbackSettings& settings) {
    const auto coded = quantise_fed_back(type, metric.weights, *metric.c, settings);
    if (!coded) return tl::unexpected(coded.error());
    MatrixF change(metric.weights.rows(), metric.weights.cols());
    if (auto read = decode_rows(type, coded->bytes, change.cols(), change.values()); !read) {
        return tl::unexpected(read.error());
    }
    for (std::size_t i = 0; i < change.values().size(); ++i) change.values()[i] -= metric.weights.values()[i];
    return change_loss(change, *metric.c, *metric.g);
}

}  // namespace

Result<TypeLosses> type_losses(const WeightFile& file, const StockShape& shape, const StatisticsFile& statistics,
                               const std::vector<std::string>& types, std::size_t n_threads,
                               const std::function<bool()>& abort, const std::function<void(double)>& done) {
    TypeLosses out{types, std::vector<LayerTypeLoss>(shape.decoder.n_layer)};
    for (std::size_t layer = 0; layer < out.layers.size() && !types.empty(); ++layer) {
        LayerTypeLoss& losses = out.layers[layer];
        losses.ffn.assign(types.size(), 0.0);
        losses.attention.assign(types.size(), 0.0);
        const auto moments = statistics.layer(layer);
        if (!moments) return tl::unexpected(moments.error());
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            if (abort && abort()) return fail(ErrorKind::Interrupted, "Trying types was interrupted.", "");
            losses.parts[part].assign(types.size(), 0.0);
            const GgufTensor* tensor = file.find(block_tensor(layer, kFactorParts[part]));
            if (tensor == nullptr) continue;
            const auto metric = part_metric(file, statistics.info(), *moments, layer, part);
            if (!metric) return tl::unexpected(metric.error());
            std::map<std::string, double> known;  // several types may come to the same where rows do not fit their own
            for (std::size_t t = 0; t < types.size(); ++t) {
                const std::string type =
                    type_in_layer(types[t], kFactorParts[part], layer, out.layers.size(), metric->weights.cols());
                if (type == tensor->type) continue;
                if (!known.contains(type)) {
                    const auto loss = loss_of(*metric, type, feedback_settings(kFactorParts[part], n_threads));
                    if (!loss) return tl::unexpected(loss.error());
                    known[type] = *loss;
                }
                losses.parts[part][t] = known[type];
                (part < kAttentionParts ? losses.attention : losses.ffn)[t] += known[type];
            }
        }
        if (done) done(static_cast<double>(layer + 1) / static_cast<double>(out.layers.size()));
    }
    return out;
}

}  // namespace landauer
