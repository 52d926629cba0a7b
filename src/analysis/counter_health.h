// How an energy counter or gauge publishes, and where a counter stood still.
#pragma once

#include <cstddef>
#include <vector>

#include "analysis/series_view.h"

namespace landauer {

[[nodiscard]] double median_spacing_s(const SeriesView& series);
// How far apart the readings lie that differ from the one before; 0 where nearly all of them do.
[[nodiscard]] double publication_spacing_s(const SeriesView& series);
// The same of the quickest tenth of them, so that a value that happens to stay the same counts for nothing.
[[nodiscard]] double least_publication_spacing_s(const SeriesView& series);

// Whether it publishes so much more seldom than it is read that most readings only repeat.
[[nodiscard]] bool publishes_seldom(const SeriesView& series);

// A counter that should have advanced and did not: readings [first, last] are equal. The steps from
// first - 1 and to last + 1 are in doubt as well, since it may have stopped and gone on inside them.
struct Standstill {
    std::size_t first = 0;
    std::size_t last = 0;
    bool caught_up = false;  // afterwards it counted what had passed
    bool to_the_end = false;
};
// Of a counter that publishes as often as it is read.
[[nodiscard]] std::vector<Standstill> standstills(const SeriesView& counter);

}  // namespace landauer
