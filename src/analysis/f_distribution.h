// Fisher's F.
#pragma once

namespace landauer {

// Probability that F with (df1, df2) degrees of freedom exceeds f. 1 for f <= 0, 0 for infinite f,
// NaN for degrees of freedom below 1.
[[nodiscard]] double f_upper_tail(double f, double df1, double df2);

}  // namespace landauer
