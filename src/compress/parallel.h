// Independent pieces of work on some threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace landauer {

// work(i) for each i below n_items, whichever thread is free.
template <class Work>
void in_parallel(std::size_t n_threads, std::size_t n_items, const Work& work) {
    std::atomic<std::size_t> next = 0;
    const auto take = [&] {
        for (std::size_t i = next++; i < n_items; i = next++) work(i);
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < std::min(n_threads, n_items); ++i) others.emplace_back(take);
    take();
    for (std::thread& other : others) other.join();
}

}  // namespace landauer
