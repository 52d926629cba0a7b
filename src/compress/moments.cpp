#include "compress/moments.h"

#include <fmt/format.h>

namespace landauer {
namespace {

Result<void> add_moments(GgufHeader& header, const DecoderShape& shape, std::size_t layer,
                         const std::vector<Moment>& moments, bool all) {
    for (const Moment& moment : moments) {
        const std::size_t width = moment_width(shape, layer, moment);
        if (width == 0 || (!all && !moment.always)) continue;
        const auto values = static_cast<std::int64_t>(triangle(width));
        if (auto good = header.add_tensor({moment_tensor(layer, moment.name), "f32", {values}}); !good) return good;
    }
    return {};
}

Result<void> add_metadata(GgufHeader& header, const StatisticsInfo& info) {
    const std::vector<std::pair<std::string, GgufValue>> values = {
        {"general.type", std::string("statistics")},
        {std::string(kStatisticsPrefix) + "version", kStatisticsVersion},
        {std::string(kStatisticsPrefix) + "model_sha256", info.model_sha256},
        {std::string(kStatisticsPrefix) + "text_sha256", info.text_sha256},
        {std::string(kStatisticsPrefix) + "n_layer", info.n_layer},
        {std::string(kStatisticsPrefix) + "n_tokens", info.n_tokens},
        {std::string(kStatisticsPrefix) + "n_gradient_tokens", info.n_gradient_tokens},
        {std::string(kStatisticsPrefix) + "n_text_tokens", info.n_text_tokens},
        {std::string(kStatisticsPrefix) + "seed", info.seed},
        {std::string(kStatisticsPrefix) + "all_gradients", info.all_gradients},
    };
    for (const auto& [key, value] : values) {
        if (auto good = header.set(key, value); !good) return good;
    }
    return {};
}

}  // namespace

const std::vector<Moment>& input_moments() {
    static const std::vector<Moment> kMoments = {
        {"attn_in", &LayerStatistics::attn_in, true, true},
        {"attn_out", &LayerStatistics::attn_out, true, true},
        {"ffn_in", &LayerStatistics::ffn_in, false, true},
        {"ffn_down", &LayerStatistics::ffn_down, false, true},
    };
    return kMoments;
}

const std::vector<Moment>& gradient_moments() {
    static const std::vector<Moment> kMoments = {
        {"grad_o", &LayerStatistics::grad_o, true, true},     {"grad_down", &LayerStatistics::grad_down, false, true},
        {"grad_q", &LayerStatistics::grad_q, true, false},    {"grad_k", &LayerStatistics::grad_k, true, false},
        {"grad_v", &LayerStatistics::grad_v, true, false},    {"grad_gate", &LayerStatistics::grad_gate, false, false},
        {"grad_up", &LayerStatistics::grad_up, false, false},
    };
    return kMoments;
}

MomentOf input_of(std::string_view part) {
    if (part == "attn_q" || part == "attn_k" || part == "attn_v") return &LayerStatistics::attn_in;
    if (part == "attn_output") return &LayerStatistics::attn_out;
    if (part == "ffn_gate" || part == "ffn_up") return &LayerStatistics::ffn_in;
    return part == "ffn_down" ? &LayerStatistics::ffn_down : nullptr;
}

std::size_t moment_width(const DecoderShape& shape, std::size_t layer, const Moment& moment) {
    if (moment.of_attention && shape.n_head[layer] == 0) return 0;
    const auto is = [&moment](MatrixD LayerStatistics::* matrix) { return moment.matrix == matrix; };
    if (is(&LayerStatistics::attn_out) || is(&LayerStatistics::grad_q)) return shape.n_head[layer] * shape.head_dim;
    if (is(&LayerStatistics::grad_k) || is(&LayerStatistics::grad_v)) return shape.n_head_kv[layer] * shape.head_dim;
    if (is(&LayerStatistics::ffn_down) || is(&LayerStatistics::grad_gate) || is(&LayerStatistics::grad_up)) {
        return shape.n_ff[layer];
    }
    return shape.n_embd;
}

std::string moment_tensor(std::size_t layer, const std::string& name) { return fmt::format("blk.{}.{}", layer, name); }

Result<GgufHeader> statistics_header(const DecoderShape& shape, const StatisticsInfo& info) {
    GgufHeader header;
    if (auto good = add_metadata(header, info); !good) return tl::unexpected(good.error());
    for (std::size_t layer = 0; layer < shape.n_layer; ++layer) {
        auto good = add_moments(header, shape, layer, input_moments(), true);
        if (good) good = header.add_tensor({moment_tensor(layer, kInfluence), "f32", {2}});
        if (!good) return tl::unexpected(good.error());
    }
    for (std::size_t layer = shape.n_layer; layer-- > 0;) {
        const auto good = add_moments(header, shape, layer, gradient_moments(), info.all_gradients);
        if (!good) return tl::unexpected(good.error());
    }
    return header;
}

}  // namespace landauer
