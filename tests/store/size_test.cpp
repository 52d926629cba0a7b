#include "sample_data.h"
#include "store/store.h"

namespace landauer::test {
namespace {

// An hour at 5 Hz with 20 channels: a trial every three seconds, its samples in blocks of 15.
TEST(StoreSize, AnHourStaysUnderFiveMegabytes) {
    const TemporaryFolder folder;
    {
        Store store = must(Store::open(folder / "a.db"));
        store_a_run(store, a_run(), 1200);
    }
    const auto size = std::filesystem::file_size(folder / "a.db");
    RecordProperty("bytes", std::to_string(size));
    EXPECT_LT(size, 5'000'000U);
    Store store = must(Store::open(folder / "a.db"));
    const RunData data = must(store.read_run(1));
    EXPECT_EQ(data.sessions.at(0).trace.series.size(), 20U);
    EXPECT_EQ(data.sessions.at(0).trace.series.at(0).size(), 18'000U);
}

}  // namespace
}  // namespace landauer::test
