#include "compress/quantise_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "compress/copy_tensor.h"
#include "compress/encode_matrix.h"
#include "compress/methods/error_feedback.h"
#include "compress/stock_header.h"

namespace landauer {
namespace {

struct KnownType {
    const char* name;
    const char* type;         // ggml's
    const char* first_downs;  // of the first eighth of the layers' down projections
    std::uint32_t file_type;  // general.file_type, as llama.cpp numbers them
};
// The first layers make the few huge activations that all later ones live with, and a block's scale without an offset
// serves those badly; libllama's own quantiser spares the same matrices.
constexpr std::array kKnown = {
    KnownType{"Q4_0", "q4_0", "q4_1", 2},        KnownType{"Q4_1", "q4_1", "q4_1", 3},
    KnownType{"IQ4_NL", "iq4_nl", "iq4_nl", 25}, KnownType{"Q5_0", "q5_0", "q5_1", 8},
    KnownType{"Q5_1", "q5_1", "q5_1", 9},        KnownType{"Q8_0", "q8_0", "q8_0", 7},
};

Result<KnownType> type_named(const std::string& name) {
    for (const KnownType& known : kKnown) {
        if (name == known.name) return known;
    }
    return fail(ErrorKind::Invalid, fmt::format("Errors cannot be fed back into the type \"{}\".", name),
                fmt::format("Use one of {}.", fmt::join(fed_back_names(), ", ")));
}

using MomentOf = MatrixD LayerStatistics::*;

// What goes into a matrix of a block; none: it is no matrix.
std::optional<MomentOf> moment_of(std::string_view part) {
    if (part == "attn_q.weight" || part == "attn_k.weight" || part == "attn_v.weight") return &LayerStatistics::attn_in;
    if (part == "attn_output.weight") return &LayerStatistics::attn_out;
    if (part == "ffn_gate.weight" || part == "ffn_up.weight") return &LayerStatistics::ffn_in;
    if (part == "ffn_down.weight") return &LayerStatistics::ffn_down;
    return std::nullopt;
}

struct Place {
    std::size_t layer;
    MomentOf moment;
};

std::optional<Place> place_of(const GgufTensor& tensor) {
    const auto part = block_part(tensor.name);
    if (!part || tensor.shape.size() != 2) return std::nullopt;
    const auto moment = moment_of(part->part);
    if (!moment) return std::nullopt;
    return Place{part->layer, *moment};
}

std::string type_for(const GgufTensor& tensor, const KnownType& known, std::size_t n_layers) {
    const auto place = place_of(tensor);
    if (!place) return tensor.type;
    return place->moment == &LayerStatistics::ffn_down && place->layer < n_layers / 8 ? known.first_downs : known.type;
}

// The layer that was asked for last stays in memory.
class Layers {
   public:
    explicit Layers(const StatisticsFile& file) : file_(file) {}
    Result<const MatrixD*> moment(const Place& place) {
        if (loaded_ != place.layer) {
            auto read = file_.layer(place.layer);
            if (!read) return tl::unexpected(read.error());
            layer_ = std::move(*read);
            loaded_ = place.layer;
        }
        return &(layer_.*place.moment);
    }

   private:
    const StatisticsFile& file_;
    std::optional<std::size_t> loaded_;
    LayerStatistics layer_;
};

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
    for (const GgufTensor& tensor : source.summary().tensors) {
        const std::string type = type_for(tensor, known, static_cast<std::size_t>(statistics.info().n_layer));
        if (type != tensor.type && !feeds_back(type, static_cast<std::size_t>(tensor.shape.front()))) {
            return fail(ErrorKind::Invalid,
                        fmt::format("Rows of {} values, as {} has them, do not fit the blocks of {}.",
                                    tensor.shape.front(), tensor.name, known.name),
                        "Use libllama's own quantiser, which takes another type where one does not fit.");
        }
        auto added = header->add_tensor({tensor.name, type, tensor.shape});
        if (!added) return tl::unexpected(added.error());
    }
    return header;
}

// Values are read through attention, which rests on the few positions that are unlike all others: what foretells an
// input elsewhere says little about it. On SmolLM2's v in Q4_0 the divergence falls from
// 0.108 without shrinkage to 0.033 with 0.1 and 0.022 with 0.6.
constexpr double kShrinkageOfValues = 0.6;

FeedbackSettings settings_for(const GgufTensor& tensor, std::size_t n_threads) {
    FeedbackSettings settings;
    settings.n_threads = n_threads;
    if (tensor.name.ends_with("attn_v.weight")) settings.shrinkage = kShrinkageOfValues;
    return settings;
}

Result<void> write_matrix(const WeightFile& source, const GgufTensor& tensor, const MatrixD& moment,
                          const std::string& type, std::size_t n_threads, GgufWriter& writer) {
    MatrixF weights(n_rows(tensor), static_cast<std::size_t>(tensor.shape.front()));
    if (auto read = source.read(tensor.name, 0, weights.values()); !read) return read;
    const auto bytes = encode_matrix(type, weights, moment, settings_for(tensor, n_threads));
    if (!bytes)
        return fail(bytes.error().kind, fmt::format("{} ({})", bytes.error().sentence, tensor.name),
                    bytes.error().remedy);
    return writer.write(tensor.name, *bytes);
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

Result<std::uint64_t> quantise_model(const WeightFile& source, const StatisticsFile& statistics,
                                     const ModelQuantising& how, const std::filesystem::path& out) {
    const auto known = type_named(how.type);
    if (!known) return tl::unexpected(known.error());
    const auto header = header_for(source, statistics, how, *known);
    if (!header) return tl::unexpected(header.error());
    if (auto fits = check_target(out, header->file_bytes(), true); !fits) return tl::unexpected(fits.error());
    auto writer = GgufWriter::create(out, *header, true);
    if (!writer) return tl::unexpected(writer.error());
    Layers layers(statistics);
    std::size_t n_done = 0;
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (how.abort && how.abort()) return fail(ErrorKind::Interrupted, "Quantising was interrupted.", "");
        const auto place = place_of(tensor);
        const std::string type = type_for(tensor, *known, static_cast<std::size_t>(statistics.info().n_layer));
        if (!place || tensor.type == type) {
            if (auto copied = copy_tensor(source, tensor, *writer); !copied) return tl::unexpected(copied.error());
        } else {
            const auto moment = layers.moment(*place);
            if (!moment) return tl::unexpected(moment.error());
            auto written = write_matrix(source, tensor, **moment, type, how.n_threads, *writer);
            if (!written) return tl::unexpected(written.error());
        }
        if (how.done) how.done(static_cast<double>(++n_done) / static_cast<double>(source.summary().tensors.size()));
    }
    if (auto finished = writer->finish(); !finished) return tl::unexpected(finished.error());
    return header->file_bytes();
}

Result<std::vector<TensorImportance>> importance_of(const WeightFile& source, const StatisticsFile& statistics) {
    std::vector<TensorImportance> all;
    Layers layers(statistics);
    for (const GgufTensor& tensor : source.summary().tensors) {
        const auto place = place_of(tensor);
        if (!place) continue;
        const auto moment = layers.moment(*place);
        if (!moment) return tl::unexpected(moment.error());
        TensorImportance importance{tensor.name, {}};
        for (std::size_t i = 0; i < (*moment)->rows(); ++i) {
            importance.weights.push_back(static_cast<float>((**moment)(i, i)));
        }
        all.push_back(std::move(importance));
    }
    return all;
}

}  // namespace landauer
