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
constexpr double kGolden = 0.6180339887498949;
constexpr double kEdge = 1e-6;  // of an interval's end, as a part of the range
constexpr int kSweeps = 30;
constexpr double kSettled = 1e-12;
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

void HingeProfile::replace_costs(std::span<const double> y) {
    for (std::size_t i = 0; i < points_.size(); ++i) {
        points_[i].y = y[i] / y_scale_;
    }
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

double HingeProfile::least_on_grid() const {
    double least = kInfinity;
    for (const double k : groups_.front().grid) {
        least = std::min(least, scaled_rss(std::span(&k, 1)));
    }
    return least * y_scale_ * y_scale_;
}

// Puts the knee of the group at the least of [low, high]; returns the sum of squares there.
double HingeProfile::golden(std::vector<double>& knees, std::size_t group, double low, double high,
                            double tolerance) const {
    const auto at = [&](double k) {
        knees[group] = k;
        return scaled_rss(knees);
    };
    double left = high - kGolden * (high - low);
    double right = low + kGolden * (high - low);
    double at_left = at(left);
    double at_right = at(right);
    while (high - low > tolerance) {
        if (at_left <= at_right) {
            high = right;
            right = left;
            at_right = at_left;
            left = high - kGolden * (high - low);
            at_left = at(left);
        } else {
            low = left;
            left = right;
            at_left = at_right;
            right = low + kGolden * (high - low);
            at_right = at(right);
        }
    }
    return at(0.5 * (low + high));
}

// The best knee of one group with the others held: every minimum of the grid, refined on both sides.
double HingeProfile::best_of_group(std::vector<double>& knees, std::size_t group, double tolerance) const {
    const std::vector<double>& grid = groups_[group].grid;
    std::vector<double> values(grid.size());
    for (std::size_t i = 0; i < grid.size(); ++i) {
        knees[group] = grid[i];
        values[i] = scaled_rss(knees);
    }
    double best = kInfinity;
    double best_knee = 0.0;
    const auto take = [&](double value, double knee) {
        if (value < best) {
            best = value;
            best_knee = knee;
        }
    };
    for (std::size_t i = 0; i < grid.size(); ++i) {
        const bool first = i == 0;
        const bool last = i + 1 == grid.size();
        if ((!first && values[i - 1] < values[i]) || (!last && values[i + 1] < values[i])) {
            continue;
        }
        take(values[i], grid[i]);
        if (!first) {
            const double value = golden(knees, group, grid[i - 1], grid[i], tolerance);
            take(value, knees[group]);
        }
        if (!last) {
            const double value = golden(knees, group, grid[i], grid[i + 1], tolerance);
            take(value, knees[group]);
        }
    }
    knees[group] = best_knee;
    return best;
}

HingeMinimum HingeProfile::minimise(double tolerance) const {
    HingeMinimum out;
    for (const Group& group : groups_) {
        if (group.grid.empty()) {
            out.rss = rss_without_knee();
            return out;
        }
        out.knees.push_back(group.grid[group.grid.size() / 2]);
    }
    double now = std::numeric_limits<double>::max();
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        const double before = now;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            now = best_of_group(out.knees, g, tolerance);
        }
        if (groups_.size() == 1 || before - now <= kSettled * before) {
            break;
        }
    }
    for (double& k : out.knees) {
        k = x_low_ + k * x_span_;
    }
    out.rss = now * y_scale_ * y_scale_;
    return out;
}

// Lets the other groups' knees follow a small move of the fixed one.
double HingeProfile::settle(std::vector<double>& knees, std::size_t fixed, double reach) const {
    double now = scaled_rss(knees);
    for (int sweep = 0; sweep < kSweeps && groups_.size() > 1; ++sweep) {
        const double before = now;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const std::vector<double>& grid = groups_[g].grid;
            if (g != fixed && !grid.empty()) {
                const double low = std::max(grid.front(), knees[g] - reach);
                const double high = std::min(grid.back(), knees[g] + reach);
                now = golden(knees, g, low, high, kEdge);
            }
        }
        if (before - now <= 1e-6 * before) {
            break;
        }
    }
    return now;
}

// Where the sum of squares crosses `limit` between a knee within it and one outside.
double HingeProfile::edge(const std::vector<double>& knees, std::size_t group, double inside, double outside,
                          double limit) const {
    std::vector<double> trial = knees;
    const double reach = std::abs(outside - inside);
    while (std::abs(outside - inside) > kEdge) {
        const double middle = 0.5 * (inside + outside);
        trial[group] = middle;
        (settle(trial, group, reach) <= limit ? inside : outside) = middle;
    }
    return 0.5 * (inside + outside);
}

HingeProfile::Bounds HingeProfile::within(const HingeMinimum& best, std::size_t group, double limit) const {
    std::vector<double> start = best.knees;
    for (double& k : start) {
        k = (k - x_low_) / x_span_;
    }
    const double scaled_limit = limit / (y_scale_ * y_scale_);
    const double estimate = start[group];
    const auto above = std::upper_bound(everywhere_.begin(), everywhere_.end(), estimate);
    // Walks outward to the end of the range, remembering the last knee within the limit.
    const auto walk = [&](auto begin, auto end, double unbounded) {
        std::vector<double> knees = start;
        std::vector<double> knees_inside = start;
        double inside = estimate;
        double outside = estimate;
        bool open = true;
        for (auto k = begin; k != end; ++k) {
            const double reach = std::abs(*k - knees[group]) + 2.0 / static_cast<double>(everywhere_.size());
            knees[group] = *k;
            if (settle(knees, group, reach) <= scaled_limit) {
                inside = *k;
                knees_inside = knees;
                open = true;
            } else if (open) {
                outside = *k;
                open = false;
            }
        }
        if (open) {
            return unbounded;
        }
        return x_low_ + edge(knees_inside, group, inside, outside, scaled_limit) * x_span_;
    };
    const auto below = std::make_reverse_iterator(std::lower_bound(everywhere_.begin(), everywhere_.end(), estimate));
    return {walk(below, everywhere_.rend(), -kInfinity), walk(above, everywhere_.end(), kInfinity)};
}

}  // namespace landauer
