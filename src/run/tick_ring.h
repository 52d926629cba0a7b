// The samples of whole ticks, from the sampler thread to the thread that drains: one
// producer, one consumer, no locks, all memory taken beforehand.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace landauer {

class TickRing {
   public:
    // Room for at least `ticks` records of `width` numbers each.
    TickRing(std::size_t ticks, std::size_t width) : width_(width), capacity_(ticks), numbers_(ticks * width) {}

    // Producer: the next free record, or an empty span while the ring is full.
    [[nodiscard]] std::span<std::int64_t> begin_write() noexcept {
        const std::uint64_t head = head_.load(std::memory_order_relaxed);
        if (head - tail_.load(std::memory_order_acquire) == capacity_) {
            return {};
        }
        return record(head);
    }
    void end_write() noexcept { head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

    // Consumer: the oldest record, or an empty span when there is none.
    [[nodiscard]] std::span<const std::int64_t> begin_read() noexcept {
        const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
        if (tail == head_.load(std::memory_order_acquire)) {
            return {};
        }
        return record(tail);
    }
    void end_read() noexcept { tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

   private:
    [[nodiscard]] std::span<std::int64_t> record(std::uint64_t number) noexcept {
        return std::span(numbers_).subspan(static_cast<std::size_t>(number % capacity_) * width_, width_);
    }

    std::size_t width_;
    std::size_t capacity_;
    std::vector<std::int64_t> numbers_;
    std::atomic<std::uint64_t> head_{0};  // records written, ever
    std::atomic<std::uint64_t> tail_{0};  // records read, ever
};

}  // namespace landauer
