#include "compress/encode_matrix.h"

#include <utility>

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

// Values are read through attention, which rests on the few positions that are unlike all others: what foretells an
// input elsewhere says little about it. On SmolLM2's v in Q4_0 the divergence falls from
// 0.108 without shrinkage to 0.033 with 0.1 and 0.022 with 0.6.
constexpr double kShrinkageOfValues = 0.6;

}  // namespace

FeedbackSettings feedback_settings(std::string_view part, std::size_t n_threads) {
    FeedbackSettings settings;
    settings.n_threads = n_threads;
    if (part == "attn_v") settings.shrinkage = kShrinkageOfValues;
    return settings;
}

Result<std::vector<std::byte>> encode_matrix(const std::string& type, const MatrixF& weights, const MatrixD& c,
                                             const FeedbackSettings& settings) {
    const std::vector<float> importance = importance_of(c);
    if (feeds_back(type, weights.cols()) && !importance.empty()) {
        auto done = quantise_fed_back(type, weights, c, settings);
        if (!done) return tl::unexpected(done.error());
        return std::move(done->bytes);
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
