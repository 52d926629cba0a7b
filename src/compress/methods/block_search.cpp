#include "compress/methods/block_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "gguf/half.h"

namespace landauer {
namespace {

constexpr float kNever = std::numeric_limits<float>::infinity();

struct Grid {
    Lanes scales{};
    Lanes offsets{};
};

using ScaleAndOffset = std::pair<float, float>;

struct Attempt {
    LaneBlock errors;
    LaneBlock levels;
    Lanes loss;
};

template <bool kEven>
LANDAUER_LOOP void attempt_some(const BlockFormat& format, const LaneBlock& values, const BlockFeedback& feedback,
                                const Grid& grid, std::size_t first, Attempt& out) {
    using Some = std::array<float, kTogether>;
    const auto lowest = static_cast<float>(format.lowest);
    const auto highest = static_cast<float>(format.highest());
    Some inverse;
    Some loss{};
    for (std::size_t l = 0; l < kTogether; ++l) {
        const float scale = grid.scales[first + l];
        inverse[l] = scale != 0.0F ? 1.0F / scale : 0.0F;
    }
    for (std::size_t k = 0; k < kBlockColumns; ++k) {
        Some value;
        for (std::size_t l = 0; l < kTogether; ++l) value[l] = values[k][first + l];
        for (std::size_t j = 0; j < k; ++j) {
            const float share = feedback.into[k][j];
            for (std::size_t l = 0; l < kTogether; ++l) value[l] -= share * out.errors[j][first + l];
        }
        const float weight = feedback.inverse_diagonal[k];
        for (std::size_t l = 0; l < kTogether; ++l) {
            const float offset = grid.offsets[first + l];
            const float x = (value[l] - offset) * inverse[l];
            const float level = kEven ? even_level(x, lowest, highest) : uneven_level(x, format);
            const float error = (value[l] - (level * grid.scales[first + l] + offset)) * weight;
            out.levels[k][first + l] = level;
            out.errors[k][first + l] = error;
            loss[l] += error * error;
        }
    }
    for (std::size_t l = 0; l < kTogether; ++l) out.loss[first + l] = loss[l];
}

template <bool kEven>
LANDAUER_LOOP void attempt_loop(const BlockFormat& format, const LaneBlock& values, const BlockFeedback& feedback,
                                const Grid& grid, Attempt& out) {
    for (std::size_t first = 0; first < kLanes; first += kTogether) {
        attempt_some<kEven>(format, values, feedback, grid, first, out);
    }
}

void attempt_plain(const BlockFormat& format, const LaneBlock& values, const BlockFeedback& feedback, const Grid& grid,
                   Attempt& out) {
    if (format.levels.empty()) return attempt_loop<true>(format, values, feedback, grid, out);
    attempt_loop<false>(format, values, feedback, grid, out);
}

LANDAUER_WIDE void attempt_wide(const BlockFormat& format, const LaneBlock& values, const BlockFeedback& feedback,
                                const Grid& grid, Attempt& out) {
    if (format.levels.empty()) return attempt_loop<true>(format, values, feedback, grid, out);
    attempt_loop<false>(format, values, feedback, grid, out);
}

// The best grid of each lane so far.
class Search {
   public:
    Search(const BlockFormat& format, const LaneBlock& values, const BlockFeedback& feedback)
        : format_(format), values_(values), feedback_(feedback) {
        loss_.fill(kNever);
        best_.scales.fill(kNever);  // no half is large enough until one is
    }

    // `wish(lane)`: scale and offset, to be rounded to halves.
    template <class Wish>
    void attempt(const Wish& wish) {
        Grid grid;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const auto [scale, offset] = wish(lane);
            grid.scales[lane] = rounded_to_half(scale);
            grid.offsets[lane] = rounded_to_half(offset);
        }
        run(grid);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            if (!(attempt_.loss[lane] < loss_[lane])) continue;
            loss_[lane] = attempt_.loss[lane];
            best_.scales[lane] = grid.scales[lane];
            best_.offsets[lane] = grid.offsets[lane];
        }
    }
    // The grid that least squares would give the best one's codes.
    void refit();
    [[nodiscard]] const Grid& best() const { return best_; }
    [[nodiscard]] const Lanes& loss() const { return loss_; }
    void finish(CodedBlock& out);

