#include "platform/perf_event.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace landauer {
namespace {

// A pipe in a counter's place: what is written into one end, the counter reads at the other.
class Pipe {
   public:
    Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    Pipe(Pipe&&) = delete;
    Pipe& operator=(Pipe&&) = delete;
    ~Pipe() { close_writer(); }

    [[nodiscard]] int reader() const { return ends_[0]; }  // a PerfCounter closes it
    template <class T>
    void put(T value) const {
        EXPECT_EQ(::write(ends_[1], &value, sizeof value), static_cast<ssize_t>(sizeof value));
    }
    void close_writer() {
        if (ends_[1] >= 0) {
            ::close(std::exchange(ends_[1], -1));
        }
    }

   private:
    std::array<int, 2> ends_{};
};

TEST(PerfCounter, ReadsEightBytesAtATime) {
    const Pipe pipe;
    const PerfCounter counter(pipe.reader());
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{42}, std::uint64_t{1} << 40U}) {
        pipe.put(value);
        EXPECT_EQ(counter.read(), static_cast<std::int64_t>(value));
    }
}

TEST(PerfCounter, EndOfFileAndShortReadsAreNoZero) {
    Pipe pipe;
    const PerfCounter counter(pipe.reader());
    pipe.put(std::uint32_t{7});
    EXPECT_EQ(counter.read(), std::nullopt) << "four bytes are no count";
    pipe.close_writer();
    EXPECT_EQ(counter.read(), std::nullopt) << "a counter whose CPU went offline reads nothing";
}

TEST(PerfCounter, CountsBeyondASignedNumberAreNotRead) {
    const Pipe pipe;
    const PerfCounter counter(pipe.reader());
    pipe.put(~std::uint64_t{0});
    EXPECT_EQ(counter.read(), std::nullopt);
    pipe.put((std::uint64_t{1} << 63U) - 1);
    EXPECT_EQ(counter.read(), INT64_MAX);
}

TEST(PerfCounter, AClosedDescriptorIsNotRead) { EXPECT_EQ(PerfCounter(-1).read(), std::nullopt); }

TEST(PerfCounter, MovesCarryTheDescriptorAndCloseItOnce) {
    const Pipe pipe;
    const int reader = pipe.reader();
    {
        PerfCounter first(reader);
        PerfCounter second(std::move(first));
        PerfCounter third(-1);
        third = std::move(second);
        pipe.put(std::uint64_t{5});
        EXPECT_EQ(third.read(), 5);
    }
    EXPECT_EQ(::close(reader), -1) << "it is closed already";
}

TEST(PerfEvent, ATypeThatNoKernelHasIsNoCounter) {
    const auto counter = open_perf_counter(0xFFFF'FF00U, 1, 0);
    ASSERT_FALSE(counter);
    EXPECT_NE(counter.error().kind, ErrorKind::Bug);
    EXPECT_FALSE(counter.error().remedy.empty());
}

}  // namespace
}  // namespace landauer
