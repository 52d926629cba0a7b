// Counts what the sampler's thread allocates once it runs: nothing.
#include <gtest/gtest.h>
#include <landauer/sampler.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "run/counting_meter.h"

namespace {

thread_local bool counting = false;
std::atomic<std::int64_t> allocations{0};

void* counted(std::size_t size) {
    if (counting) {
        allocations.fetch_add(1);
    }
    void* const memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) {
        std::abort();
    }
    return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace landauer {
namespace {

using namespace landauer::testing;

TEST(SamplerAllocations, TheHookCounts) {
    counting = true;
    delete new int(1);
    counting = false;
    EXPECT_GE(allocations.exchange(0), 1);
}

TEST(SamplerAllocations, ATickAllocatesNothing) {
    allocations = 0;
    const auto log = std::make_shared<MeterLog>();
    std::vector<std::unique_ptr<Meter>> meters;
    // First in every tick; from the second one on the thread is counted, its end included.
    meters.push_back(std::make_unique<CountingMeter>(
        log, "first", [](std::int64_t number, std::int64_t&) { counting = number > 1; }));
    for (MeterProbe& probe : probe_meters()) {
        if (probe.meter) {
            meters.push_back(std::move(*probe.meter));
        }
    }
    auto sampler = Sampler::start(std::move(meters), {50.0, 0.1});  // the ring runs full as well
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(log->wait_for(12));
    (*sampler)->stop();
    EXPECT_EQ(allocations.load(), 0);
    EXPECT_GT((*sampler)->stats().dropped_ticks, 0U);
}

}  // namespace
}  // namespace landauer
