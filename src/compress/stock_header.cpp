#include "compress/stock_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "compress/layer_types.h"
#include "compress/moments.h"
#include "gguf/factor_format.h"

namespace landauer {
namespace {

constexpr std::string_view kUnequal = "deci";

bool starts_with_any(std::string_view part, std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        return part == std::string(name) + ".weight" || part == std::string(name) + ".bias";
    });
}

// The layers that are still there are as they were.
bool nothing_narrows(const StockShape& shape, const std::vector<LayerKeep>& keep) {
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        if (!is_gone(shape, layer, keep[layer]) && !is_whole(shape, layer, keep[layer])) return false;
    }
    return true;
}

std::vector<std::size_t> staying(const StockShape& shape, const std::vector<LayerKeep>& keep) {
    std::vector<std::size_t> layers;
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        if (!is_gone(shape, layer, keep[layer])) layers.push_back(layer);
    }
    return layers;
}

std::vector<std::int32_t> widths(const std::vector<std::size_t>& layers,
                                 const std::function<std::size_t(std::size_t)>& of) {
    std::vector<std::int32_t> all;
    all.reserve(layers.size());
    for (const std::size_t layer : layers) all.push_back(static_cast<std::int32_t>(of(layer)));
    return all;
}

// The source's keys under the other architecture's name.
Result<void> rename_architecture(const WeightFile& source, GgufHeader& header) {
    const std::string from = source.summary().architecture + ".";
    for (const auto& [key, text] : source.summary().metadata) {
        if (!key.starts_with(from)) continue;
        const auto value = header.get(key);
        header.remove(key);
        if (!value) continue;
        const std::string name = fmt::format("{}.{}", kUnequal, key.substr(from.size()));
        if (auto set = header.set(name, *value); !set) return set;
    }
    return header.set("general.architecture", std::string(kUnequal));
}

Result<void> set_all(GgufHeader& header, const std::vector<std::pair<std::string, GgufValue>>& values) {
    for (const auto& [key, value] : values) {
        if (auto set = header.set(key, value); !set) return set;
    }
    return {};
}

Result<void> add_factors(const std::string& name, const std::vector<std::int64_t>& size, const FactorForm& form,
                         GgufHeader& header) {
    const FactorNames names = factor_names(name);
    const auto rank = static_cast<std::int64_t>(form.rank);
    auto added = header.add_tensor({names.r, form.r_type, {size[0], rank}});
    if (added) added = header.add_tensor({names.t, form.t_type, {rank, size[1] - rank}});
    return added ? header.add_tensor({names.pivots, "i32", {rank}}) : added;
}

Result<void> set_widths(const StockShape& shape, const std::vector<LayerKeep>& keep, GgufHeader& header) {
    const auto head_dim = static_cast<std::uint32_t>(shape.decoder.head_dim);
    std::vector<std::pair<std::string, GgufValue>> values;
    const auto add = [&](std::string_view key, GgufValue value) {
        values.emplace_back(fmt::format("{}.{}", kUnequal, key), std::move(value));
    };
    const auto layers = staying(shape, keep);
    add("feed_forward_length", widths(layers, [&](std::size_t l) { return keep[l].neurons.size(); }));
    add("attention.head_count",
        widths(layers, [&](std::size_t l) { return keep[l].groups.size() * shape.query_heads(l); }));
    add("attention.head_count_kv", widths(layers, [&](std::size_t l) { return keep[l].groups.size(); }));
    add("attention.key_length", head_dim);
    add("attention.value_length", head_dim);
    add("rope.dimension_count", static_cast<std::uint32_t>(shape.decoder.rope_dims));
    return set_all(header, values);
}

Result<void> set_making(const Making& making, GgufHeader& header) {
    std::vector<std::pair<std::string, GgufValue>> values;
    values.emplace_back(kCompressedKey, kCompressedVersion);
    values.emplace_back("landauer.compress.source", making.source_name);
    values.emplace_back("landauer.compress.source_sha256", making.source_sha256);
    values.emplace_back("landauer.compress.statistics_sha256", making.statistics_sha256);
    values.emplace_back("landauer.compress.options", making.command);
    values.emplace_back("landauer.compress.landauer", making.version);
    values.emplace_back("landauer.compress.removed", making.removed);
    values.emplace_back("landauer.compress.predicted_loss", making.predicted_loss);
    if (making.removed >= 0.005) {  // else fewer bits are all that changed
        values.emplace_back("general.name", fmt::format("{} -{:.0f} %", making.source_name, making.removed * 100.0));
    }
    return set_all(header, values);
}

