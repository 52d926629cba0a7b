#include "analysis/laws/no_knee_test.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNothingOver = 1e-26;  // of the sum of squared costs: rounding
constexpr double kSingular = 1e-7;      // a column that is nearly a sum of others adds nothing
constexpr std::size_t kFewestCurved = 7;
constexpr std::size_t kFewestSizes = 4;
constexpr std::size_t kBeyond = 2;  // sizes beyond the last knee that is tried
constexpr std::size_t kParts = 4;   // of each gap between sizes

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// The part of `v` at right angles to `basis`, at length 1; empty where nothing is left.
Vector orthonormal(Vector v, const std::vector<Vector>& basis) {
    const double before = std::sqrt(dot(v, v));
    for (int pass = 0; pass < 2; ++pass) {
        for (const Vector& q : basis) {
            const double along = dot(q, v);
            for (std::size_t i = 0; i < v.size(); ++i) {
                v[i] -= along * q[i];
            }
        }
    }
    const double after = std::sqrt(dot(v, v));
    if (!(after > kSingular * before)) {
        return {};
    }
    for (double& x : v) {
        x /= after;
    }
    return v;
}

// Adds a column to an orthonormal basis.
void extend(std::vector<Vector>& basis, Vector column) {
    if (Vector q = orthonormal(std::move(column), basis); !q.empty()) {
        basis.push_back(std::move(q));
    }
}

// Weighted columns over x scaled to [0, 1], so that a plain sum of squares is the weighted one.
class KneeTest {
   public:
    KneeTest(const SegmentedData& data, bool curved) : n_(data.size()), n_bends_(curved ? 2 : 1) {
        const double span = data.x.back() - data.x.front();
        for (std::size_t i = 0; i < n_; ++i) {
            x_.push_back((data.x[i] - data.x.front()) / span);
            root_.push_back(std::sqrt(data.weight[i]));
        }
        for (int power = 0; power <= n_bends_; ++power) {
            extend(smooth_, weighted([&](double x) { return std::pow(x, power); }));
        }
        for (const double knee : knees()) {
            std::vector<Vector> all = smooth_;
            for (int power = 1; power <= n_bends_; ++power) {
                extend(all, weighted([&](double x) { return std::pow(std::max(x - knee, 0.0), power); }));
            }
            bends_.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(smooth_.size()), all.end());
        }
    }

    [[nodiscard]] double df() const { return static_cast<double>(n_) - 2.0 * n_bends_ - 2.0; }

    // What the smooth form leaves of weighted costs, and its leverages.
    [[nodiscard]] Vector residuals(Vector y) const {
        for (const Vector& q : smooth_) {
            const double along = dot(q, y);
            for (std::size_t i = 0; i < n_; ++i) {
                y[i] -= along * q[i];
            }
        }
        return y;
    }
    [[nodiscard]] double leverage(std::size_t i) const {
        double sum = 0.0;
        for (const Vector& q : smooth_) {
            sum += q[i] * q[i];
        }
        return sum;
    }
    [[nodiscard]] const Vector& root_weights() const { return root_; }

    // The largest F over the knees, of weighted costs.
    [[nodiscard]] double largest_f(const Vector& y) const {
        const Vector left = residuals(y);
        const double smooth = dot(left, left);
        double most = 0.0;
        for (const std::vector<Vector>& bend : bends_) {
            double explained = 0.0;
            for (const Vector& q : bend) {
                const double along = dot(q, left);
                explained += along * along;
            }
            most = std::max(most, explained);
        }
        const double rest = smooth - most;
        return rest > 0.0 ? most / n_bends_ / (rest / df()) : std::numeric_limits<double>::infinity();
    }

   private:
    template <class F>
    [[nodiscard]] Vector weighted(F f) const {
        Vector out(n_);
        for (std::size_t i = 0; i < n_; ++i) {
            out[i] = root_[i] * f(x_[i]);
        }
        return out;
    }
    // Every size and the quarters between, with sizes enough on either side.
    [[nodiscard]] Vector knees() const {
        Vector sizes = x_;
        sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
        const auto below = static_cast<std::size_t>(n_bends_);
        const std::size_t last = sizes.size() - 1 - kBeyond;
        Vector out;
        for (std::size_t i = below; i < last; ++i) {
            for (std::size_t part = 0; part < kParts; ++part) {
                out.push_back(sizes[i] + (sizes[i + 1] - sizes[i]) * static_cast<double>(part) / kParts);
            }
        }
        out.push_back(sizes[last]);
        return out;
    }

    std::size_t n_;
    int n_bends_;
    Vector x_;
    Vector root_;
    std::vector<Vector> smooth_;
    std::vector<std::vector<Vector>> bends_;
};

// Residuals made to have equal variance, round 0.
Vector standardised(const KneeTest& test, const Vector& residuals) {
    Vector out(residuals.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = residuals[i] / std::sqrt(std::max(1.0 - test.leverage(i), 1e-9));
    }
    const double centre = mean(out);
    for (double& r : out) {
        r -= centre;
    }
    return out;
}

}  // namespace

NoKneeTest test_no_knee(const SegmentedData& data, int simulations, std::uint32_t seed) {
    NoKneeTest out;
    const bool curved = data.n_sizes >= kFewestCurved;
    if (data.n_sizes < kFewestSizes) {
        out.p = std::numeric_limits<double>::quiet_NaN();
        return out;
    }
    const KneeTest test(data, curved);
    if (test.df() < 1.0) {
        out.p = std::numeric_limits<double>::quiet_NaN();
        return out;
    }
    Vector y(data.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = data.y[i] * test.root_weights()[i];
    }
    const Vector left = test.residuals(y);
    if (dot(left, left) <= kNothingOver * dot(y, y)) {
        return out;
    }
    out.f = test.largest_f(y);
    const Vector pool = standardised(test, left);
    std::mt19937_64 random = random_stream(seed, 2);
    IndexDraws draw(random, data.size());
    int as_large = 0;
    for (; out.simulations < simulations; ++out.simulations) {
        std::generate(y.begin(), y.end(), [&] { return pool[draw()]; });
        as_large += test.largest_f(y) >= out.f ? 1 : 0;
    }
    out.p = (1.0 + as_large) / (1.0 + out.simulations);
    return out;
}

}  // namespace landauer
