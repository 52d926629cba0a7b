#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/table.h"
#include "platform/proc_files.h"
#include "support/hand_clock.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace landauer::testing;

// Two CPUs that were busy for `ticks` together.
std::string stat(std::int64_t ticks) {
    const std::string all = std::to_string(ticks);
    return "cpu  " + all + " 0 0 900 0 0 0 0 0 0\ncpu0 " + all + " 0 0 400 0 0 0 0 0 0\ncpu1 0 0 0 500 0 0 0 0 0 0\n";
}

class Estimate : public ::testing::Test {
   protected:
    MeterResult probe(const std::string& argument) { return probe_estimate({tree.root(), {}, &clock}, argument); }
    // Since the first such reading.
    std::int64_t after(Meter& meter, std::int64_t ms, std::int64_t ticks) {
        clock.pass_ms(ms);
        tree.write("proc/stat", stat(ticks));
        const std::int64_t now_uj = read_all(meter)["board"];
        begin_uj = begin_uj < 0 ? now_uj : begin_uj;
        return now_uj - begin_uj;
    }
    std::int64_t begin_uj = -1;
    Estimate() { tree.write("proc/stat", stat(1000)); }
    MachineTree tree;
    HandClock clock;
    const std::int64_t second = ticks_per_second();
};

TEST_F(Estimate, IdleAndFullLoad) {
    const auto meter = probe("idle=2,load=8");
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_EQ(after(**meter, 0, 1000), 0);
    EXPECT_EQ(after(**meter, 10'000, 1000), 20'000'000) << "10 s of idling at 2 W";
    EXPECT_EQ(after(**meter, 10'000, 1000 + 20 * second), 100'000'000) << "10 s of both CPUs at 8 W";
    EXPECT_EQ(after(**meter, 10'000, 1000 + 30 * second), 150'000'000) << "10 s of one of two at 5 W";
}

TEST_F(Estimate, IsLabelledAsWhatItIs) {
    const auto meter = probe("idle=2,load=8");
    ASSERT_TRUE(meter);
    const Rail& rail = channel(**meter, "board").rail;
    EXPECT_EQ(rail.kind, RailKind::board);
    EXPECT_EQ(rail.provenance, Provenance::modelled);
    EXPECT_GE(rail.accuracy, 0.3);
    EXPECT_THAT((*meter)->info().covers, HasSubstr("nothing measured"));
}

TEST_F(Estimate, KnowsABoardByItsName) {
    tree.write("proc/device-tree/model", std::string("Raspberry Pi 5 Model B Rev 1.0") + '\0');
    const auto meter = probe("");
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_THAT((*meter)->info().notes[0], HasSubstr("Raspberry Pi 5: 3.3 W idle"));
    EXPECT_DOUBLE_EQ(channel(**meter, "board").rail.accuracy, 0.5);
}

TEST_F(Estimate, NeverGuesses) {
    EXPECT_EQ(probe("").error().kind, ErrorKind::Invalid);
    EXPECT_THAT(probe("").error().remedy, HasSubstr("--meter estimate:idle=W,load=W"));
    tree.remove("proc/stat");
    EXPECT_EQ(probe("pi4").error().kind, ErrorKind::Absent);
}

TEST_F(Estimate, UnreadableIsMissingAndTimeGoesOn) {
    const auto meter = probe("idle=2,load=8");
    ASSERT_TRUE(meter);
    EXPECT_EQ(after(**meter, 0, 1000), 0);
    clock.pass_ms(5'000);
    tree.write("proc/stat", "nonsense\n");
    EXPECT_EQ(read_all(**meter)["board"], kMissing);
    EXPECT_EQ(after(**meter, 5'000, 1000), 20'000'000);
}

// The sampler has one, the edges of trials another, and their readings become one series.
TEST_F(Estimate, TwoMetersTellTheSame) {
    const auto first = probe("idle=2,load=8");
    ASSERT_TRUE(first);
    static_cast<void>(read_all(**first));
    clock.pass_ms(5'000);
    const auto other = probe("idle=2,load=8");
    ASSERT_TRUE(other);
    EXPECT_EQ(read_all(**first), read_all(**other));
}

}  // namespace
}  // namespace landauer
