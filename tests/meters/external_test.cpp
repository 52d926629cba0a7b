#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "meters/channels.h"
#include "meters/rail_argument.h"
#include "meters/table.h"
#include "support/hand_clock.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace landauer::testing;

class External : public ::testing::Test {
   protected:
    MeterResult probe(const std::string& argument) {
        MeterSources sources;
        sources.clock = &clock;
        return probe_external(sources, argument);
    }
    [[nodiscard]] std::string path() const { return (tree.root() / "watts.csv").string(); }
    void append(const std::string& text) const { std::ofstream(path(), std::ios::app) << text; }

    MachineTree tree;
    HandClock clock;
};

TEST_F(External, FollowsAGrowingFileFromItsEnd) {
    append("time_s,power_mw\n0,1000\n1,2000\n");
    const auto meter = probe(path());
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_TRUE((*meter)->info().blocks);
    EXPECT_EQ(channel(**meter, "power"),
              (Channel{"external", "power", "W", ChannelKind::gauge, 1e-6, 0, Rail{RailKind::wall}}));
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    append("2,3000\n3,3");
    EXPECT_EQ(read_all(**meter)["power"], 3'000'000);
    append("500\n");
    EXPECT_EQ(read_all(**meter)["power"], 3'500'000);
}

TEST_F(External, AValueHoldsUntilTheNextIsOverdue) {
    append("0,1\n");
    const auto meter = probe(path());
    ASSERT_TRUE(meter);
    append("1,5\n");
    EXPECT_EQ(read_all(**meter)["power"], 5'000'000);
    clock.pass_s(1.9);
    EXPECT_EQ(read_all(**meter)["power"], 5'000'000);
    clock.pass_s(0.2);
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    append("2,6\n");
    EXPECT_EQ(read_all(**meter)["power"], 6'000'000);
}

TEST_F(External, ASlowInstrumentIsGivenItsTime) {
    append("0,1\n");
    const auto meter = probe(path());
    ASSERT_TRUE(meter);
    append("1,5\n");
    EXPECT_EQ(read_all(**meter)["power"], 5'000'000);
    clock.pass_s(1.5);
    append("2,6\n");
    EXPECT_EQ(read_all(**meter)["power"], 6'000'000);
    clock.pass_s(4.4);
    EXPECT_EQ(read_all(**meter)["power"], 6'000'000);
    clock.pass_s(0.2);
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
}

TEST_F(External, EnergyIsACounterAndTheRailIsTheUsers) {
    append("t,Energy (Wh)\n0,1\n");
    const auto meter = probe("board=" + path());
    ASSERT_TRUE(meter);
    EXPECT_EQ(channel(**meter, "energy"),
              (Channel{"external", "energy", "J", ChannelKind::counter, 1e-6, 0, Rail{RailKind::board}}));
    append("1,1.5\n");
    EXPECT_EQ(read_all(**meter)["energy"], 5'400'000'000);
}

TEST_F(External, GarbageIsNoReading) {
    append("0,1\n");
    const auto meter = probe(path());
    ASSERT_TRUE(meter);
    append("what?\n1,\n2,inf\n3,1e99\n4,5 J\n" + std::string(100'000, 'x') + "\n\x01\x02\n");
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    append("5,7\n");
    EXPECT_EQ(read_all(**meter)["power"], 7'000'000);
}

TEST_F(External, JoulesAreNotTakenForTheWattsThatWereExpected) {
    append("");
    const auto meter = probe(path());
    ASSERT_TRUE(meter);
    EXPECT_EQ(channel(**meter, "power").unit, "W");
    append("5 J\n");
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
}

TEST_F(External, AFileStartedAnewGoesOn) {
    append("0,1\n1,1\n2,1\n");
    const auto meter = probe(path());
    ASSERT_TRUE(meter);
    tree.write("watts.csv", "0,9\n");
    EXPECT_EQ(read_all(**meter)["power"], 9'000'000);
}

TEST_F(External, ReadsANamedPipeAndItsEndIsAGap) {
    const auto fifo = tree.root() / "fifo";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    const int writer = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
    EXPECT_EQ(::write(writer, "12.5 W\n", 7), 7);
    const auto meter = probe(fifo.string());
    ASSERT_TRUE(meter);
    EXPECT_EQ(::write(writer, "13\n", 3), 3);
    EXPECT_EQ(read_all(**meter)["power"], 13'000'000);
    ::close(writer);
    EXPECT_EQ(read_all(**meter)["power"], 13'000'000);
    clock.pass_s(61);
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
}

TEST_F(External, SaysWhatIsWrongWithTheArgument) {
    EXPECT_EQ(probe("").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(probe("board=").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(probe(path()).error().kind, ErrorKind::Absent);
    append("time,volts\n0,5\n");
    const auto volts = probe(path());
    ASSERT_FALSE(volts);
    EXPECT_EQ(volts.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(volts.error().sentence, HasSubstr("no column is called a power"));
}

TEST(RailArgument, OnlyARailsNameIsTakenOff) {
    EXPECT_EQ(rail_argument_from("dc-input=x y=z").kind, RailKind::dc_input);
    EXPECT_EQ(rail_argument_from("dc-input=x y=z").rest, "x y=z");
    EXPECT_EQ(rail_argument_from("A=1 program").kind, RailKind::wall);
    EXPECT_EQ(rail_argument_from("A=1 program").rest, "A=1 program");
    EXPECT_EQ(rail_argument_from("none=x").rest, "none=x");
    EXPECT_EQ(rail_argument_from("", RailKind::board).kind, RailKind::board);
}

}  // namespace
}  // namespace landauer
