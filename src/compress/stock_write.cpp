#include "compress/stock_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "compress/copy_tensor.h"
#include "compress/encode_matrix.h"
#include "compress/methods/columns.h"
#include "compress/moments.h"
#include "gguf/factor_format.h"
#include "gguf/writer.h"
#include "platform/topology.h"

namespace landauer {
namespace {

constexpr double kRidge = 1e-2;  // of the corrected columns, of the mean diagonal

// Pairs (i, i + d/2) of each head become neighbours (2i, 2i + 1).
std::vector<std::size_t> pairs_side_by_side(const std::vector<std::size_t>& rows, std::size_t head_dim) {
    std::vector<std::size_t> turned(rows.size());
    for (std::size_t first = 0; first < rows.size(); first += head_dim) {
        for (std::size_t i = 0; i < head_dim / 2; ++i) {
            turned[first + 2 * i] = rows[first + i];
            turned[first + 2 * i + 1] = rows[first + head_dim / 2 + i];
        }
    }
    return turned;
}

class StockWriter {
   public:
    StockWriter(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                const StatisticsFile& statistics, const TensorTypes& types, const Rewriting* rewriting,
                GgufWriter& writer)
        : source_(source),
          shape_(shape),
          keep_(keep),
          statistics_(statistics),
          types_(types),
          rewriting_(rewriting),
          writer_(writer) {}

    Result<void> write(const GgufTensor& tensor);

   private:
    Result<void> copy_rows(const GgufTensor& tensor, const std::vector<std::size_t>& rows);
    Result<void> remake(const GgufTensor& tensor, const BlockPart& place);
    Result<void> rewrite(const GgufTensor& tensor, const BlockPart& place);
    Result<void> factorise(const GgufTensor& tensor, const BlockPart& place);
    [[nodiscard]] std::optional<std::vector<std::size_t>> rows_of(const BlockPart& place) const;
    [[nodiscard]] std::string name_of(const GgufTensor& tensor) const {
        return stock_tensor_name(tensor, shape_, keep_);
    }
    Result<const LayerStatistics*> moments(std::size_t layer);

    const WeightFile& source_;
    const StockShape& shape_;
    const std::vector<LayerKeep>& keep_;
    const StatisticsFile& statistics_;
    const TensorTypes& types_;
    const Rewriting* rewriting_;
    GgufWriter& writer_;
    const std::size_t n_threads_ = static_cast<std::size_t>(std::max(1, read_topology().usable_cores()));
    std::optional<std::size_t> loaded_;
    LayerStatistics moments_;
};

std::string_view part_name(const BlockPart& place) { return place.part.substr(0, place.part.find('.')); }

MatrixF picked_rows(const MatrixF& matrix, const std::vector<std::size_t>& rows) {
    MatrixF out(rows.size(), matrix.cols());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::copy_n(matrix.row(rows[i]).data(), matrix.cols(), out.row(i).data());
    }
    return out;
}

// A bias is one row of values: those of the rows that stay.
Result<void> StockWriter::copy_rows(const GgufTensor& tensor, const std::vector<std::size_t>& rows) {
    const bool is_bias = tensor.shape.size() == 1;
    const std::uint64_t each = is_bias ? tensor.bytes / tensor.elements : tensor.bytes / n_rows(tensor);
    std::vector<std::byte> all(tensor.bytes);
    if (auto read = source_.read_rows(tensor.name, 0, n_rows(tensor), all); !read) return read;
    std::vector<std::byte> kept(rows.size() * each);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::copy_n(all.data() + rows[i] * each, each, kept.data() + i * each);
    }
    return writer_.write(name_of(tensor), kept);
}

Result<const LayerStatistics*> StockWriter::moments(std::size_t layer) {
    if (loaded_ != layer) {
        auto read = statistics_.layer(layer);
        if (!read) return tl::unexpected(read.error());
        moments_ = std::move(*read);
        loaded_ = layer;
    }
    return &moments_;
}

// Columns that go are made up for by those that stay, and all is encoded under the moments of what goes in.
Result<void> StockWriter::remake(const GgufTensor& tensor, const BlockPart& place) {
    const auto known = moments(place.layer);
    if (!known) return tl::unexpected(known.error());
    const MatrixD* c = &((*known)->*input_of(part_name(place)));
    MatrixF weights(n_rows(tensor), static_cast<std::size_t>(tensor.shape.front()));
    if (auto read = source_.read(tensor.name, 0, weights.values()); !read) return read;
    MatrixD part;
    if (const auto columns = stock_columns(place, shape_, keep_); columns && columns->size() < weights.cols()) {
        auto solved = keep_columns(weights, *c, *columns, kRidge);
        if (!solved) return tl::unexpected(solved.error());
        weights = std::move(*solved);
        part = part_of(*c, *columns);
        c = &part;
    }
    if (const auto rows = rows_of(place)) weights = picked_rows(weights, *rows);
    const auto encoded = encode_matrix(types_(tensor), weights, *c, feedback_settings(part_name(place), n_threads_));
    if (encoded) return writer_.write(name_of(tensor), *encoded);
    return fail(encoded.error().kind, fmt::format("{} ({})", encoded.error().sentence, tensor.name),
                encoded.error().remedy);
}

Result<void> StockWriter::factorise(const GgufTensor& tensor, const BlockPart& place) {
    auto factors = rewriting_->solve(tensor);
    if (!factors) return tl::unexpected(factors.error());
    if (const auto rows = rows_of(place)) factors = reordered(*factors, *rows);
    const auto known = moments(place.layer);
    if (!known) return tl::unexpected(known.error());
    const MatrixD& c = (*known)->*input_of(part_name(place));
    const auto encoded =
        encode_factors(*factors, c, rewriting_->form(tensor), feedback_settings(part_name(place), n_threads_));
    if (!encoded) return tl::unexpected(encoded.error());
    const FactorNames names = factor_names(name_of(tensor));
    const std::span<const std::int32_t> pivots(encoded->pivots);
    auto written = writer_.write(names.r, encoded->r);
    if (written) written = writer_.write(names.t, encoded->t);
    return written ? writer_.write(names.pivots, std::as_bytes(pivots)) : written;
}

Result<void> StockWriter::rewrite(const GgufTensor& tensor, const BlockPart& place) {
    if (rewriting_->solve) return factorise(tensor, place);
    const auto made = rewriting_->make(tensor);
    if (!made) return tl::unexpected(made.error());
    const auto rows = rows_of(place);
    const MatrixF picked = rows ? picked_rows(*made, *rows) : MatrixF{};
    const MatrixF& values = rows ? picked : *made;
    const std::string type = types_(tensor);
    std::vector<std::byte> encoded(values.rows() * row_bytes(type, values.cols()));
    if (auto done = encode_rows(type, values.values(), values.cols(), {}, encoded); !done) return done;
    return writer_.write(name_of(tensor), encoded);
}

// The rows of a tensor that stay, where it has units as rows.
std::optional<std::vector<std::size_t>> StockWriter::rows_of(const BlockPart& place) const {
    const LayerKeep& stays = keep_[place.layer];
    const std::size_t head_dim = shape_.decoder.head_dim;
    const bool turned = reorders_rotation(shape_, keep_);
    const std::string_view part = part_name(place);
    if (part == "ffn_gate" || part == "ffn_up") return stays.neurons;
    if (part == "attn_v") return spread(stays.groups, head_dim);
    if (part == "attn_k") {
        auto rows = spread(stays.groups, head_dim);
        return turned ? pairs_side_by_side(rows, head_dim) : rows;
    }
    if (part == "attn_q") {
        auto rows = spread(stays.groups, shape_.group_columns(place.layer));
        return turned ? pairs_side_by_side(rows, head_dim) : rows;
    }
    return std::nullopt;
}

Result<void> StockWriter::write(const GgufTensor& tensor) {
    const auto place = block_part(tensor.name);
    if (!place || place->layer >= keep_.size()) return copy_tensor(source_, tensor, name_of(tensor), writer_);
    if (rewriting_ != nullptr && rewriting_->changes(tensor)) return rewrite(tensor, *place);
    const auto columns = stock_columns(*place, shape_, keep_);
    const bool narrows = columns && columns->size() < static_cast<std::size_t>(tensor.shape.front());
    if (narrows || types_(tensor) != tensor.type) return remake(tensor, *place);
    if (const auto rows = rows_of(*place); rows) {
        const bool all = rows->size() == (tensor.shape.size() == 1 ? tensor.elements : n_rows(tensor));
        if (!all || !std::is_sorted(rows->begin(), rows->end())) return copy_rows(tensor, *rows);
    }
    return copy_tensor(source_, tensor, name_of(tensor), writer_);
}

// Whether the columns that stay are solved for.
bool is_solved(const GgufTensor& tensor, const StockShape& shape, const std::vector<LayerKeep>& keep) {
    const auto place = block_part(tensor.name);
    if (!place || place->layer >= keep.size()) return false;
    const LayerKeep& stays = keep[place->layer];
    if (place->part == "ffn_down.weight") return stays.neurons.size() < shape.decoder.n_ff[place->layer];
    return place->part == "attn_output.weight" && stays.groups.size() < shape.decoder.n_head_kv[place->layer];
}

}  // namespace

Result<std::uint64_t> write_blocks(const WeightFile& source, const StockShape& shape,
                                   const std::vector<LayerKeep>& keep, const StatisticsFile& statistics,
                                   const GgufHeader& header, const TensorTypes& types, const std::filesystem::path& out,
                                   const WriteHooks& hooks, const Rewriting* rewriting) {
    if (auto fits = check_target(out, header.file_bytes(), true); !fits) return tl::unexpected(fits.error());
    auto writer = GgufWriter::create(out, header, true);
    if (!writer) return tl::unexpected(writer.error());
    StockWriter stock(source, shape, keep, statistics, types, rewriting, *writer);
    std::size_t n_done = 0;
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (hooks.abort && hooks.abort()) return fail(ErrorKind::Interrupted, "Writing was interrupted.", "");
        if (stock_tensor_shape(tensor, shape, keep).empty()) continue;
        if (auto written = stock.write(tensor); !written) return tl::unexpected(written.error());
        if (hooks.done) {
            hooks.done(static_cast<double>(++n_done) / static_cast<double>(source.summary().tensors.size()));
        }
    }
    if (auto finished = writer->finish(); !finished) return tl::unexpected(finished.error());
    return header.file_bytes();
}

Result<std::uint64_t> write_stock(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep,
                                  const StatisticsFile& statistics, const Making& making,
                                  const std::filesystem::path& out, const std::function<bool()>& abort,
                                  const std::function<void(double)>& done, const Rewriting* rewriting) {
    const TensorTypes types = [&](const GgufTensor& tensor) {
        const bool made =
            rewriting != nullptr && !rewriting->solve && (rewriting->changes(tensor) || is_solved(tensor, shape, keep));
        if (made) return rewriting->type;
        std::string own = rewriting != nullptr && rewriting->type_of ? rewriting->type_of(tensor) : std::string();
        return own.empty() ? stock_tensor_type(tensor, shape, keep) : own;
    };
    const auto header =
        stock_header(source, shape, keep, making, types, rewriting != nullptr ? rewriting->form : TensorFactors{});
    if (!header) return tl::unexpected(header.error());
    return write_blocks(source, shape, keep, statistics, *header, types, out, {abort, done}, rewriting);
}

}  // namespace landauer
