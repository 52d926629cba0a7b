#include "compress/methods/super_search.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "gguf/weights.h"

namespace landauer {
namespace {

constexpr int kRounds = 4;

// A group's scale and offset in each lane.
struct GroupGrid {
    Lanes scales{};
    Lanes offsets{};
};
using LaneGrids = std::array<GroupGrid, 16>;

struct Attempt {
    std::vector<Lanes> values = std::vector<Lanes>(kSuperColumns);  // with the errors before them
    std::vector<Lanes> levels = std::vector<Lanes>(kSuperColumns);
    std::vector<Lanes> errors = std::vector<Lanes>(kSuperColumns);
    Lanes loss{};
};

template <bool kEven>
LANDAUER_LOOP void code_some(const SuperFormat& format, const std::vector<Lanes>& values, const SuperFeedback& feedback,
                             const LaneGrids& grids, std::size_t first, Attempt& out) {
    using Some = std::array<float, kTogether>;
    const auto lowest = static_cast<float>(format.levels.lowest);
    const auto highest = static_cast<float>(format.levels.highest());
    Some loss{};
    for (std::size_t k = 0; k < kSuperColumns; ++k) {
        Some value;
        for (std::size_t l = 0; l < kTogether; ++l) value[l] = values[k][first + l];
        const float* const row = feedback.into.row(k).data();
        for (std::size_t j = 0; j < k; ++j) {
            const float share = row[j];
            const float* const error = out.errors[j].data() + first;
            for (std::size_t l = 0; l < kTogether; ++l) value[l] -= share * error[l];
        }
        const GroupGrid& grid = grids[k / format.group];
        const float weight = feedback.inverse_diagonal[k];
        for (std::size_t l = 0; l < kTogether; ++l) {
            const float scale = grid.scales[first + l];
            const float offset = grid.offsets[first + l];
            const float x = scale != 0.0F ? (value[l] - offset) / scale : 0.0F;
            const float level = kEven ? even_level(x, lowest, highest) : uneven_level(x, format.levels);
            const float error = (value[l] - (level * scale + offset)) * weight;
            out.values[k][first + l] = value[l];
            out.levels[k][first + l] = level;
            out.errors[k][first + l] = error;
            loss[l] += error * error;
        }
    }
    for (std::size_t l = 0; l < kTogether; ++l) out.loss[first + l] = loss[l];
}

LANDAUER_LOOP void code_all(const SuperFormat& format, const std::vector<Lanes>& values, const SuperFeedback& feedback,
                            const LaneGrids& grids, Attempt& out) {
    for (std::size_t first = 0; first < kLanes; first += kTogether) {
        if (format.levels.levels.empty()) {
            code_some<true>(format, values, feedback, grids, first, out);
        } else {
            code_some<false>(format, values, feedback, grids, first, out);
        }
    }
}

void code_plain(const SuperFormat& format, const std::vector<Lanes>& values, const SuperFeedback& feedback,
                const LaneGrids& grids, Attempt& out) {
    code_all(format, values, feedback, grids, out);
}

LANDAUER_WIDE void code_wide(const SuperFormat& format, const std::vector<Lanes>& values, const SuperFeedback& feedback,
                             const LaneGrids& grids, Attempt& out) {
    code_all(format, values, feedback, grids, out);
}

// ggml's own blocks of those values: what is wanted of them are their scales.
Result<void> encode(const SuperFormat& format, const std::vector<Lanes>& values, const SuperFeedback& feedback,
                    std::span<std::byte> bytes) {
    MatrixF rows(kLanes, kSuperColumns);
    for (std::size_t k = 0; k < kSuperColumns; ++k) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) rows(lane, k) = values[k][lane];
    }
    return encode_rows(format.levels.type, rows.values(), kSuperColumns, feedback.importance, bytes);
}

LaneGrids grids_of(const SuperFormat& format, std::span<const std::byte> bytes) {
    LaneGrids grids;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const SuperGrid grid = grid_of(format, bytes.subspan(lane * format.bytes, format.bytes));
        for (std::size_t group = 0; group < format.n_groups(); ++group) {
            grids[group].scales[lane] = grid.scales[group];
            grids[group].offsets[lane] = grid.offsets[group];
        }
    }
    return grids;
}

// Lanes in which the attempt is the best so far.
bool take_better(const SuperFormat& format, const Attempt& attempt, std::span<const std::byte> bytes, SuperBlock& out) {
    bool any = false;
    std::array<std::uint8_t, kSuperColumns> codes{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (!(attempt.loss[lane] < out.loss[lane])) continue;
        any = true;
        out.loss[lane] = attempt.loss[lane];
        for (std::size_t k = 0; k < kSuperColumns; ++k) {
            out.errors[k][lane] = attempt.errors[k][lane];
            codes[k] = code_of(format.levels, attempt.levels[k][lane]);
        }
        const auto block = std::span(out.bytes).subspan(lane * format.bytes, format.bytes);
        std::ranges::copy(bytes.subspan(lane * format.bytes, format.bytes), block.begin());
        put_codes(format, codes, block);
    }
    return any;
}

}  // namespace

Result<void> search_super(const SuperFormat& format, const std::vector<Lanes>& values, const SuperFeedback& feedback,
                          SuperBlock& out) {
    out.errors.resize(kSuperColumns);
    out.bytes.resize(kLanes * format.bytes);
    out.loss.fill(std::numeric_limits<float>::infinity());
    std::vector<std::byte> bytes(out.bytes.size());
    Attempt attempt;
    const bool wide = LANDAUER_HAS_WIDE;
    for (int round = 0; round < kRounds; ++round) {
        if (auto done = encode(format, round == 0 ? values : attempt.values, feedback, bytes); !done) return done;
        const LaneGrids grids = grids_of(format, bytes);
        if (wide) {
            code_wide(format, values, feedback, grids, attempt);
        } else {
            code_plain(format, values, feedback, grids, attempt);
        }
        if (!take_better(format, attempt, bytes, out)) break;
    }
    return {};
}

}  // namespace landauer
