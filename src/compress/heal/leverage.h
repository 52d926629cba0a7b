// How far a matrix moves when a factor of it does.
#pragma once

#include "tensor/matrix.h"

namespace landauer {

// Of W = P [R ; T R]: the relative change of W, of the relative change of R or T alone that is random from value to
// value. A dense matrix has 1; factors whose products cancel out have more.
struct Leverages {
    double r = 1.0;
    double t = 1.0;
};
[[nodiscard]] Leverages leverages_of(const MatrixF& r, const MatrixF& t);

}  // namespace landauer
