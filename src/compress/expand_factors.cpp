#include "compress/expand_factors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "compress/copy_tensor.h"
#include "gguf/factor_format.h"
#include "gguf/writer.h"
#include "tensor/matrix.h"
#include "tensor/products.h"

namespace landauer {
namespace {

constexpr std::string_view kFactorKeys = "landauer.factors.";
constexpr std::size_t kRowsAtOnce = 256;  // of the product: a few megabytes, and enough for BLAS to be quick
constexpr std::size_t kMadeByT = std::numeric_limits<std::size_t>::max();  // no row of R
constexpr float kLargestHalf = 65504.0F;

// By the name of their R, whose place the product takes, and of the two others, which have none.
struct Places {
    std::map<std::string, const FactorMatrix*> products;
    std::map<std::string, const FactorMatrix*> partners;
};

Places places_of(const std::vector<FactorMatrix>& matrices) {
    Places places;
    for (const FactorMatrix& matrix : matrices) {
        places.products[matrix.r.name] = &matrix;
        places.partners[matrix.t.name] = places.partners[matrix.pivots.name] = &matrix;
    }
    return places;
}

Result<GgufHeader> dense_header(const WeightFile& source, const Places& places, const std::string& type) {
    auto header = GgufHeader::with_metadata_of(source.summary().path);
    if (!header) return header;
    for (const auto& [key, text] : source.summary().metadata) {
        if (key.starts_with(kFactorKeys)) header->remove(key);
    }
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (places.partners.contains(tensor.name)) continue;
        GgufTensorSpec spec{tensor.name, tensor.type, tensor.shape};
        if (const auto found = places.products.find(tensor.name); found != places.products.end()) {
            const FactorMatrix& matrix = *found->second;
            spec = {matrix.name, type, {}};
            spec.shape = {static_cast<std::int64_t>(matrix.cols), static_cast<std::int64_t>(matrix.rows)};
        }
        if (auto added = header->add_tensor(spec); !added) return tl::unexpected(added.error());
    }
    return header;
}

Result<void> check_halves(const FactorMatrix& matrix, const MatrixF& values) {
    for (const float value : values.values()) {
        if (std::abs(value) <= kLargestHalf) continue;
        return fail(ErrorKind::Invalid,
                    fmt::format("{} has a value of {:g}, which f16 cannot hold.", matrix.name, value),
                    "Store the product as floats: --expand-type f32.");
    }
    return {};
}

// Rows of W in their order, some at a time: pivots come from R, and the others, being ascending, take T's rows one
// after the other.
class ProductWriter {
   public:
    ProductWriter(const WeightFile& source, const FactorMatrix& matrix, const std::string& type, GgufWriter& writer)
        : source_(source), matrix_(matrix), type_(type), writer_(writer), r_(matrix.rank, matrix.cols) {}

    Result<void> write() {
        const auto order = factor_rows(source_, matrix_);
        if (!order) return tl::unexpected(order.error());
        r_row_.assign(matrix_.rows, kMadeByT);
        for (std::size_t i = 0; i < matrix_.rank; ++i) r_row_[static_cast<std::size_t>((*order)[i])] = i;
        if (auto read = source_.read(matrix_.r.name, 0, r_.values()); !read) return read;
        for (std::size_t first = 0; first < matrix_.rows; first += kRowsAtOnce) {
            if (auto written = write_rows(first, std::min(kRowsAtOnce, matrix_.rows - first)); !written) return written;
        }
        return {};
    }

   private:
    Result<void> write_rows(std::size_t first, std::size_t n) {
        const auto rows = std::span(r_row_).subspan(first, n);
        const auto n_made = static_cast<std::size_t>(
            std::count_if(rows.begin(), rows.end(), [](std::size_t row) { return row == kMadeByT; }));
        const auto made = next_products(n_made);
        if (!made) return tl::unexpected(made.error());
        MatrixF values(n, matrix_.cols);
        std::size_t taken = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const auto from = rows[i] == kMadeByT ? made->row(taken++) : r_.row(rows[i]);
            std::copy(from.begin(), from.end(), values.row(i).begin());
        }
        if (type_ == "f16") {
            if (auto fits = check_halves(matrix_, values); !fits) return fits;
        }
        std::vector<std::byte> encoded(n * row_bytes(type_, matrix_.cols));
        if (auto done = encode_rows(type_, values.values(), matrix_.cols, {}, encoded); !done) return done;
        return writer_.write(matrix_.name, encoded);
    }

    // The next n rows of T R.
    Result<MatrixF> next_products(std::size_t n) {
        MatrixF made(n, matrix_.cols);
        if (n == 0) return made;
        MatrixF t(n, matrix_.rank);
        if (auto read = source_.read(matrix_.t.name, n_made_ * matrix_.rank, t.values()); !read) {
            return tl::unexpected(read.error());
        }
        multiply(t, Turn::No, r_, Turn::No, made);
        n_made_ += n;
        return made;
    }

    const WeightFile& source_;
    const FactorMatrix& matrix_;
    const std::string& type_;
    GgufWriter& writer_;
    MatrixF r_;
    std::vector<std::size_t> r_row_;  // by row of W
    std::size_t n_made_ = 0;
};

Result<void> write_all(const WeightFile& source, const Places& places, const Expanding& how, GgufWriter& writer) {
    const auto& tensors = source.summary().tensors;
    std::size_t n_done = 0;
    for (const GgufTensor& tensor : tensors) {
        if (how.abort && how.abort()) return fail(ErrorKind::Interrupted, "Writing was interrupted.", "");
        if (how.done) how.done(static_cast<double>(n_done++) / static_cast<double>(tensors.size()));
        if (places.partners.contains(tensor.name)) continue;
        const auto product = places.products.find(tensor.name);
        auto written = product == places.products.end()
                           ? copy_tensor(source, tensor, tensor.name, writer)
                           : ProductWriter(source, *product->second, how.type, writer).write();
        if (!written) return written;
    }
    return writer.finish();
}

}  // namespace

Result<std::uint64_t> expand_factors(const WeightFile& source, const Expanding& how, const std::filesystem::path& out) {
    if (!has_factors(source.summary())) {
        return fail(ErrorKind::Invalid, fmt::format("{} holds no factors.", source.summary().path.string()),
                    "Give a file that landauer compress --format factors made.");
    }
    const auto matrices = factor_matrices(source.summary());
    if (!matrices) return tl::unexpected(matrices.error());
    for (const FactorMatrix& matrix : *matrices) {  // before anything is written
        if (const auto rows = factor_rows(source, matrix); !rows) return tl::unexpected(rows.error());
    }
    const Places places = places_of(*matrices);
    const auto header = dense_header(source, places, how.type);
    if (!header) return tl::unexpected(header.error());
    if (auto fits = check_target(out, header->file_bytes(), how.replace); !fits) return tl::unexpected(fits.error());
    auto writer = GgufWriter::create(out, *header, how.replace);
    if (!writer) return tl::unexpected(writer.error());
    if (auto written = write_all(source, places, how, *writer); !written) return tl::unexpected(written.error());
    return header->file_bytes();
}

}  // namespace landauer
