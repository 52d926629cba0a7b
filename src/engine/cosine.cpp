#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/embedder.h"

namespace landauer {

double cosine(std::span<const float> a, std::span<const float> b) {
    double ab = 0.0;
    double aa = 0.0;
    double bb = 0.0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        ab += double{a[i]} * double{b[i]};
        aa += double{a[i]} * double{a[i]};
        bb += double{b[i]} * double{b[i]};
    }
    const double lengths = std::sqrt(aa * bb);
    return lengths > 0.0 ? std::clamp(ab / lengths, -1.0, 1.0) : 0.0;
}

}  // namespace landauer
