#include "analysis/f_distribution.h"

#include <array>
#include <cmath>
#include <limits>

namespace landauer {
namespace {

constexpr int kMostTerms = 10000;
constexpr double kPrecise = 1e-15;
constexpr double kTiny = 1e-300;

// Continued fraction of the incomplete beta function, evaluated forwards (Lentz); converges fast for x below
// (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
    double value = d;
    for (int m = 1; m <= kMostTerms; ++m) {
        const double twice = a + 2.0 * m;
        const double even = m * (b - m) * x / ((twice - 1.0) * twice);
        const double odd = -(a + m) * (a + b + m) * x / (twice * (twice + 1.0));
        double change = 1.0;
        for (const double term : std::array{even, odd}) {
            d = 1.0 + term * d;
            c = 1.0 + term / c;
            d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
            c = std::abs(c) < kTiny ? kTiny : c;
            change = c * d;
            value *= change;
        }
        if (std::abs(change - 1.0) < kPrecise) {
            break;
        }
    }
    return value;
}

// Regularised incomplete beta function I_x(a, b).
double incomplete_beta(double a, double b, double x) {
    if (x <= 0.0 || x >= 1.0) {
        return x <= 0.0 ? 0.0 : 1.0;
    }
    const double front =
        std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0)) {
        return front * beta_fraction(a, b, x) / a;
    }
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

}  // namespace

double f_upper_tail(double f, double df1, double df2) {
    if (std::isnan(f) || !(df1 >= 1.0) || !(df2 >= 1.0)) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (f <= 0.0 || std::isinf(f)) {
        return f <= 0.0 ? 1.0 : 0.0;
    }
    return incomplete_beta(0.5 * df2, 0.5 * df1, df2 / (df2 + df1 * f));
}

}  // namespace landauer
