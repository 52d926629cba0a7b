// A stretch of one series, looked at in place: figures of ten thousand trials copy nothing.
#pragma once

#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace landauer {

struct SeriesView {
    const Channel* channel = nullptr;
    std::span<const std::int64_t> t_ns;
    std::span<const std::int64_t> raw;

    [[nodiscard]] std::size_t size() const { return t_ns.size(); }
    [[nodiscard]] bool empty() const { return t_ns.empty(); }
    [[nodiscard]] double si(std::size_t i) const { return static_cast<double>(raw[i]) * channel->scale; }
};

[[nodiscard]] SeriesView view(const Series& series);
// Only the samples inside the window, its edges included.
[[nodiscard]] SeriesView within(const SeriesView& series, Window window);
// From the first to the last sample of a series that is not empty.
[[nodiscard]] Window extent(const SeriesView& series);

[[nodiscard]] std::optional<double> counter_delta(const SeriesView& series, Window window);
[[nodiscard]] std::optional<double> gauge_integral(const SeriesView& series, Window window);
[[nodiscard]] std::optional<double> gauge_mean(const SeriesView& series, Window window);
[[nodiscard]] std::optional<double> gauge_max(const SeriesView& series, Window window);

// Counted between two readings of a counter, in raw units: a wrap undone. Slightly negative
// where two readers crossed. Empty when a counter went back by more (it was reset), or when the
// gap is long enough to hide a second wrap.
[[nodiscard]] std::optional<std::int64_t> counter_step(const SeriesView& series, std::size_t from);

}  // namespace landauer
