// The weighted sum of squares of a hinge as a function of its knees, all other coefficients at their best.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace landauer {

struct HingePoint {
    double x = 0.0;
    double y = 0.0;
    double weight = 1.0;
    std::size_t group = 0;  // cases of one group have one knee
};

struct HingeShape {
    bool curved = false;      // a quadratic rise, one coefficient more
    bool free_above = false;  // a slope of its own beyond the knee; one group only
};

struct HingeMinimum {
    std::vector<double> knees;  // one a group; empty: no knee can be placed
    double rss = 0.0;
};

// y = a + b min(x, k_g) (+ d min(x, k_g)^2) (+ c max(x - k, 0)). Sums over prefixes of the sorted cases make the
// normal equations of any knee without another pass over the cases. Between two neighbouring x the sum of squares
// is smooth in the knee, so a grid that holds every x and the quarters between them brackets each minimum, and
// golden sections refine it.
class HingeProfile {
   public:
    HingeProfile(std::vector<HingePoint> points, std::size_t n_groups, HingeShape shape);

    // Takes each point `counts[i]` times (a resample); order of `points`.
    void recount(std::span<const double> counts);

    [[nodiscard]] double rss(std::span<const double> knees) const;
    // The smooth form inside this one: every knee at the largest x.
    [[nodiscard]] double rss_without_knee() const;
    // Over knees that can be told: two x (three under a curve) up to it, one (two) beyond.
    // `tolerance`: of a knee, as a part of the range of x.
    [[nodiscard]] HingeMinimum minimise(double tolerance) const;
    // Hull of the knees of one group whose sum of squares stays within `limit` while the others adapt;
    // infinite on a side where no knee at all does as well.
    struct Bounds {
        double low = 0.0;
        double high = 0.0;
    };
    [[nodiscard]] Bounds within(const HingeMinimum& best, std::size_t group, double limit) const;

   private:
    struct Sums {
        std::array<double, 5> x{};   // w x^j
        std::array<double, 3> xy{};  // w y x^j
        double yy = 0.0;
    };
    struct Group {
        std::vector<double> x;     // sorted, scaled to [0, 1] over all groups
        std::vector<Sums> prefix;  // of the first i points
        std::vector<double> grid;  // where a knee can be told
    };

    void sum_up();
    void lay_grid(const std::vector<double>& pooled);
    [[nodiscard]] double scaled_rss(std::span<const double> knees) const;
    [[nodiscard]] double best_of_group(std::vector<double>& knees, std::size_t group, double tolerance) const;
    double settle(std::vector<double>& knees, std::size_t fixed, double reach) const;
    [[nodiscard]] double golden(std::vector<double>& knees, std::size_t group, double low, double high,
                                double tolerance) const;
    [[nodiscard]] double edge(const std::vector<double>& knees, std::size_t group, double inside, double outside,
                              double limit) const;

    HingeShape shape_;
    std::vector<HingePoint> points_;  // scaled
    std::vector<std::size_t> order_;  // by group and x
    std::vector<double> counts_;
    std::vector<Group> groups_;
    std::vector<double> everywhere_;  // grid over the whole range
    double x_low_ = 0.0;
    double x_span_ = 1.0;
    double y_scale_ = 1.0;
};

}  // namespace landauer
