#include "analysis/laws/law_bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "analysis/laws/terms.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr std::size_t kMost = kLawVariables.size();
// A pivot below this part of its diagonal: the resample cannot tell the columns apart.
constexpr double kSingular = 1e-10;

// Upper triangle of X'X and X'y of one case or of a sum of cases.
struct Moments {
    std::array<double, kMost*(kMost + 1) / 2 + kMost> sums{};

    Moments& operator+=(const Moments& other) {
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += other.sums[i];
        }
        return *this;
    }
    [[nodiscard]] double xx(std::size_t i, std::size_t j) const {
        const auto [a, b] = std::minmax(i, j);
        return sums[a * kMost - a * (a + 1) / 2 + b];
    }
    [[nodiscard]] double xy(std::size_t i) const { return sums[kMost * (kMost + 1) / 2 + i]; }
};

Moments moments_of(std::span<const double> x, double y) {
    Moments out;
    std::size_t k = 0;
    for (std::size_t i = 0; i < kMost; ++i) {
        for (std::size_t j = i; j < kMost; ++j) {
            out.sums[k++] = i < x.size() && j < x.size() ? x[i] * x[j] : 0.0;
        }
    }
    for (std::size_t i = 0; i < kMost; ++i) {
        out.sums[k++] = i < x.size() ? x[i] * y : 0.0;
    }
    return out;
}

// Solves one form's normal equations by Cholesky; empty when they are singular.
std::optional<std::array<double, kMost>> solve(const Moments& m, std::span<const std::size_t> form) {
    std::array<std::array<double, kMost>, kMost> l{};
    std::array<double, kMost> b{};
    const std::size_t p = form.size();
    for (std::size_t i = 0; i < p; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = m.xx(form[i], form[j]);
            for (std::size_t k = 0; k < j; ++k) {
                sum -= l[i][k] * l[j][k];
            }
            if (i != j) {
                l[i][j] = sum / l[j][j];
            } else if (sum <= kSingular * m.xx(form[i], form[i])) {
                return std::nullopt;
            } else {
                l[i][i] = std::sqrt(sum);
            }
        }
        double sum = m.xy(form[i]);
        for (std::size_t k = 0; k < i; ++k) {
            sum -= l[i][k] * b[k];
        }
        b[i] = sum / l[i][i];
    }
    for (std::size_t i = p; i-- > 0;) {
        for (std::size_t k = i + 1; k < p; ++k) {
            b[i] -= l[k][i] * b[k];
        }
        b[i] /= l[i][i];
    }
    return b;
}

double largest_magnitude(std::span<const double> values) {
    double most = 0.0;
    for (const double v : values) {
        most = std::max(most, std::abs(v));
    }
    return most > 0.0 ? most : 1.0;
}

}  // namespace

Replicates bootstrap_forms(std::span<const std::vector<double>> columns,
                           std::span<const std::vector<std::size_t>> forms, std::span<const double> y, int replicates,
                           std::uint32_t seed) {
    const std::size_t n = y.size();
    std::array<double, kMost> scale{};
    for (std::size_t j = 0; j < columns.size(); ++j) {
        scale[j] = largest_magnitude(columns[j]);
    }
    std::vector<Moments> cases(n);
    for (std::size_t i = 0; i < n; ++i) {
        std::array<double, kMost> x{};
        for (std::size_t j = 0; j < columns.size(); ++j) {
            x[j] = columns[j][i] / scale[j];
        }
        cases[i] = moments_of(std::span(x).first(columns.size()), y[i]);
    }
    Replicates out(forms.size());
    for (std::size_t f = 0; f < forms.size(); ++f) {
        out[f].resize(forms[f].size());
    }
    std::mt19937_64 random = random_stream(seed, 1);
    IndexDraws draw(random, n);
    for (int r = 0; r < replicates; ++r) {
        Moments sum;
        for (std::size_t i = 0; i < n; ++i) {
            sum += cases[draw()];
        }
        for (std::size_t f = 0; f < forms.size(); ++f) {
            const auto solution = solve(sum, forms[f]);
            for (std::size_t t = 0; solution && t < forms[f].size(); ++t) {
                out[f][t].push_back((*solution)[t] / scale[forms[f][t]]);
            }
        }
    }
    return out;
}

}  // namespace landauer
