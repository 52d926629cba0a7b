#include "compress/methods/change.h"

#include <fmt/format.h>

#include <cmath>

#include "compress/methods/metric.h"
#include "tensor/products.h"

namespace landauer {

Result<double> change_loss(const MatrixF& change, const MatrixD& c, const MatrixD& g) {
    const auto d = exact_weights(change);
    if (!d) return tl::unexpected(d.error());
    if (c.rows() != d->cols() || c.cols() != d->cols() || g.rows() != d->rows() || g.cols() != d->rows()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Moments of {} inputs and {} outputs do not fit a matrix of {} x {}.", c.rows(),
                                g.rows(), d->rows(), d->cols()),
                    "Collect the statistics of this very model.");
    }
    const MatrixD left = product(g, Turn::No, *d, Turn::No);
    const MatrixD right = product(*d, Turn::No, c, Turn::No);
    double sum = 0.0;
    for (std::size_t i = 0; i < left.values().size(); ++i) sum += left.values()[i] * right.values()[i];
    if (std::isfinite(sum)) return 0.5 * sum;
    return fail(ErrorKind::Invalid, "The moments have a value that is not a finite number.",
                "Collect the statistics again.");
}

}  // namespace landauer