// One width for all layers, under the source's own architecture.
Result<void> set_even_width(const StockShape& shape, const std::vector<LayerKeep>& keep, GgufHeader& header) {
    return header.set(shape.decoder.architecture + ".feed_forward_length",
                      static_cast<std::uint32_t>(keep.front().neurons.size()));
}

Result<void> set_depth(const StockShape& shape, const std::vector<LayerKeep>& keep, std::string_view architecture,
                       GgufHeader& header) {
    const std::size_t depth = staying(shape, keep).size();
    if (depth == keep.size()) return {};
    return header.set(fmt::format("{}.block_count", architecture), static_cast<std::uint32_t>(depth));
}

Result<void> set_uneven(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                        GgufHeader& header) {
    if (auto done = rename_architecture(source, header); !done) return done;
    if (auto done = set_depth(shape, keep, kUnequal, header); !done) return done;
    return set_widths(shape, keep, header);
}

}  // namespace

std::optional<BlockPart> block_part(std::string_view tensor) {
    if (!tensor.starts_with("blk.")) return std::nullopt;
    const char* first = tensor.data() + 4;
    const char* last = tensor.data() + tensor.size();
    std::size_t layer = 0;
    const auto [end, problem] = std::from_chars(first, last, layer);
    if (problem != std::errc{} || end == last || *end != '.') return std::nullopt;
    return BlockPart{layer, tensor.substr(static_cast<std::size_t>(end + 1 - tensor.data()))};
}

bool is_whole(const StockShape& shape, std::size_t layer, const LayerKeep& keep) {
    return keep.neurons.size() == shape.decoder.n_ff[layer] && keep.groups.size() == shape.decoder.n_head_kv[layer];
}

bool is_gone(const StockShape& shape, std::size_t layer, const LayerKeep& keep) {
    return keep.neurons.empty() && shape.decoder.n_ff[layer] > 0;
}

bool reorders_rotation(const StockShape& shape, const std::vector<LayerKeep>& keep) {
    return shape.uneven && shape.decoder.rope_halves && !nothing_narrows(shape, keep);
}

std::vector<std::int64_t> stock_tensor_shape(const GgufTensor& tensor, const StockShape& shape,
                                             const std::vector<LayerKeep>& keep) {
    const auto place = block_part(tensor.name);
    if (!place || place->layer >= keep.size()) return tensor.shape;
    const LayerKeep& stays = keep[place->layer];
    if (is_gone(shape, place->layer, stays)) return {};
    const auto neurons = static_cast<std::int64_t>(stays.neurons.size());
    const auto keys = static_cast<std::int64_t>(stays.groups.size() * shape.decoder.head_dim);
    const auto queries = static_cast<std::int64_t>(stays.groups.size() * shape.group_columns(place->layer));
    const std::string_view part = place->part;
    const bool no_attention = stays.groups.empty() && shape.decoder.n_head_kv[place->layer] > 0;
    if (no_attention && part.starts_with("attn_")) return {};
    std::vector<std::int64_t> out = tensor.shape;
    if (starts_with_any(part, {"ffn_gate", "ffn_up"})) out.back() = neurons;
    if (part == "ffn_down.weight") out.front() = neurons;
    if (starts_with_any(part, {"attn_q"})) out.back() = queries;
    if (starts_with_any(part, {"attn_k", "attn_v"})) out.back() = keys;
    if (part == "attn_output.weight") out.front() = queries;
    return out;
}

std::vector<std::size_t> spread(const std::vector<std::size_t>& units, std::size_t values) {
    std::vector<std::size_t> all;
    all.reserve(units.size() * values);
    for (const std::size_t unit : units) {
        for (std::size_t i = 0; i < values; ++i) all.push_back(unit * values + i);
    }
    return all;
}