   private:
    void run(const Grid& grid) {
        if (wide_) return attempt_wide(format_, values_, feedback_, grid, attempt_);
        attempt_plain(format_, values_, feedback_, grid, attempt_);
    }
    const BlockFormat& format_;
    const LaneBlock& values_;
    const BlockFeedback& feedback_;
    const bool wide_ = LANDAUER_HAS_WIDE;
    Grid best_;
    Lanes loss_{};
    Attempt attempt_;
};

void Search::refit() {
    run(best_);
    struct Sums {
        double weight = 0.0, level = 0.0, level2 = 0.0, value = 0.0, product = 0.0;
    };
    std::array<Sums, kLanes> sums{};
    for (std::size_t k = 0; k < kBlockColumns; ++k) {
        const auto root = static_cast<double>(feedback_.inverse_diagonal[k]);
        const double weight = root * root;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            Sums& sum = sums[lane];
            const auto level = static_cast<double>(attempt_.levels[k][lane]);
            const double value = level * static_cast<double>(best_.scales[lane]) +
                                 static_cast<double>(best_.offsets[lane]) +
                                 static_cast<double>(attempt_.errors[k][lane]) / root;
            sum.weight += weight;
            sum.level += weight * level;
            sum.level2 += weight * level * level;
            sum.value += weight * value;
            sum.product += weight * level * value;
        }
    }
    const Grid from = best_;
    attempt([&](std::size_t lane) {
        const Sums& sum = sums[lane];
        const double mean = format_.has_offset ? sum.level / sum.weight : 0.0;
        const double spread = sum.level2 - mean * sum.level;
        if (!(spread > 0.0)) return ScaleAndOffset{from.scales[lane], from.offsets[lane]};
        const double scale = (sum.product - mean * sum.value) / spread;
        const double offset = format_.has_offset ? (sum.value - scale * sum.level) / sum.weight : 0.0;
        return ScaleAndOffset{static_cast<float>(scale), static_cast<float>(offset)};
    });
}

void Search::finish(CodedBlock& out) {
    run(best_);
    out.scales = best_.scales;
    out.offsets = best_.offsets;
    out.loss = loss_;
    out.errors = attempt_.errors;
    for (std::size_t k = 0; k < kBlockColumns; ++k) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            out.codes[k][lane] = code_of(format_, attempt_.levels[k][lane]);
        }
    }
}

struct Ends {
    Lanes lowest{};
    Lanes highest{};
    [[nodiscard]] float extreme(std::size_t lane) const {
        return highest[lane] > -lowest[lane] ? highest[lane] : lowest[lane];
    }
};

Ends ends_of(const LaneBlock& values) {
    Ends ends{values[0], values[0]};
    for (const Lanes& column : values) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            ends.lowest[lane] = std::min(ends.lowest[lane], column[lane]);
            ends.highest[lane] = std::max(ends.highest[lane], column[lane]);
        }
    }
    return ends;
}

// Whether all values of a lane lie on the grid, to the last bit but one.
bool lies_on(const LaneBlock& values, std::size_t lane, const BlockFormat& format, ScaleAndOffset grid) {
    const auto [scale, offset] = grid;
    if (scale == 0.0F) return false;
    for (const Lanes& column : values) {
        const float value = column[lane];
        const float level = std::nearbyint((value - offset) / scale);
        if (level < static_cast<float>(format.lowest) || level > static_cast<float>(format.highest())) return false;
        const float there = level * scale + offset;
        if (std::fabs(there - value) > 1.2e-7F * std::max(std::fabs(value), std::fabs(offset))) return false;
    }
    return true;
}

// A grid with an offset that uses `steps` steps between the lane's ends; its first level in use may be any.
std::optional<ScaleAndOffset> offset_grid(const LaneBlock& values, std::size_t lane, const BlockFormat& format,
                                          float lowest, float highest) {
    const int n = format.n_codes() - 1;
    for (int steps = n; steps > 0; --steps) {
        const float scale = rounded_to_half((highest - lowest) / static_cast<float>(steps));
        if (scale == 0.0F) continue;
        const float second = (values[1][lane] - lowest) / scale;
        if (std::fabs(second - std::nearbyint(second)) > 0.02F) continue;
        for (int below = 0; below <= n - steps; ++below) {
            const ScaleAndOffset grid{scale, rounded_to_half(lowest - static_cast<float>(below) * scale)};
            if (lies_on(values, lane, format, grid)) return grid;
        }
    }
    return std::nullopt;
}

