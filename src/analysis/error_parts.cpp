#include "analysis/error_parts.h"

#include <algorithm>
#include <cmath>

namespace landauer {

double ErrorParts::scatter() const {
    std::vector<CausedError> sorted = linked;
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.cause < b.cause; });
    double square = own * own;
    for (std::size_t i = 0; i < sorted.size();) {
        double sum = 0.0;
        const ErrorCause cause = sorted[i].cause;
        for (; i < sorted.size() && sorted[i].cause == cause; ++i) {
            sum += sorted[i].signed_half;
        }
        square += sum * sum;
    }
    return std::sqrt(square);
}

double ErrorParts::half_width() const {
    const double apart = scatter();
    return std::sqrt(shared * shared + gain * gain + apart * apart + tilt * tilt);
}

ErrorParts scaled(ErrorParts errors, double factor) {
    errors.shared *= factor;
    errors.gain *= factor;
    errors.own *= factor;
    errors.tilt *= factor;
    for (CausedError& error : errors.linked) {
        error.signed_half *= factor;
    }
    return errors;
}

ErrorParts added(ErrorParts a, const ErrorParts& b) {
    a.shared += b.shared;
    a.gain += b.gain;
    a.own = std::hypot(a.own, b.own);
    a.tilt += b.tilt;
    a.linked.insert(a.linked.end(), b.linked.begin(), b.linked.end());
    return a;
}

}  // namespace landauer
