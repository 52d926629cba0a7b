#include <gmock/gmock.h>

#include <string>

#include "meters/channels.h"
#include "meters/table.h"
#include "support/liar.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace landauer::testing;

constexpr const char* kShelly2 =
    R"({"id":0,"source":"init","output":true,"apower":8.9,"voltage":237.5,"aenergy":{"total":6.532}})";
constexpr const char* kShelly1 =
    R"({"relays":[{"ison":true}],"meters":[{"power":2.21,"is_valid":true,"total":120}],"uptime":5})";
constexpr const char* kTasmota =
    R"({"StatusSNS":{"Time":"2026-01-31T12:00:00","ENERGY":{"Total":1.753,"Power":27,"Voltage":234}}})";

bool asks(const Caller& caller, const std::string& path) { return caller.request().starts_with("GET " + path + " "); }

void second_generation(Caller& caller) {
    if (asks(caller, "/rpc/Switch.GetStatus?id=0")) {
        caller.answer(kShelly2);
    } else {
        caller.answer("{}", 404);
    }
}

void first_generation(Caller& caller) {
    if (asks(caller, "/status")) {
        caller.answer(kShelly1);
    } else {
        caller.answer("Not Found", 404);
    }
}

void tasmota(Caller& caller) {
    if (asks(caller, "/cm?cmnd=Status%208")) {
        caller.answer(kTasmota);
    } else {
        caller.answer("{\"WARNING\":\"Need user=<username>&password=<password>\"}", 401);
    }
}

MeterResult shelly(const Liar& liar) { return probe_plug_shelly({}, liar.address()); }

TEST(PlugShelly, SecondGeneration) {
    const Liar liar(second_generation);
    const auto meter = shelly(liar);
    ASSERT_TRUE(meter) << meter.error().sentence;
    const MeterInfo& info = (*meter)->info();
    EXPECT_TRUE(info.blocks);
    EXPECT_DOUBLE_EQ(info.period_s, 1.0);
    EXPECT_EQ(channel(**meter, "power").rail.kind, RailKind::wall);
    EXPECT_GT(channel(**meter, "power").rail.accuracy, 0.0);
    auto values = read_all(**meter);
    EXPECT_DOUBLE_EQ(static_cast<double>(values["power"]) * channel(**meter, "power").scale, 8.9);
    EXPECT_NEAR(static_cast<double>(values["energy"]) * channel(**meter, "energy").scale, 6.532 * 3600, 1e-6);
}

TEST(PlugShelly, FirstGenerationIsFoundByItsOwnPath) {
    const Liar liar(first_generation);
    const auto meter = shelly(liar);
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_EQ(read_all(**meter)["power"], 2210);
    EXPECT_EQ(read_all(**meter)["energy"], 2000);  // 120 watt-minutes are 2 Wh
}

TEST(PlugTasmota, PowerOfStatus8) {
    const Liar liar(tasmota);
    const auto meter = probe_plug_tasmota({}, liar.address());
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_EQ(read_all(**meter)["power"], 27000);
    EXPECT_EQ(channel(**meter, "power").meter, "plug-tasmota");
}

TEST(PlugShelly, LiesAreMissingAndTheTruthComesBack) {
    Liar liar(second_generation);
    const auto meter = shelly(liar);
    ASSERT_TRUE(meter);
    const Liar::Script lies[] = {
        [](Caller& c) { c.answer(R"({"apower":"8.9"})"); },
        [](Caller& c) { c.answer(R"({"apower":-5})"); },
        [](Caller& c) { c.answer(R"({"apower":1e300})"); },
        [](Caller& c) { c.answer(R"({"apower":null})"); },
        [](Caller& c) { c.answer(R"({"apower":8.9)"); },
        [](Caller& c) { c.answer("<html>login</html>"); },
        [](Caller& c) { c.answer(""); },
        [](Caller& c) { c.answer(kShelly2, 500); },
        [](Caller& c) { c.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"apower\":8."); },
        [](Caller& c) { c.say_nothing(); },
        [](Caller& /*hangs up*/) {},
    };
    for (const Liar::Script& lie : lies) {
        liar.now_do(lie);
        auto values = read_all(**meter);
        EXPECT_EQ(values["power"], kMissing) << &lie - lies;
        EXPECT_EQ(values["energy"], kMissing) << &lie - lies;
    }
    liar.now_do(second_generation);
    EXPECT_EQ(read_all(**meter)["power"], 8900);
}

TEST(PlugShelly, ZeroWattsAreZeroWatts) {
    const Liar liar([](Caller& c) { c.answer(R"({"apower":0.0})"); });
    const auto meter = shelly(liar);
    ASSERT_TRUE(meter);
    EXPECT_EQ(read_all(**meter)["power"], 0);
    EXPECT_EQ(read_all(**meter)["energy"], kMissing);
}

TEST(PlugShelly, SaysWhatIsWrong) {
    EXPECT_EQ(probe_plug_shelly({}, "").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(probe_plug_shelly({}, "not a host").error().kind, ErrorKind::Invalid);
    const Liar locked([](Caller& c) { c.answer("", 401); });
    const auto denied = shelly(locked);
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
    EXPECT_THAT(denied.error().sentence, HasSubstr("password"));
    const Liar web([](Caller& c) { c.answer("<html></html>"); });
    EXPECT_EQ(shelly(web).error().kind, ErrorKind::Failed);
    const Liar silent([](Caller& c) { c.say_nothing(); });
    EXPECT_EQ(shelly(silent).error().kind, ErrorKind::Absent);
}

}  // namespace
}  // namespace landauer
