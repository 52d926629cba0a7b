#include "compress/factor_losses.h"

#include <algorithm>
#include <set>

#include "compress/encode_matrix.h"
#include "compress/factor_encode.h"
#include "compress/methods/low_rank.h"
#include "compress/part_metric.h"

namespace landauer {
namespace {

constexpr std::array kShares = {0.25, 0.5, 0.75, 1.0};  // of full rank
constexpr std::size_t kStep = 32;                       // that a rank is a multiple of

std::vector<std::size_t> ranks_of(const MatrixF& weights) {
    const std::size_t full = std::min(weights.rows(), weights.cols());
    const std::size_t step = full > 2 * kStep ? kStep : 8;
    std::set<std::size_t> ranks;
    for (const double share : kShares) {
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(full)) / step * step;
        if (rank > 0) ranks.insert(rank == full && rank > step ? rank - step : rank);
    }
    return {ranks.begin(), ranks.end()};
}

// The matrix that the stored factors make.
Result<MatrixF> as_stored(const PivotedFactors& factors, const EncodedFactors& encoded, const FactorForm& form) {
    PivotedFactors stored = factors;
    if (auto read = decode_rows(form.r_type, encoded.r, stored.r.cols(), stored.r.values()); !read) {
        return tl::unexpected(read.error());
    }
    if (auto read = decode_rows(form.t_type, encoded.t, stored.t.cols(), stored.t.values()); !read) {
        return tl::unexpected(read.error());
    }
    return expand(stored);
}

Result<double> extra_of(const PartMetric& metric, const PivotedFactors& factors, const std::string& type,
                        const FeedbackSettings& settings) {
    const FactorForm form = factor_form(factors.rank(), metric.weights.cols(), type);
    const auto encoded = encode_factors(factors, *metric.c, form, settings);
    if (!encoded) return tl::unexpected(encoded.error());
    const auto stored = as_stored(factors, *encoded, form);
    if (!stored) return tl::unexpected(stored.error());
    const double whole = loss_of(metric.weights, *stored, *metric.c, *metric.g);
    return std::max(0.0, whole - loss_of(metric.weights, expand(factors), *metric.c, *metric.g));
}

Result<FactorLoss> part_loss(const PartMetric& metric, const std::string& type, const FeedbackSettings& settings) {
    FactorLoss loss;
    loss.ranks = ranks_of(metric.weights);
    if (loss.ranks.empty()) return loss;
    const auto factors = truncate_all(metric.weights, *metric.c, *metric.g, loss.ranks, {});
    if (!factors) return tl::unexpected(factors.error());
    for (const PivotedFactors& own : *factors) {
        const auto extra = extra_of(metric, own, type, settings);
        if (!extra) return tl::unexpected(extra.error());
        loss.extra.push_back(*extra);
    }
    return loss;
}

}  // namespace

double FactorLoss::at(std::size_t rank) const {
    if (ranks.empty()) return 0.0;
    const auto right = std::ranges::lower_bound(ranks, rank);
    if (right == ranks.end()) return extra.back();
    const auto i = static_cast<std::size_t>(right - ranks.begin());
    if (i == 0 || *right == rank) return extra[i];
    const double share = static_cast<double>(rank - ranks[i - 1]) / static_cast<double>(ranks[i] - ranks[i - 1]);
    return extra[i - 1] + share * (extra[i] - extra[i - 1]);
}

Result<std::vector<PartLosses>> factor_losses(const WeightFile& file, const StockShape& shape,
                                              const StatisticsFile& statistics, const std::string& type,
                                              std::size_t n_threads, const std::function<bool()>& abort,
                                              const std::function<void(double)>& done) {
    std::vector<PartLosses> out(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < out.size(); ++layer) {
        const auto moments = statistics.layer(layer);
        if (!moments) return tl::unexpected(moments.error());
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            if (abort && abort()) return fail(ErrorKind::Interrupted, "Trying factors was interrupted.", "");
            const auto metric = part_metric(file, statistics.info(), *moments, layer, part);
            if (!metric) return tl::unexpected(metric.error());
            if (metric->weights.empty()) continue;
            auto loss = part_loss(*metric, type, feedback_settings(kFactorParts[part], n_threads));
            if (!loss) return tl::unexpected(loss.error());
            out[layer][part] = std::move(*loss);
        }
        if (done) done(static_cast<double>(layer + 1) / static_cast<double>(out.size()));
    }
    return out;
}

}  // namespace landauer
