// The search for the knees of least squares, and for those that the data do not rule out.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "analysis/laws/hinge_profile.h"

namespace landauer {
namespace {

constexpr double kGolden = 0.6180339887498949;
constexpr double kEdge = 1e-6;  // of an interval's end, as a part of the range
constexpr int kSweeps = 30;
constexpr double kSettled = 1e-12;       // part of the sum of squares that a sweep must still win
constexpr double kNearlySettled = 1e-6;  // the same while an interval is walked
constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

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
        if (before - now <= kNearlySettled * before) {
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
