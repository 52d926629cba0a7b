#include "analysis/laws/hinge_profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace landauer {
namespace {

constexpr std::size_t kMost = 4;     // coefficients
constexpr std::size_t kParts = 4;    // of each gap between neighbouring x on the grid
constexpr double kSingular = 1e-11;  // a pivot below this part of its diagonal adds no column
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Normal equations of at most four columns.
struct Normal {
    std::array<std::array<double, kMost>, kMost> xx{};  // lower triangle
    std::array<double, kMost> xy{};
    double yy = 0.0;
};

// What the best coefficients leave: y'y less what each orthogonalised column takes.
double residual(Normal& m, std::size_t n) {
    double left = m.yy;
    std::array<bool, kMost> used{};
    std::array<double, kMost> z{};
    for (std::size_t i = 0; i < n; ++i) {
        const double diagonal = m.xx[i][i];
        double rest = m.xy[i];
        for (std::size_t j = 0; j < i; ++j) {
            if (!used[j]) {
                continue;
            }
            for (std::size_t k = 0; k < j; ++k) {
                m.xx[i][j] -= used[k] ? m.xx[i][k] * m.xx[j][k] : 0.0;
            }
            m.xx[i][j] /= m.xx[j][j];
            m.xx[i][i] -= m.xx[i][j] * m.xx[i][j];
            rest -= m.xx[i][j] * z[j];
        }
        if (m.xx[i][i] > kSingular * diagonal) {
            used[i] = true;
            m.xx[i][i] = std::sqrt(m.xx[i][i]);
            z[i] = rest / m.xx[i][i];
            left -= z[i] * z[i];
        }
    }
    return std::max(left, 0.0);
}

std::vector<double> distinct(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

std::vector<double> subdivided(const std::vector<double>& x) {
    std::vector<double> out;
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
        for (std::size_t part = 0; part < kParts; ++part) {
            out.push_back(x[i] + (x[i + 1] - x[i]) * static_cast<double>(part) / kParts);
        }
    }
    if (!x.empty()) {
        out.push_back(x.back());
    }
    return out;
}

}  // namespace

HingeProfile::HingeProfile(std::vector<HingePoint> points, std::size_t n_groups, HingeShape shape)
    : shape_(shape),
      points_(std::move(points)),
      order_(points_.size()),
      counts_(points_.size(), 1.0),
      groups_(n_groups) {
    std::vector<double> x(points_.size());
    std::transform(points_.begin(), points_.end(), x.begin(), [](const HingePoint& p) { return p.x; });
    if (!x.empty()) {
        const auto [low, high] = std::minmax_element(x.begin(), x.end());
        x_low_ = *low;
        x_span_ = *high > *low ? *high - *low : 1.0;
    }
    double most = 0.0;
    for (HingePoint& p : points_) {
        p.x = (p.x - x_low_) / x_span_;
        most = std::max(most, std::abs(p.y));
    }
    y_scale_ = most > 0.0 ? most : 1.0;
    for (HingePoint& p : points_) {
        p.y /= y_scale_;
    }
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(points_[a].group, points_[a].x) < std::pair(points_[b].group, points_[b].x);
    });
    std::vector<double> pooled(points_.size());
    std::transform(points_.begin(), points_.end(), pooled.begin(), [](const HingePoint& p) { return p.x; });
    for (const std::size_t i : order_) {
        groups_[points_[i].group].x.push_back(points_[i].x);
    }
    lay_grid(distinct(std::move(pooled)));
    sum_up();
}

// A knee can be told where at least two sizes (three under a curve) lie up to it and, of its own group, one
// (two under a free slope) beyond it.
void HingeProfile::lay_grid(const std::vector<double>& pooled) {
    everywhere_ = subdivided(pooled);
    const std::size_t below = shape_.curved ? 2 : 1;
    const std::size_t beyond = shape_.free_above ? 2 : 1;
    for (Group& group : groups_) {
        const std::vector<double> own = distinct(group.x);
        if (pooled.size() <= below || own.size() <= beyond) {
            continue;
        }
        const double low = pooled[below];
        const double high = own[own.size() - 1 - beyond];
        std::copy_if(everywhere_.begin(), everywhere_.end(), std::back_inserter(group.grid),
                     [&](double k) { return low <= k && k <= high; });
    }
}

void HingeProfile::sum_up() {
    for (Group& group : groups_) {
        group.prefix.assign(1, {});
    }
    for (const std::size_t i : order_) {
        const HingePoint& p = points_[i];
        std::vector<Sums>& prefix = groups_[p.group].prefix;
        Sums sums = prefix.back();
        double wx = p.weight * counts_[i];
        sums.yy += wx * p.y * p.y;
        for (std::size_t j = 0; j < sums.x.size(); ++j) {
            sums.x[j] += wx;
            if (j < sums.xy.size()) {
                sums.xy[j] += wx * p.y;
            }
            wx *= p.x;
        }
        prefix.push_back(sums);
    }
}

void HingeProfile::recount(std::span<const double> counts) {
    counts_.assign(counts.begin(), counts.end());
    sum_up();
}

// Columns: 1, min(x, k), and as the shape asks min(x, k)^2 and max(x - k, 0).
double HingeProfile::scaled_rss(std::span<const double> knees) const {
    const std::size_t curve = 2;
    const std::size_t slope = shape_.curved ? 3 : 2;
    Normal m;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        const Group& group = groups_[g];
        const double k = knees[g];
        const auto n_left = std::upper_bound(group.x.begin(), group.x.end(), k) - group.x.begin();
        const Sums& left = group.prefix[static_cast<std::size_t>(n_left)];
        const Sums& all = group.prefix.back();
        const auto right = [&](std::size_t j) { return all.x[j] - left.x[j]; };
        const double wy = all.xy[0] - left.xy[0];
        const double w = right(0);
        m.yy += all.yy;
        m.xx[0][0] += all.x[0];
        m.xx[1][0] += left.x[1] + k * w;
        m.xx[1][1] += left.x[2] + k * k * w;
        m.xy[0] += all.xy[0];
        m.xy[1] += left.xy[1] + k * wy;
        if (shape_.curved) {
            m.xx[curve][0] += left.x[2] + k * k * w;
            m.xx[curve][1] += left.x[3] + k * k * k * w;
            m.xx[curve][curve] += left.x[4] + k * k * k * k * w;
            m.xy[curve] += left.xy[2] + k * k * wy;
        }
        if (shape_.free_above) {
            const double beyond = right(1) - k * w;
            m.xx[slope][0] += beyond;
            m.xx[slope][1] += k * beyond;
            if (shape_.curved) {
                m.xx[slope][curve] += k * k * beyond;
            }
            m.xx[slope][slope] += right(2) - 2.0 * k * right(1) + k * k * w;
            m.xy[slope] += all.xy[1] - left.xy[1] - k * wy;
        }
    }
    return residual(m, slope + (shape_.free_above ? 1 : 0));
}

double HingeProfile::rss(std::span<const double> knees) const {
    std::vector<double> scaled(knees.size());
    std::transform(knees.begin(), knees.end(), scaled.begin(), [&](double k) { return (k - x_low_) / x_span_; });
    return scaled_rss(scaled) * y_scale_ * y_scale_;
}

double HingeProfile::rss_without_knee() const {
    return scaled_rss(std::vector<double>(groups_.size(), 1.0)) * y_scale_ * y_scale_;
}

}  // namespace landauer
