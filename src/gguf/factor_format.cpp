#include "gguf/factor_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <span>
#include <string_view>
#include <utility>

namespace landauer {
namespace {

constexpr std::string_view kMatrix = ".weight";
constexpr std::string_view kR = ".factor_r";
constexpr std::string_view kT = ".factor_t";
constexpr std::string_view kPivots = ".factor_pivots";

tl::unexpected<Error> damaged(const GgufSummary& file, const std::string& what) {
    return fail(ErrorKind::Invalid, fmt::format("{} is no sound file of factors: {}.", file.path.string(), what),
                "Make it again (landauer compress --format factors), or fetch it again.");
}

std::string stem_of(const std::string& tensor, std::string_view ending) {
    return tensor.ends_with(ending) ? tensor.substr(0, tensor.size() - ending.size()) : std::string{};
}

std::uint64_t number_of(const GgufSummary& file, const char* key) {
    std::uint64_t number = 0;
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) return 0;
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string shape_words(const GgufTensor& tensor) { return fmt::format("[{}]", fmt::join(tensor.shape, ", ")); }

bool is_matrix(const GgufTensor& tensor) { return tensor.shape.size() == 2; }

// A matrix of one row is listed without its second dimension.
GgufTensor as_matrix(GgufTensor tensor) {
    if (tensor.shape.size() == 1) tensor.shape.push_back(1);
    return tensor;
}

Result<void> check_shapes(const GgufSummary& file, const FactorMatrix& matrix) {
    const auto wrong = [&](const std::string& what) { return damaged(file, fmt::format("{} {}", matrix.name, what)); };
    if (!is_matrix(matrix.r) || !is_matrix(matrix.t)) return wrong("has a factor that is no matrix");
    if (matrix.t.shape[0] != matrix.r.shape[1]) {
        return wrong(fmt::format("has factors that do not belong together: {} and {}", shape_words(matrix.r),
                                 shape_words(matrix.t)));
    }
    if (matrix.rank == 0) return wrong("has rank 0");
    if (matrix.pivots.elements != matrix.rank) {
        return wrong(fmt::format("has {} pivots for a rank of {}", matrix.pivots.elements, matrix.rank));
    }
    if (matrix.rank >= std::min(matrix.rows, matrix.cols)) {
        return wrong(fmt::format("has rank {}, which is not below the full one of {}", matrix.rank,
                                 std::min(matrix.rows, matrix.cols)));
    }
    if (matrix.pivots.type != "i32" || matrix.pivots.shape.size() != 1) {
        return wrong("has pivots that are no list of i32");
    }
    return {};
}

}  // namespace

FactorNames factor_names(const std::string& matrix) {
    const std::string stem = stem_of(matrix, kMatrix);
    return {stem + std::string(kR), stem + std::string(kT), stem + std::string(kPivots)};
}

bool has_factors(const GgufSummary& file) { return file.metadata.contains(kFactorsKey); }

Result<std::vector<FactorMatrix>> factor_matrices(const GgufSummary& file) {
    const std::uint64_t version = number_of(file, kFactorsKey);
    if (version != kFactorsVersion) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} holds factors of version {}; this landauer reads version {}.", file.path.string(),
                                version, kFactorsVersion),
                    "Update landauer, or make the file again with this one.");
    }
    if (file.n_parts > 1) return damaged(file, "it is split into parts");
    std::map<std::string_view, const GgufTensor*> by_name;
    for (const GgufTensor& tensor : file.tensors) by_name[tensor.name] = &tensor;
    std::vector<FactorMatrix> matrices;
    std::size_t n_factors = 0;
    for (const GgufTensor& tensor : file.tensors) {
        n_factors += tensor.name.find(".factor_") != std::string::npos ? 1 : 0;
        const std::string stem = stem_of(tensor.name, kR);
        if (stem.empty()) continue;
        FactorMatrix matrix;
        matrix.name = stem + std::string(kMatrix);
        if (by_name.contains(matrix.name)) return damaged(file, matrix.name + " is there whole and as factors");
        const FactorNames names = factor_names(matrix.name);
        for (const std::string* partner : {&names.t, &names.pivots}) {
            if (!by_name.contains(*partner)) return damaged(file, *partner + " is missing");
        }
        matrix.r = as_matrix(tensor);
        matrix.t = as_matrix(*by_name[names.t]);
        matrix.pivots = *by_name[names.pivots];
        if (is_matrix(matrix.r) && is_matrix(matrix.t)) {
            matrix.rank = static_cast<std::size_t>(matrix.r.shape[1]);
            matrix.cols = static_cast<std::size_t>(matrix.r.shape[0]);
            matrix.rows = matrix.rank + static_cast<std::size_t>(matrix.t.shape[1]);
        }
        if (auto good = check_shapes(file, matrix); !good) return tl::unexpected(good.error());
        matrices.push_back(std::move(matrix));
    }
    if (n_factors != 3 * matrices.size() || matrices.size() != number_of(file, kFactorsCountKey)) {
        return damaged(file, fmt::format("it says that it has {} matrices as factors, and {} tensors of such are there",
                                         number_of(file, kFactorsCountKey), n_factors));
    }
    return matrices;
}

Result<std::vector<std::int32_t>> factor_rows(const WeightFile& file, const FactorMatrix& matrix) {
    std::vector<std::int32_t> rows(matrix.rank);
    const std::span<std::int32_t> all(rows);
    if (auto read = file.read_rows(matrix.pivots.name, 0, 1, std::as_writable_bytes(all)); !read) {
        return tl::unexpected(read.error());
    }
    std::vector<bool> taken(matrix.rows, false);
    for (const std::int32_t row : rows) {
        if (row < 0 || static_cast<std::size_t>(row) >= matrix.rows || taken[static_cast<std::size_t>(row)]) {
            return damaged(file.summary(),
                           fmt::format("{} names row {} as a pivot, which is {}", matrix.pivots.name, row,
                                       row < 0 || static_cast<std::size_t>(row) >= matrix.rows ? "none of its rows"
                                                                                               : "one already"));
        }
        taken[static_cast<std::size_t>(row)] = true;
    }
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        if (!taken[row]) rows.push_back(static_cast<std::int32_t>(row));
    }
    return rows;
}

}  // namespace landauer
