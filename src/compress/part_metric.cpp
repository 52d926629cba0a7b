#include "compress/part_metric.h"

#include <array>

#include "compress/moments.h"
#include "compress/stock_shape.h"

namespace landauer {
namespace {

const MatrixD& gradients_of(const LayerStatistics& moments, std::size_t part) {
    const std::array<const MatrixD*, kFactorParts.size()> all = {
        &moments.grad_q,    &moments.grad_k,  &moments.grad_v,   &moments.grad_o,
        &moments.grad_gate, &moments.grad_up, &moments.grad_down};
    return *all[part];
}

}  // namespace

Result<PartMetric> part_metric(const WeightFile& file, const StatisticsInfo& info, const LayerStatistics& moments,
                               std::size_t layer, std::size_t part) {
    const std::string name = block_tensor(layer, kFactorParts[part]);
    const GgufTensor* tensor = file.find(name);
    if (tensor == nullptr) return PartMetric{};
    if (!info.all_gradients) {
        return fail(ErrorKind::Invalid,
                    "These statistics have the gradients that stock shapes need, not of all matrices.",
                    "Leave --statistics out: they are collected anew.");
    }
    const auto cols = static_cast<std::size_t>(tensor->shape.front());
    PartMetric out{MatrixF(tensor->elements / cols, cols), &(moments.*input_of(kFactorParts[part])),
                   &gradients_of(moments, part)};
    if (auto read = file.read(name, 0, out.weights.values()); !read) return tl::unexpected(read.error());
    return out;
}

}  // namespace landauer