std::optional<std::vector<std::size_t>> stock_columns(const BlockPart& place, const StockShape& shape,
                                                      const std::vector<LayerKeep>& keep) {
    const LayerKeep& stays = keep[place.layer];
    if (place.part == "ffn_down.weight") return stays.neurons;
    if (place.part == "attn_output.weight") return spread(stays.groups, shape.group_columns(place.layer));
    return std::nullopt;
}

std::string stock_tensor_name(const GgufTensor& tensor, const StockShape& shape, const std::vector<LayerKeep>& keep) {
    const auto place = block_part(tensor.name);
    if (!place || place->layer >= keep.size()) return tensor.name;
    std::size_t gone = 0;
    for (std::size_t layer = 0; layer < place->layer; ++layer) gone += is_gone(shape, layer, keep[layer]) ? 1U : 0U;
    return fmt::format("blk.{}.{}", place->layer - gone, place->part);
}

std::string stock_tensor_type(const GgufTensor& tensor, const StockShape& shape, const std::vector<LayerKeep>& keep) {
    const auto place = block_part(tensor.name);
    if (!place || place->layer >= keep.size() || !place->part.ends_with(".weight")) return tensor.type;
    const std::string_view part = place->part.substr(0, place->part.find('.'));
    if (input_of(part) == nullptr) return tensor.type;
    const LayerKeep& stays = keep[place->layer];
    const std::string& type = part.starts_with("ffn") ? stays.ffn_type : stays.attention_type;
    if (type.empty()) return tensor.type;
    const auto size = stock_tensor_shape(tensor, shape, keep);
    const auto columns = static_cast<std::size_t>(size.empty() ? tensor.shape.front() : size.front());
    return type_in_layer(type, part, place->layer, shape.decoder.n_layer, columns);
}

Result<void> add_stock_tensors(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                               const TensorTypes& types, const TensorFactors& factors, GgufHeader& header) {
    std::uint32_t n_factorised = 0;
    for (const GgufTensor& tensor : source.summary().tensors) {
        const auto size = stock_tensor_shape(tensor, shape, keep);
        if (size.empty()) continue;
        if (const FactorForm form = factors ? factors(tensor) : FactorForm{}; form.rank > 0) {
            ++n_factorised;
            if (auto added = add_factors(stock_tensor_name(tensor, shape, keep), size, form, header); !added) {
                return added;
            }
            continue;
        }
        const std::string type = types(tensor);
        if (row_bytes(type, static_cast<std::uint64_t>(size.front())) == 0) {
            return fail(ErrorKind::Invalid,
                        fmt::format("Rows of {} values, as {} has them, do not fit the blocks of {}.", size.front(),
                                    tensor.name, type),
                        "Take a type of smaller blocks, or libllama's own quantiser (--method imatrix), which takes "
                        "another type where one does not fit.");
        }
        if (auto added = header.add_tensor({stock_tensor_name(tensor, shape, keep), type, size}); !added) return added;
    }
    if (n_factorised == 0) return {};
    return set_all(header, {{kFactorsKey, kFactorsVersion}, {kFactorsCountKey, n_factorised}});
}

Result<GgufHeader> stock_header(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                                const Making& making, const TensorTypes& types, const TensorFactors& factors) {
    auto header = GgufHeader::with_metadata_of(source.summary().path);
    if (!header) return header;
    Result<void> done;
    if (nothing_narrows(shape, keep)) {
        done = set_depth(shape, keep, shape.decoder.architecture, *header);
    } else {
        done = shape.uneven ? set_uneven(source, shape, keep, *header) : set_even_width(shape, keep, *header);
    }
    if (done) done = set_making(making, *header);
    for (const char* key : {"split.no", "split.count", "split.tensors.count"}) header->remove(key);
    const TensorTypes own = [&](const GgufTensor& tensor) { return stock_tensor_type(tensor, shape, keep); };
    if (done) done = add_stock_tensors(source, shape, keep, types ? types : own, factors, *header);
    if (!done) return tl::unexpected(done.error());
    return header;
}

}  // namespace landauer
