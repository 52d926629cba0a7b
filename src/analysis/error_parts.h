// Half-widths of 95 % intervals, kept apart by how they add up over several windows.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace landauer {

// What two windows can err by together: something uncertain about one step of a slow source or one border of it.
struct ErrorCause {
    enum class Kind : std::uint8_t {
        border,  // where a step begins: what one window loses, the other gains
        beat,    // how far that publication strayed from an even beat
        lag,     // how old a source's publications are, all of them alike
        idle,    // power without load in one step
        share,   // the power of one load among those of a step
    };
    std::int64_t at_ns = 0;
    std::int64_t of_ns = 0;  // share: the load
    std::uint32_t rail = 0;
    Kind kind = Kind::border;
    friend auto operator<=>(const ErrorCause&, const ErrorCause&) = default;
};

// How much a window gains, when that cause is as great as it may be.
struct CausedError {
    ErrorCause cause;
    double signed_half = 0.0;
};

struct ErrorParts {
    double shared = 0.0;  // repeats in every window of a session (idle level and its drift): adds linearly
    double gain = 0.0;    // repeats in every window (the meter's stated accuracy): adds linearly
    double own = 0.0;     // each window's own (edges, resolution, gaps, sampling): adds in quadrature
    double tilt = 0.0;    // signed: early windows and late ones lean on different baselines: adds linearly
    // Slow sources: signed, those of one cause add linearly, causes in quadrature; any order, a cause may recur.
    std::vector<CausedError> linked = {};

    // Of the window's own and its linked errors: what differs from window to window.
    [[nodiscard]] double scatter() const;
    [[nodiscard]] double half_width() const;
};
[[nodiscard]] ErrorParts scaled(ErrorParts errors, double factor);
// Of a sum of two windows.
[[nodiscard]] ErrorParts added(ErrorParts a, const ErrorParts& b);

}  // namespace landauer
