// What each size of the model is predicted to lose.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compress/pipeline.h"
#include "gguf/weights.h"

namespace landauer {

struct SizePoint {
    double removed = 0.0;                     // of what the blocks cost on the profile's axis
    double loss = 0.0;                        // nats a token, predicted
    std::optional<std::uint64_t> file_bytes;  // of stock shapes
};

// From nothing removed, in steps of that share, as far as can go.
[[nodiscard]] std::vector<SizePoint> size_curve(const WeightFile& source, const Profile& profile, CompressFormat format,
                                                double step);

// Bytes of the source's tensors when only that is kept.
[[nodiscard]] std::uint64_t kept_bytes(const WeightFile& source, const StockShape& shape,
                                       const std::vector<LayerKeep>& keep);

}  // namespace landauer
