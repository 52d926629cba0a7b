#include <gmock/gmock.h>

#include "meters/wire/board_power.h"
#include "meters/wire/plug_json.h"
#include "meters/wire/trace_text.h"
#include "meters/wire/watts_line.h"
#include "support/wire_fixture.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace landauer::testing;

TEST(WattsLine, NumbersUnitsAndTimes) {
    EXPECT_EQ(parse_watts_line("12.3"), 12'300'000);
    EXPECT_EQ(parse_watts_line("12.3 W"), 12'300'000);
    EXPECT_EQ(parse_watts_line("12.3W\r"), 12'300'000);
    EXPECT_EQ(parse_watts_line("  850 mW "), 850'000);
    EXPECT_EQ(parse_watts_line("17 uW"), 17);
    EXPECT_EQ(parse_watts_line("0.002 kW"), 2'000'000);
    EXPECT_EQ(parse_watts_line("1764032460.25 12.3"), 12'300'000);
    EXPECT_EQ(parse_watts_line("17.25\t12.3 W"), 12'300'000);
    EXPECT_EQ(parse_watts_line("0"), 0) << "a true zero is one";
}

TEST(WattsLine, Nonsense) {
    for (const char* const line : {"", " ", "W", "-3", "nan", "inf", "-0.5 W", "12.3 V", "12.3 W now", "watts 12.3",
                                   "1 2 3", "1e400", "2e6", "0x10", "12..3", "twelve", "7 W 8"}) {
        EXPECT_FALSE(parse_watts_line(line)) << line;
    }
    EXPECT_FALSE(parse_watts_line(std::string(100'000, '9')));
    EXPECT_FALSE(parse_watts_line(std::string_view("1\0002", 3)));
}

TEST(PlugJson, ShellyOfBothGenerations) {
    EXPECT_EQ(parse_shelly_rpc(wire_text("shelly-rpc.json")), (PlugReading{12'700, 1'534'217}));
    // 439237 watt-minutes.
    EXPECT_EQ(parse_shelly_status(wire_text("shelly-status.json")), (PlugReading{2'210, 7'320'616}));
    EXPECT_FALSE(parse_shelly_rpc(wire_text("shelly-status.json")));
    EXPECT_FALSE(parse_shelly_status(wire_text("shelly-rpc.json")));
}

TEST(PlugJson, Tasmota) {
    EXPECT_EQ(parse_tasmota(wire_text("tasmota-status8.json")), (PlugReading{17'000, 12'345'000}));
    EXPECT_EQ(parse_tasmota(wire_text("tasmota-two-sockets.json")), (PlugReading{21'000, 1'500'000}));
    EXPECT_FALSE(parse_tasmota(R"({"StatusSNS":{"Time":"2026-01-31T12:00:00","Switch1":"OFF"}})"));
}

TEST(PlugJson, WrongTypesAndAbsurdFigures) {
    for (const char* const answer :
         {"", "{", "null", "[]", "12.7", "\"apower\"", "{}", R"({"apower":null})", R"({"apower":"12.7"})",
          R"({"apower":-3})", R"({"apower":1e9})", R"({"apower":1e999})", R"({"apower":{}})", R"({"apower":[12.7]})",
          R"({"apower":true})", "{\"apower\":12.7", "<html>"}) {
        EXPECT_FALSE(parse_shelly_rpc(answer)) << answer;
    }
    EXPECT_EQ(parse_shelly_rpc(R"({"apower":12.7,"aenergy":{"total":-1}})"), (PlugReading{12'700, std::nullopt}));
    EXPECT_EQ(parse_shelly_rpc(R"({"apower":12.7,"aenergy":7})"), (PlugReading{12'700, std::nullopt}));
    EXPECT_FALSE(parse_shelly_status(R"({"meters":[{"power":2,"is_valid":false}]})"));
    EXPECT_FALSE(parse_shelly_status(R"({"meters":[]})"));
    EXPECT_FALSE(parse_shelly_status(R"({"meters":[7]})"));
    EXPECT_FALSE(parse_tasmota(R"({"StatusSNS":{"ENERGY":{"Power":[]}}})"));
    EXPECT_FALSE(parse_tasmota(R"({"StatusSNS":{"ENERGY":{"Power":[17,"x"]}}})"));
    EXPECT_FALSE(parse_shelly_rpc(std::string(60'000, '['))) << "deep";
    EXPECT_FALSE(parse_shelly_rpc(R"({"apower":1,"x":")" + std::string(70'000, 'x') + "\"}")) << "long";
}

TEST(BoardPower, TheUsersOwnWatts) {
    const auto power = board_power_from("idle=2.5,load=8");
    ASSERT_TRUE(power);
    EXPECT_DOUBLE_EQ(power->idle_w, 2.5);
    EXPECT_DOUBLE_EQ(power->load_w, 8.0);
    EXPECT_DOUBLE_EQ(power->accuracy, 0.3);
    EXPECT_TRUE(board_power_from("load=8, idle=0"));
}

TEST(BoardPower, TheTableNamesItsSources) {
    const auto mac = board_power_from("mac-mini-m2");
    ASSERT_TRUE(mac);
    EXPECT_DOUBLE_EQ(mac->idle_w, 7.0);
    EXPECT_DOUBLE_EQ(mac->load_w, 50.0);
    EXPECT_THAT(mac->source, HasSubstr("Apple"));
    const auto pi = board_power_of_model("Raspberry Pi 5 Model B Rev 1.0");
    ASSERT_TRUE(pi);
    EXPECT_EQ(pi->board, "Raspberry Pi 5");
    EXPECT_DOUBLE_EQ(pi->accuracy, 0.5);
    EXPECT_LT(pi->idle_w, pi->load_w);
}

TEST(BoardPower, NeverAGuess) {
    for (const char* const text : {"", "pi9", "idle=2.5", "load=8", "idle=2.5,idle=3", "idle=2.5;load=8",
                                   "idle=,load=8", "idle=-1,load=8", "idle=nan,load=8", "idle=2,load=inf",
                                   "idle=2,load=8,x=1", "idle=8,load=8", "idle=9,load=8", "idle=2,load=20000", "5,8"}) {
        const auto power = board_power_from(text);
        ASSERT_FALSE(power) << text;
        EXPECT_EQ(power.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(power.error().remedy, HasSubstr("idle=W,load=W"));
    }
    EXPECT_EQ(board_power_of_model("Some Other Board").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(board_power_of_model("").error().kind, ErrorKind::Invalid);
}

constexpr const char* kTrace =
    "# two meters\n"
    "channel powercap package-0 J counter 1e-6 262143328850 package 0\n"
    "channel plug power W gauge 0.001 0 wall 0\r\n"
    "\n"
    "100 powercap package-0 5000\n"
    "150 plug power 12300\n"
    "200 powercap package-0 5100\n";

TEST(TraceText, ChannelsAndSamples) {
    const auto trace = parse_trace_text(kTrace);
    ASSERT_TRUE(trace);
    ASSERT_EQ(trace->series.size(), 2U);
    const Series& package = trace->series[0];
    EXPECT_EQ(package.channel.name, "package-0");
    EXPECT_EQ(package.channel.kind, ChannelKind::counter);
    EXPECT_EQ(package.channel.wrap_range, 262143328850);
    EXPECT_EQ(package.channel.rail.kind, RailKind::package);
    EXPECT_EQ(package.channel.rail.provenance, Provenance::modelled) << "nothing was measured now";
    EXPECT_THAT(package.t_ns, ElementsAre(100, 200));
    EXPECT_THAT(package.raw, ElementsAre(5000, 5100));
    EXPECT_THAT(trace->series[1].raw, ElementsAre(12300));
}

TEST(TraceText, OneBadLineSpoilsIt) {
    const std::string good = kTrace;
    for (const char* const line :
         {"300 powercap core 1", "200 powercap package-0 1", "250 powercap package-0 x", "-5 plug power 1",
          "plug power 1", "300 plug power", "300 plug power -9223372036854775808",
          "channel plug power W gauge 1 0 wall 0", "channel a b W neither 1 0 wall 0", "channel a b W gauge 0 0 wall 0",
          "channel a b W gauge 1 -1 wall 0", "channel a b W gauge 1 0 moon 0", "channel a b W gauge 1 0 wall",
          "channel"}) {
        const auto trace = parse_trace_text(good + line + "\n");
        ASSERT_FALSE(trace) << line;
        EXPECT_EQ(trace.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(trace.error().sentence, HasSubstr("Line 8")) << line;
    }
    EXPECT_FALSE(parse_trace_text(""));
    EXPECT_FALSE(parse_trace_text("channel plug power W gauge 0.001 0 wall 0\n"));
}

}  // namespace
}  // namespace landauer
