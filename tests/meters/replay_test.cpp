#include <gmock/gmock.h>

#include <string>

#include "meters/channels.h"
#include "meters/table.h"
#include "support/hand_clock.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace landauer::testing;

class Replay : public ::testing::Test {
   protected:
    MeterResult probe(const std::string& text, const std::string& rail = {}) {
        tree.write("trace", text);
        MeterSources sources;
        sources.clock = &clock;
        return probe_replay(sources, rail + (tree.root() / "trace").string());
    }

    MachineTree tree;
    HandClock clock;
};

TEST_F(Replay, PlaysPowerFromTheFirstReadingOn) {
    const auto meter = probe("time_s,power_w\n1769862896,10\n1769862897,20\n1769862899,30\n");
    ASSERT_TRUE(meter) << meter.error().sentence;
    Rail rail{RailKind::wall};
    rail.provenance = Provenance::modelled;
    EXPECT_EQ(channel(**meter, "power"), (Channel{"replay", "power", "W", ChannelKind::gauge, 1e-6, 0, rail}));
    clock.pass_s(100);
    EXPECT_EQ(read_all(**meter)["power"], 10'000'000);
    clock.pass_s(0.999);
    EXPECT_EQ(read_all(**meter)["power"], 10'000'000);
    clock.pass_s(0.001);
    EXPECT_EQ(read_all(**meter)["power"], 20'000'000);
    clock.pass_s(2);
    EXPECT_EQ(read_all(**meter)["power"], 30'000'000);
    clock.pass_s(0.001);
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
}

TEST_F(Replay, EnergyIsACounterOnTheRailThatWasNamed) {
    const auto meter = probe("t;energy_j\n0;1,5\n1;2,5\n", "dc-input=");
    ASSERT_TRUE(meter);
    EXPECT_EQ(channel(**meter, "energy").kind, ChannelKind::counter);
    EXPECT_EQ(channel(**meter, "energy").rail.kind, RailKind::dc_input);
    EXPECT_EQ(read_all(**meter)["energy"], 1'500'000);
}

TEST_F(Replay, PlaysAStoredTraceWithSeveralChannels) {
    const auto meter = probe(
        "# recorded\nchannel powercap package-0 J counter 1e-6 1000 package 0\nchannel plug power W gauge 0.001 0 wall "
        "0\n500 plug power 7\n0 powercap package-0 3\n1000 powercap package-0 5\n");
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_THAT(channel_names(**meter), ElementsAre("powercap/package-0", "plug/power"));
    EXPECT_EQ(channel(**meter, "powercap/package-0").meter, "replay");
    EXPECT_EQ(channel(**meter, "powercap/package-0").wrap_range, 1000);
    EXPECT_EQ(read_all(**meter)["powercap/package-0"], 3);
    EXPECT_EQ(read_all(**meter)["plug/power"], kMissing);
    clock.pass_s(500e-9);
    EXPECT_EQ(read_all(**meter)["plug/power"], 7);
    clock.pass_s(500e-9);
    EXPECT_EQ(read_all(**meter)["powercap/package-0"], 5);
    EXPECT_EQ(read_all(**meter)["plug/power"], kMissing);
}

TEST_F(Replay, SaysWhatIsWrongWithTheFile) {
    EXPECT_EQ(probe_replay({}, "").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(probe_replay({}, "/nowhere/at/all").error().kind, ErrorKind::Absent);
    EXPECT_EQ(probe("").error().kind, ErrorKind::Invalid);
    EXPECT_THAT(probe("channel a b W gauge\n").error().sentence, HasSubstr("Line 1"));
    EXPECT_THAT(probe("time,volts\n0,5\n").error().sentence, HasSubstr("no column"));
}

}  // namespace
}  // namespace landauer
