#include "compress/quantise_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

#include "compress/factor_curves.h"
#include "compress/moments.h"
#include "compress/stock_write.h"

namespace landauer {
namespace {

struct KnownType {
    const char* name;
    const char* type;         // ggml's
    std::uint32_t file_type;  // general.file_type, as llama.cpp numbers them
};
constexpr std::array kKnown = {
    KnownType{"Q4_0", "q4_0", 2},      KnownType{"Q4_1", "q4_1", 3},    KnownType{"IQ4_NL", "iq4_nl", 25},
    KnownType{"Q5_0", "q5_0", 8},      KnownType{"Q5_1", "q5_1", 9},    KnownType{"Q8_0", "q8_0", 7},
    KnownType{"IQ4_XS", "iq4_xs", 30}, KnownType{"Q2_K", "q2_K", 10},   KnownType{"Q3_K_S", "q3_K", 11},
    KnownType{"Q4_K_S", "q4_K", 14},   KnownType{"Q5_K_S", "q5_K", 16}, KnownType{"Q6_K", "q6_K", 18},
};

Result<KnownType> type_named(const std::string& name) {
    for (const KnownType& known : kKnown) {
        if (name == known.name) return known;
    }
    return fail(ErrorKind::Invalid, fmt::format("Errors cannot be fed back into the type \"{}\".", name),
                fmt::format("Use one of {}.", fmt::join(fed_back_names(), ", ")));
}

Result<GgufHeader> header_for(const WeightFile& source, const StatisticsFile& statistics, const ModelQuantising& how,
                              const KnownType& known) {
    auto header = GgufHeader::with_metadata_of(source.summary().path);
    if (!header) return header;
    const std::vector<std::pair<std::string, GgufValue>> values = {
        {"general.file_type", known.file_type},
        {"general.quantization_version", std::uint32_t{2}},
        {"landauer.quantise.source_sha256", how.source_sha256},
        {"landauer.quantise.statistics_sha256", statistics.info().text_sha256},
        {"landauer.quantise.method", std::string("error feedback")},
    };
    for (const auto& [key, value] : values) {
        if (auto set = header->set(key, value); !set) return tl::unexpected(set.error());
    }
    for (const char* key : {"split.no", "split.count", "split.tensors.count"}) header->remove(key);
    return header;
}

// What is to be written.
struct Target {
    StockShape shape;
    std::vector<LayerKeep> keep;
    GgufHeader header;
};

TensorTypes types_in(const Target& target) {
    return [&target](const GgufTensor& tensor) { return stock_tensor_type(tensor, target.shape, target.keep); };
}

Result<Target> target_of(const WeightFile& source, const StatisticsFile& statistics, const ModelQuantising& how) {
    const auto known = type_named(how.type);
    if (!known) return tl::unexpected(known.error());
    auto shape = stock_shape(source, parameter_price());
    if (!shape) return tl::unexpected(shape.error());
    auto header = header_for(source, statistics, how, *known);
    if (!header) return tl::unexpected(header.error());
    auto keep = keep_all(*shape, known->type);
    Target target{std::move(*shape), std::move(keep), std::move(*header)};
    auto added = add_stock_tensors(source, target.shape, target.keep, types_in(target), {}, target.header);
    if (!added) return tl::unexpected(added.error());
    return target;
}

}  // namespace

const std::vector<std::string>& fed_back_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        all.reserve(kKnown.size());
        for (const KnownType& known : kKnown) all.emplace_back(known.name);
        return all;
    }();
    return names;
}

std::vector<LayerKeep> keep_all(const StockShape& shape, const std::string& type) {
    std::vector<LayerKeep> keep(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        keep[layer].neurons.resize(shape.decoder.n_ff[layer]);
        keep[layer].groups.resize(shape.decoder.n_head_kv[layer]);
        std::iota(keep[layer].neurons.begin(), keep[layer].neurons.end(), std::size_t{0});
        std::iota(keep[layer].groups.begin(), keep[layer].groups.end(), std::size_t{0});
        keep[layer].ffn_type = keep[layer].attention_type = type;
    }
    return keep;
}

std::optional<std::string> fed_back_type(const std::string& name) {
    const auto known = type_named(name);
    return known ? std::optional<std::string>(known->type) : std::nullopt;
}

Result<std::uint64_t> quantise_model(const WeightFile& source, const StatisticsFile& statistics,
                                     const ModelQuantising& how, const std::filesystem::path& out) {
    const auto target = target_of(source, statistics, how);
    if (!target) return tl::unexpected(target.error());
    return write_blocks(source, target->shape, target->keep, statistics, target->header, types_in(*target), out,
                        {how.abort, how.done});
}

Result<std::uint64_t> quantised_bytes(const WeightFile& source, const StatisticsFile& statistics,
                                      const std::string& type) {
    ModelQuantising how;
    how.type = type;
    const auto target = target_of(source, statistics, how);
    if (!target) return tl::unexpected(target.error());
    return target->header.file_bytes();
}

Result<std::vector<TensorImportance>> importance_of(const WeightFile& source, const StockShape& shape,
                                                    const std::vector<LayerKeep>& keep,
                                                    const StatisticsFile& statistics) {
    std::vector<TensorImportance> all;
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        const auto moments = statistics.layer(layer);
        if (!moments) return tl::unexpected(moments.error());
        for (const std::string_view part : kFactorParts) {
            const GgufTensor* tensor = source.find(block_tensor(layer, part));
            const auto place = tensor == nullptr ? std::nullopt : block_part(tensor->name);
            if (!place || stock_tensor_shape(*tensor, shape, keep).empty()) continue;
            const MatrixD& moment = (*moments).*input_of(part);
            std::vector<float> weights(moment.rows());
            for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(moment(i, i));
            if (const auto columns = stock_columns(*place, shape, keep)) {
                std::vector<float> picked(columns->size());
                std::transform(columns->begin(), columns->end(), picked.begin(),
                               [&](std::size_t column) { return weights[column]; });
                weights = std::move(picked);
            }
            all.push_back({stock_tensor_name(*tensor, shape, keep), std::move(weights)});
        }
    }
    return all;
}

}  // namespace landauer
