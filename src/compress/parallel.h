// Independent pieces of work on some threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace landauer {

// work(i) for each i below n_items, whichever thread is free. What the first piece throws is thrown here, once all
// threads are done; fewer threads are started where the system has no more.
template <class Work>
void in_parallel(std::size_t n_threads, std::size_t n_items, const Work& work) {
    std::atomic<std::size_t> next = 0;
    std::exception_ptr thrown;
    std::mutex throwing;
    const auto take = [&] {
        try {
            for (std::size_t i = next++; i < n_items; i = next++) work(i);
        } catch (...) {
            const std::lock_guard lock(throwing);
            if (!thrown) thrown = std::current_exception();
            next = n_items;
        }
    };
    std::vector<std::thread> others;
    others.reserve(n_threads);
    try {
        for (std::size_t i = 1; i < std::min(n_threads, n_items); ++i) others.emplace_back(take);
    } catch (const std::system_error&) {
        n_threads = others.size() + 1;
    }
    take();
    for (std::thread& other : others) other.join();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace landauer
