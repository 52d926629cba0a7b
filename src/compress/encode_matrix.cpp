#include "compress/encode_matrix.h"

#include "gguf/weights.h"

namespace landauer {
namespace {

std::vector<float> importance_of(const MatrixD& c) {
    std::vector<float> importance;
    bool any = false;
    for (std::size_t i = 0; i < c.rows(); ++i) {
        importance.push_back(static_cast<float>(c(i, i)));
        any = any || c(i, i) > 0.0;
    }
    return any ? importance : std::vector<float>{};
}

}  // namespace

Result<std::vector<std::byte>> encode_matrix(const std::string& type, const MatrixF& weights, const MatrixD& c,
                                             const FeedbackSettings& settings) {
    const std::vector<float> importance = importance_of(c);
    if (feeds_back(type, weights.cols()) && !importance.empty()) {
        const auto done = quantise_fed_back(type, weights, c, settings);
        if (!done) return tl::unexpected(done.error());
        return packed(done->matrix);
    }
    std::vector<std::byte> bytes(weights.rows() * row_bytes(type, weights.cols()));
    if (auto done = encode_rows(type, weights.values(), weights.cols(), importance, bytes); !done) {
        return tl::unexpected(done.error());
    }
    return bytes;
}

MatrixD part_of(const MatrixD& symmetric, const std::vector<std::size_t>& picked) {
    MatrixD part(picked.size(), picked.size());
    for (std::size_t i = 0; i < picked.size(); ++i) {
        for (std::size_t j = 0; j < picked.size(); ++j) part(i, j) = symmetric(picked[i], picked[j]);
    }
    return part;
}

}  // namespace landauer
