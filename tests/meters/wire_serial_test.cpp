// The serial testers against a peer at the other end of a pseudo-terminal.
#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>

#include "meters/channels.h"
#include "meters/dc_meter.h"
#include "platform/serial_port.h"
#include "support/machine_tree.h"
#include "support/pty_peer.h"
#include "support/scripted_device.h"
#include "support/wire_fixture.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace landauer::testing;

constexpr std::int64_t kTc66cMicrowatts = 6'294'600;
constexpr std::int64_t kUm25cMicrowatts = 4'331'000;

MeterResult tc66c(const std::string& device, Clock* clock = nullptr) {
    return probe_usb_tc66c({"/", {}, clock}, device);
}

// How the peer behaves from now on; tests change it between readings.
enum class Mood { honest, split, stall, garbage, half, leave };

class Tc66cPeer {
   public:
    std::atomic<Mood> mood = Mood::honest;
    std::atomic<int> n_bad_requests = 0;

   private:
    bool answer(PtyPeer& line, const Packet& said) {
        n_bad_requests += std::string(said.begin(), said.end()) == "getva" ? 0 : 1;
        switch (mood) {
            case Mood::honest:
                line.say(packet_);
                return true;
            case Mood::split:
                for (std::size_t at = 0; at < packet_.size(); at += 7) {
                    line.say(packet_, at, at + 7);
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                }
                return true;
            case Mood::stall:
                return true;
            case Mood::garbage:
                line.say(Packet(packet_.size(), 0x55));
                return true;
            case Mood::half:
                line.say(packet_, 0, 100);
                return true;
            case Mood::leave:
                line.say(packet_, 0, 100);
                return false;
        }
        return true;
    }
    Packet packet_ = wire_bytes("tc66c-getva.hex");

   public:
    // Last: its thread uses the others as soon as it is there.
    PtyPeer peer{[this](PtyPeer& line, const Packet& said) { return answer(line, said); }};
};

TEST(UsbTc66c, PowerVoltageCurrent) {
    Tc66cPeer peer;
    const auto meter = tc66c(peer.peer.name());
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_EQ(read_all(**meter), (std::map<std::string, std::int64_t>{
                                     {"power", kTc66cMicrowatts}, {"voltage", 5'098'700}, {"current", 1'234'560}}));
    EXPECT_EQ(channel(**meter, "power").rail.kind, RailKind::dc_input);
    EXPECT_EQ(channel(**meter, "voltage").rail.kind, RailKind::none);
    EXPECT_TRUE((*meter)->info().blocks);
    EXPECT_GT((*meter)->info().period_s, 0.0);
    EXPECT_EQ(peer.n_bad_requests, 0);
}

TEST(UsbTc66c, APacketInManyPieces) {
    Tc66cPeer peer;
    const auto meter = tc66c(peer.peer.name());
    ASSERT_TRUE(meter);
    peer.mood = Mood::split;
    EXPECT_EQ(read_all(**meter)["power"], kTc66cMicrowatts);
}

TEST(UsbTc66c, StallsGarbageAndHalfPacketsAreMissingAndPass) {
    Tc66cPeer peer;
    const auto meter = tc66c(peer.peer.name());
    ASSERT_TRUE(meter);
    for (const Mood mood : {Mood::garbage, Mood::half, Mood::stall}) {
        peer.mood = mood;
        const auto values = read_all(**meter);
        EXPECT_EQ(values.at("power"), kMissing);
        EXPECT_EQ(values.at("voltage"), kMissing);
        peer.mood = Mood::honest;
        EXPECT_EQ(read_all(**meter)["power"], kTc66cMicrowatts) << "what was left of the bad answer is forgotten";
    }
}

TEST(UsbTc66c, UnpluggedInMidPacketAndPluggedInAgain) {
    const MachineTree folder;
    HandClock clock;
    const std::string device = (folder.root() / "tester").string();
    auto first = std::make_unique<Tc66cPeer>();
    folder.link("tester", first->peer.name());
    const auto meter = tc66c(device, &clock);
    ASSERT_TRUE(meter) << meter.error().sentence;
    first->mood = Mood::leave;
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    first.reset();
    folder.remove("tester");
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    Tc66cPeer second;
    folder.link("tester", second.peer.name());
    EXPECT_EQ(read_all(**meter)["power"], kMissing) << "looked for once a second, not at every read";
    clock.pass_ms(1001);
    EXPECT_EQ(read_all(**meter)["power"], kTc66cMicrowatts);
}

TEST(UsbTc66c, AStrangerOnTheLine) {
    Tc66cPeer peer;
    peer.mood = Mood::garbage;
    const auto meter = tc66c(peer.peer.name());
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Failed);
    EXPECT_THAT(meter.error().sentence, HasSubstr("TC66C"));
}

TEST(UsbTc66c, NoDeviceNoLineNoName) {
    EXPECT_EQ(tc66c("").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(tc66c("/dev/there-is-no-such-line").error().kind, ErrorKind::Absent);
    EXPECT_EQ(tc66c("/dev/null").error().kind, ErrorKind::Failed);
    const MachineTree folder;
    folder.write("line", "");
    folder.deny("line");
    const auto denied = as_nobody([&] { return tc66c((folder.root() / "line").string()); });
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
    EXPECT_THAT(denied.error().remedy, HasSubstr("dialout"));
    EXPECT_EQ(open_serial("/dev/null", 1234).error().kind, ErrorKind::Invalid);
}

TEST(UsbUm25c, OneByteAsks) {
    const Packet packet = wire_bytes("um25c.hex");
    std::atomic<bool> is_late = false;
    PtyPeer peer([&](PtyPeer& line, const Packet& said) {
        EXPECT_EQ(said, Packet{0xF0});
        if (!is_late) {
            line.say(packet);
        }
        return true;
    });
    const auto meter = probe_usb_um25c({}, peer.name());
    ASSERT_TRUE(meter) << meter.error().sentence;
    EXPECT_EQ(read_all(**meter)["power"], kUm25cMicrowatts);
    EXPECT_EQ(read_all(**meter)["current"], 845'600);
    is_late = true;
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    peer.say(packet, 0, 60);  // half an answer comes after all, before the next request
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    is_late = false;
    EXPECT_EQ(read_all(**meter)["power"], kUm25cMicrowatts);
    EXPECT_EQ(probe_usb_um25c({}, "").error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer
