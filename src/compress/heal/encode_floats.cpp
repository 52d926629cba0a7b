#include "compress/heal/encode_floats.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "compress/copy_tensor.h"
#include "compress/encode_matrix.h"
#include "compress/factor_encode.h"
#include "compress/moments.h"
#include "gguf/factor_format.h"
#include "gguf/writer.h"
#include "platform/topology.h"

namespace landauer {
namespace {

// By the names of R and T what becomes of them.
using Forms = std::map<std::string, std::string>;

Forms forms_of(const std::vector<FactorMatrix>& matrices, const std::string& type) {
    Forms forms;
    for (const FactorMatrix& matrix : matrices) {
        const FactorForm form = factor_form(matrix.rank, matrix.cols, type);
        forms[matrix.r.name] = form.r_type;
        forms[matrix.t.name] = form.t_type;
    }
    return forms;
}

Result<GgufHeader> header_of(const WeightFile& floats, const Forms& forms) {
    auto header = GgufHeader::with_metadata_of(floats.summary().path);
    if (!header) return header;
    for (const auto& [key, value] : floats.summary().metadata) {
        if (key.starts_with("landauer.heal.")) header->remove(key);
    }
    for (const GgufTensor& tensor : floats.summary().tensors) {
        const auto form = forms.find(tensor.name);
        const std::string& type = form == forms.end() ? tensor.type : form->second;
        if (auto added = header->add_tensor({tensor.name, type, tensor.shape}); !added) {
            return tl::unexpected(added.error());
        }
    }
    return header;
}

class Encoder {
   public:
    Encoder(const WeightFile& floats, const StatisticsFile& moments, const std::string& type, GgufWriter& writer)
        : floats_(floats), moments_(moments), type_(type), writer_(writer) {}

    // All three tensors.
    Result<void> write(const FactorMatrix& matrix) {
        const auto factors = read(matrix);
        if (!factors) return tl::unexpected(factors.error());
        const auto place = block_part(matrix.name);
        if (!place) return fail(ErrorKind::Invalid, matrix.name + " is no matrix of a block.", "Make the file again.");
        if (loaded_ != place->layer) {
            auto layer = moments_.layer(place->layer);
            if (!layer) return tl::unexpected(layer.error());
            layer_ = std::move(*layer);
            loaded_ = place->layer;
        }
        const std::string_view part = place->part.substr(0, place->part.find('.'));
        const auto encoded =
            encode_factors(*factors, layer_.*input_of(part), factor_form(matrix.rank, matrix.cols, type_),
                           feedback_settings(part, n_threads_));
        if (!encoded) return tl::unexpected(encoded.error());
        const std::span<const std::int32_t> pivots(encoded->pivots);
        auto written = writer_.write(matrix.r.name, encoded->r);
        if (written) written = writer_.write(matrix.t.name, encoded->t);
        return written ? writer_.write(matrix.pivots.name, std::as_bytes(pivots)) : written;
    }

   private:
    [[nodiscard]] Result<PivotedFactors> read(const FactorMatrix& matrix) const {
        const auto rows = factor_rows(floats_, matrix);
        if (!rows) return tl::unexpected(rows.error());
        PivotedFactors factors;
        for (std::size_t i = 0; i < matrix.rank; ++i) factors.pivots.push_back(static_cast<std::size_t>((*rows)[i]));
        factors.r = MatrixF(matrix.rank, matrix.cols);
        factors.t = MatrixF(matrix.rows - matrix.rank, matrix.rank);
        if (auto r = floats_.read(matrix.r.name, 0, factors.r.values()); !r) return tl::unexpected(r.error());
        if (auto t = floats_.read(matrix.t.name, 0, factors.t.values()); !t) return tl::unexpected(t.error());
        return factors;
    }

    const WeightFile& floats_;
    const StatisticsFile& moments_;
    const std::string& type_;
    GgufWriter& writer_;
    const std::size_t n_threads_ = static_cast<std::size_t>(std::max(1, read_topology().usable_cores()));
    std::optional<std::size_t> loaded_;
    LayerStatistics layer_;
};

}  // namespace

Result<std::uint64_t> encode_floats(const WeightFile& floats, const StatisticsFile& moments, const std::string& type,
                                    const std::filesystem::path& out, const WriteHooks& hooks) {
    const auto matrices = factor_matrices(floats.summary());
    if (!matrices) return tl::unexpected(matrices.error());
    const Forms forms = forms_of(*matrices, type);
    const auto header = header_of(floats, forms);
    if (!header) return tl::unexpected(header.error());
    if (auto fits = check_target(out, header->file_bytes(), true); !fits) return tl::unexpected(fits.error());
    auto writer = GgufWriter::create(out, *header, true);
    if (!writer) return tl::unexpected(writer.error());
    std::map<std::string_view, const FactorMatrix*> by_r;
    for (const FactorMatrix& matrix : *matrices) by_r[matrix.r.name] = &matrix;
    Encoder encoder(floats, moments, type, *writer);
    const auto& tensors = floats.summary().tensors;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (hooks.abort && hooks.abort()) return fail(ErrorKind::Interrupted, "Encoding was interrupted.", "");
        const GgufTensor& tensor = tensors[i];
        const auto matrix = by_r.find(tensor.name);
        const bool goes_with_r = forms.contains(tensor.name) || tensor.name.ends_with(".factor_pivots");
        Result<void> written;
        if (matrix != by_r.end()) {
            written = encoder.write(*matrix->second);
        } else if (!goes_with_r) {
            written = copy_tensor(floats, tensor, tensor.name, *writer);
        }
        if (!written) return tl::unexpected(written.error());
        if (hooks.done) hooks.done(static_cast<double>(i + 1) / static_cast<double>(tensors.size()));
    }
    if (auto finished = writer->finish(); !finished) return tl::unexpected(finished.error());
    return header->file_bytes();
}

}  // namespace landauer
