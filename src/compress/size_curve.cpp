#include "compress/size_curve.h"

#include "compress/stock_header.h"

namespace landauer {
namespace {

std::optional<SizePoint> point_at(const WeightFile& source, const Profile& profile, CompressFormat format,
                                  double remove) {
    if (format == CompressFormat::Factors) {
        const auto choice = choose_factors(profile, remove);
        if (!choice) return std::nullopt;
        return SizePoint{choice->removed, choice->allocation.loss, std::nullopt};
    }
    const auto choice = choose_stock(profile, remove);
    if (!choice) return std::nullopt;
    const std::uint64_t gone = source.summary().tensor_bytes - kept_bytes(source, profile.shape, choice->keep);
    return SizePoint{choice->removed, choice->allocation.loss, source.summary().file_bytes - gone};
}

}  // namespace

std::uint64_t kept_bytes(const WeightFile& source, const StockShape& shape, const std::vector<LayerKeep>& keep) {
    std::uint64_t bytes = 0;
    for (const GgufTensor& tensor : source.summary().tensors) {
        const std::vector<std::int64_t> kept = stock_tensor_shape(tensor, shape, keep);
        if (kept.empty()) continue;
        std::uint64_t n_rows = 1;
        for (std::size_t i = 1; i < kept.size(); ++i) n_rows *= static_cast<std::uint64_t>(kept[i]);
        bytes += n_rows * row_bytes(stock_tensor_type(tensor, shape, keep), static_cast<std::uint64_t>(kept.front()));
    }
    return bytes;
}

std::vector<SizePoint> size_curve(const WeightFile& source, const Profile& profile, CompressFormat format,
                                  double step) {
    std::vector<SizePoint> points;
    for (int i = 0;; ++i) {
        const double remove = step * i;
        const auto point = remove < 1.0 ? point_at(source, profile, format, remove) : std::nullopt;
        if (!point) return points;
        points.push_back(*point);
    }
}

}  // namespace landauer
