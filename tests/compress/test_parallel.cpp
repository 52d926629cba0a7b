#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "compress/parallel.h"

namespace landauer {
namespace {

TEST(Parallel, DoesEachPieceOnce) {
    for (std::size_t n_threads : {1U, 2U, 7U}) {
        for (std::size_t n_items : {0U, 1U, 5U, 1000U}) {
            std::vector<int> done(n_items, 0);
            in_parallel(n_threads, n_items, [&](std::size_t i) { ++done[i]; });
            EXPECT_EQ(std::count(done.begin(), done.end(), 1), static_cast<std::ptrdiff_t>(n_items));
        }
    }
}

TEST(Parallel, ThrowsWhatAPieceThrew) {
    for (std::size_t n_threads : {1U, 4U}) {
        EXPECT_THROW(in_parallel(n_threads, 100,
                                 [](std::size_t i) {
                                     if (i == 20) throw std::runtime_error("no");
                                 }),
                     std::runtime_error);
    }
}

}  // namespace
}  // namespace landauer