std::optional<ScaleAndOffset> plain_grid(const LaneBlock& values, std::size_t lane, const BlockFormat& format,
                                         float extreme) {
    for (int level = format.lowest; level <= format.highest(); ++level) {
        if (level == 0) continue;
        const ScaleAndOffset grid{rounded_to_half(extreme / static_cast<float>(level)), 0.0F};
        if (lies_on(values, lane, format, grid)) return grid;
    }
    return std::nullopt;
}

// Blocks that are on a grid already keep it.
void attempt_same(const BlockFormat& format, const LaneBlock& values, const Ends& ends, Search& search) {
    if (!format.levels.empty()) return;
    Grid same;
    bool any = false;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const auto found = format.has_offset ? offset_grid(values, lane, format, ends.lowest[lane], ends.highest[lane])
                                             : plain_grid(values, lane, format, ends.extreme(lane));
        if (!found) continue;
        same.scales[lane] = found->first;
        same.offsets[lane] = found->second;
        any = true;
    }
    if (!any) return;
    search.attempt([&](std::size_t lane) { return ScaleAndOffset{same.scales[lane], same.offsets[lane]}; });
}

// The largest magnitude on the grid's last level of either sign, and beyond and short of it.
void search_plain(const BlockFormat& format, const Ends& ends, Search& search) {
    constexpr std::array kFine = {1.0F,  1.06F, 0.97F, 0.94F, 0.91F, 0.88F, 0.85F,
                                  0.82F, 0.79F, 0.76F, 0.72F, 0.68F, 0.64F};
    const std::span<const float> shares = std::span(kFine).first(format.bits == 8 ? 3 : kFine.size());
    const float lowest = format.levels.empty() ? static_cast<float>(format.lowest) : format.levels.front();
    const float highest = format.levels.empty() ? static_cast<float>(format.highest()) : format.levels.back();
    for (const float end : {lowest, highest}) {
        for (const float share : shares) {
            search.attempt([&](std::size_t lane) { return ScaleAndOffset{share * ends.extreme(lane) / end, 0.0F}; });
        }
    }
}

// The ends drawn in from both sides.
void search_offset(const BlockFormat& format, const Ends& ends, Search& search) {
    constexpr std::array kIn = {0.0F, 0.04F, 0.08F, 0.13F, 0.19F, -0.03F};
    const auto steps = static_cast<float>(format.n_codes() - 1);
    for (const float below : kIn) {
        for (const float above : kIn) {
            search.attempt([&](std::size_t lane) {
                const float range = ends.highest[lane] - ends.lowest[lane];
                return ScaleAndOffset{range * (1.0F - below - above) / steps, ends.lowest[lane] + below * range};
            });
        }
    }
}

// A little to either side of the best.
void polish(const BlockFormat& format, Search& search) {
    for (const float by : {0.014F, 0.007F, 0.0035F}) {
        search.refit();
        for (const float sign : {-1.0F, 1.0F}) {
            const Grid from = search.best();
            search.attempt([&](std::size_t lane) {
                return ScaleAndOffset{from.scales[lane] * (1.0F + sign * by), from.offsets[lane]};
            });
            if (!format.has_offset) continue;
            const Grid moved = search.best();
            const float shift = sign * by * static_cast<float>(format.n_codes() - 1);
            search.attempt([&](std::size_t lane) {
                return ScaleAndOffset{moved.scales[lane], moved.offsets[lane] + shift * moved.scales[lane]};
            });
        }
    }
}

}  // namespace

void search_block(const BlockFormat& format, const LaneBlock& values, const BlockFeedback& feedback, CodedBlock& out) {
    Search search(format, values, feedback);
    const Ends ends = ends_of(values);
    attempt_same(format, values, ends, search);
    if (const auto loss = search.loss(); *std::max_element(loss.begin(), loss.end()) > 0.0F) {
        if (format.has_offset) {
            search_offset(format, ends, search);
        } else {
            search_plain(format, ends, search);
        }
        polish(format, search);
    }
    search.finish(out);
}

}  // namespace landauer
