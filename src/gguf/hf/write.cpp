#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ggml.h"
#include "gguf/hf/import.h"
#include "gguf/types.h"
#include "gguf/weights.h"
#include "gguf/writer.h"

namespace landauer {
namespace {

constexpr std::uint64_t kPieceBytes = 1U << 20U;

// How a tensor is read: rows in pieces, whole heads where their rows change places.
struct Piece {
    std::uint64_t columns = 0;
    std::uint64_t row_bytes = 0;  // in the folder
    std::uint64_t n_rows = 0;     // of the tensor
    std::uint64_t rows = 0;       // of a piece
};

Piece piece_of(const ImportTensor& tensor) {
    Piece piece;
    const auto& shape = tensor.spec.shape;
    const bool is_vector = shape.size() == 1;
    // A vector's values are the rows of its heads.
    piece.columns = is_vector ? 1 : static_cast<std::uint64_t>(shape[0]);
    piece.n_rows = static_cast<std::uint64_t>(shape[is_vector ? 0 : 1]);
    piece.row_bytes = piece.columns * safetensors_bits(tensor.source_type) / 8;
    piece.rows = std::clamp<std::uint64_t>(kPieceBytes / piece.row_bytes, 1, piece.n_rows);
    if (tensor.pair_heads > 0) piece.rows = piece.n_rows / static_cast<std::uint64_t>(tensor.pair_heads);
    return piece;
}

// Row i of a head's first half and row i of its second become neighbours.
void pair_rows(std::span<std::byte> head, std::uint64_t row_bytes, std::vector<std::byte>& scratch) {
    scratch.assign(head.begin(), head.end());
    const std::uint64_t half = head.size() / row_bytes / 2;
    for (std::uint64_t i = 0; i < half; ++i) {
        std::memcpy(&head[2 * i * row_bytes], &scratch[i * row_bytes], row_bytes);
        std::memcpy(&head[(2 * i + 1) * row_bytes], &scratch[(half + i) * row_bytes], row_bytes);
    }
}

void to_floats(const std::string& type, std::span<const std::byte> stored, std::vector<float>& values) {
    values.resize(stored.size() * 8 / safetensors_bits(type));
    const auto n = static_cast<std::int64_t>(values.size());
    if (type == "F32") {
        std::memcpy(values.data(), stored.data(), stored.size());
    } else {
        ggml_get_type_traits(type == "F16" ? GGML_TYPE_F16 : GGML_TYPE_BF16)->to_float(stored.data(), values.data(), n);
    }
}

class Importer {
   public:
    Importer(const ImportPlan& plan, GgufWriter& writer, const ImportProgress& progress)
        : plan_(plan), writer_(writer), progress_(progress) {}

    Result<void> write(const ImportTensor& tensor);

   private:
    Result<void> write_piece(const ImportTensor& tensor, const Piece& piece, std::uint64_t first_row,
                             std::span<const std::byte> stored);
    [[nodiscard]] Result<void> check_values(const ImportTensor& tensor, std::uint64_t first) const;
    Result<void> tell();

    const ImportPlan& plan_;
    GgufWriter& writer_;
    const ImportProgress& progress_;
    std::vector<std::byte> stored_;
    std::vector<std::byte> scratch_;
    std::vector<std::byte> encoded_;
    std::vector<float> values_;
};

Result<void> Importer::check_values(const ImportTensor& tensor, std::uint64_t first) const {
    // Halves end at 65504; what rounds to them is still one.
    const float most = tensor.spec.type == "f16" || tensor.spec.type == "q8_0" ? 65519.0F : 3.4028235e38F;
    const auto bad =
        std::find_if(values_.begin(), values_.end(), [&](float value) { return !(std::fabs(value) <= most); });
    if (bad == values_.end()) return {};
    const auto at = first + static_cast<std::uint64_t>(bad - values_.begin());
    const bool is_number = std::isfinite(*bad);
    return fail(ErrorKind::Invalid,
                fmt::format("Value {} of {} is {}{}.", at, tensor.source, *bad,
                            is_number ? ", too large for " + tensor.spec.type : ""),
                is_number ? "Import it in BF16 or F32." : "The weights are damaged: download the folder again.");
}

Result<void> Importer::tell() {
    if (!progress_ || progress_(writer_.bytes_written())) return {};
    return fail(ErrorKind::Interrupted, "Importing was interrupted; nothing was written.", "");
}

Result<void> Importer::write_piece(const ImportTensor& tensor, const Piece& piece, std::uint64_t first_row,
                                   std::span<const std::byte> stored) {
    to_floats(tensor.source_type, stored, values_);
    if (auto good = check_values(tensor, first_row * piece.columns); !good) return good;
    // The same type: the very bytes.
    const bool is_same = (tensor.source_type == "F32" && tensor.spec.type == "f32") ||
                         (tensor.source_type == "F16" && tensor.spec.type == "f16") ||
                         (tensor.source_type == "BF16" && tensor.spec.type == "bf16");
    if (is_same) return writer_.write(tensor.spec.name, stored);
    const std::uint64_t n_rows = values_.size() / piece.columns;
    encoded_.resize(n_rows * row_bytes(tensor.spec.type, piece.columns));
    if (auto good = encode_rows(tensor.spec.type, values_, piece.columns, {}, encoded_); !good) return good;
    return writer_.write(tensor.spec.name, encoded_);
}

Result<void> Importer::write(const ImportTensor& tensor) {
    if (tensor.source.empty()) return writer_.write(tensor.spec.name, std::as_bytes(std::span(tensor.values)));
    const Piece piece = piece_of(tensor);
    for (std::uint64_t row = 0; row < piece.n_rows; row += piece.rows) {
        stored_.resize(std::min(piece.rows, piece.n_rows - row) * piece.row_bytes);
        if (auto good = plan_.weights.read(tensor.source, row * piece.row_bytes, stored_); !good) return good;
        if (tensor.pair_heads > 0) pair_rows(stored_, piece.row_bytes, scratch_);
        if (auto good = write_piece(tensor, piece, row, stored_); !good) return good;
        if (auto good = tell(); !good) return good;
    }
    return {};
}

}  // namespace

Result<void> write_import(const ImportPlan& plan, const std::filesystem::path& file, bool replace,
                          const ImportProgress& progress) {
    auto writer = GgufWriter::create(file, plan.header, replace);
    if (!writer) return tl::unexpected(writer.error());
    Importer importer(plan, *writer, progress);
    for (const ImportTensor& tensor : plan.tensors) {
        if (auto good = importer.write(tensor); !good) return good;
    }
    return writer->finish();
}

}  // namespace landauer
