// The USB testers: how they are found, and against devices whose every packet is decided here.
#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/dc_meter.h"
#include "meters/usb_tree.h"
#include "meters/wire/fnirsi.h"
#include "meters/wire/km003c.h"
#include "support/machine_tree.h"
#include "support/scripted_device.h"
#include "support/wire_fixture.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace landauer::testing;

DeviceOpener opener(Script& script) {
    return [&script]() -> Result<std::unique_ptr<ByteDevice>> {
        if (script.gone) {
            return fail(ErrorKind::Absent, "It is gone.", "Plug it in.");
        }
        return std::make_unique<ScriptedDevice>(script);
    };
}

// 5 V and `microamps`, four times.
Packet report(std::uint32_t microamps) {
    FnirsiReport data = fnirsi_request(0x04);
    for (std::size_t i = 0; i < kFnirsiSamples; ++i) {
        const std::uint32_t volts = 500'000;
        const std::uint32_t amps = microamps / 10;
        for (std::size_t byte = 0; byte < 4; ++byte) {
            data[2 + i * 15 + byte] = static_cast<std::uint8_t>(volts >> (8 * byte));
            data[6 + i * 15 + byte] = static_cast<std::uint8_t>(amps >> (8 * byte));
        }
    }
    // The last byte is a checksum over the others: found by trying.
    for (unsigned crc = 0; crc < 256; ++crc) {
        data.back() = static_cast<std::uint8_t>(crc);
        if (parse_fnirsi(data)) {
            break;
        }
    }
    return {data.begin(), data.end()};
}

class UsbFnirsi : public ::testing::Test {
   protected:
    // 40 ms of the tester's life, and a reading.
    std::map<std::string, std::int64_t> after_report(Meter& meter, std::uint32_t microamps = 1'000'000) {
        clock.pass_ms(40);
        script.packets.push_back(report(microamps));
        return read_all(meter);
    }
    MeterResult make(bool asks_often = false) {
        script.packets.push_back(report(1'000'000));
        return make_fnirsi(opener(script), asks_often, &clock);
    }
    Script script;
    HandClock clock;
};

TEST_F(UsbFnirsi, GreetsThenCountsEnergy) {
    auto meter = make();
    ASSERT_TRUE(meter);
    ASSERT_EQ(script.written.size(), 3U);
    EXPECT_EQ(script.written[0][1], 0x81);
    EXPECT_EQ(script.written[1][1], 0x82);
    EXPECT_EQ(script.written[2][1], 0x82) << "FNB58 and FNB48S";
    const auto first = after_report(**meter);
    EXPECT_EQ(first.at("power"), 5'000'000);
    EXPECT_EQ(first.at("voltage"), 5'000'000);
    EXPECT_EQ(first.at("current"), 1'000'000);
    for (int i = 0; i < 24; ++i) {
        after_report(**meter);
    }
    const auto last = after_report(**meter);
    EXPECT_EQ(last.at("energy") - first.at("energy"), 5'000'000) << "5 W for a second";
    EXPECT_EQ(channel(**meter, "energy").rail.kind, RailKind::dc_input);
    EXPECT_EQ(channel(**meter, "power").rail.kind, RailKind::none) << "or its joules would count twice";
}

TEST_F(UsbFnirsi, AsksOnceASecondOrAfterEachReport) {
    auto meter = make();
    ASSERT_TRUE(meter);
    for (int i = 0; i < 50; ++i) {  // two seconds
        after_report(**meter);
    }
    EXPECT_EQ(script.written.size(), 3U + 2U);
    EXPECT_EQ(script.written.back()[1], 0x83);

    script = {};
    auto older = make(true);
    ASSERT_TRUE(older);
    EXPECT_EQ(script.written[2][1], 0x83) << "FNB48 and C1";
    const std::size_t so_far = script.written.size();
    after_report(**older);
    EXPECT_EQ(script.written.size(), so_far + 1);
}

TEST_F(UsbFnirsi, BrokenReportsAreLostTimeAndNotZero) {
    auto meter = make();
    ASSERT_TRUE(meter);
    const auto before = after_report(**meter);
    for (int i = 0; i < 10; ++i) {
        clock.pass_ms(40);
        Packet bad = report(1'000'000);
        bad[10] ^= 1U;
        script.packets.push_back(bad);
        const auto values = read_all(**meter);
        EXPECT_EQ(values.at("power"), kMissing);
    }
    EXPECT_EQ(read_all(**meter).at("energy"), kMissing);
    after_report(**meter);
    const auto after = after_report(**meter);
    EXPECT_LT(after.at("energy"), before.at("energy"));
    EXPECT_NE(after.at("energy"), kMissing);
}

TEST_F(UsbFnirsi, ShortAndStrangeReports) {
    auto meter = make();
    ASSERT_TRUE(meter);
    script.packets = {Packet{}, Packet{0xAA}, Packet(64, 0xFF), Packet(64, 0), Packet(3, 0xAA)};
    script.packets.pop_front();  // an empty read ends the batch
    clock.pass_ms(40);
    EXPECT_EQ(read_all(**meter).at("power"), kMissing);
    EXPECT_TRUE(script.packets.empty());
    EXPECT_NE(after_report(**meter).at("power"), kMissing);
}

TEST_F(UsbFnirsi, UnpluggedAndPluggedInAgain) {
    auto meter = make();
    ASSERT_TRUE(meter);
    const auto before = after_report(**meter);
    script.gone = true;
    EXPECT_EQ(read_all(**meter).at("energy"), kMissing);
    clock.pass_ms(5000);
    EXPECT_EQ(read_all(**meter).at("energy"), kMissing);
    script.gone = false;
    clock.pass_ms(1001);
    script.written.clear();
    after_report(**meter);
    EXPECT_EQ(script.opened, 2);
    ASSERT_GE(script.written.size(), 3U) << "greeted anew";
    EXPECT_EQ(script.written[0][1], 0x81);
    const auto after = after_report(**meter);
    EXPECT_NE(after.at("energy"), kMissing);
    EXPECT_LT(after.at("energy"), before.at("energy"));
}

TEST_F(UsbFnirsi, ADeviceOfThatNumberThatSendsNothing) {
    const auto meter = make_fnirsi(opener(script), false, &clock);
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Failed);
}

class UsbKm003c : public ::testing::Test {
   protected:
    UsbKm003c() {
        script.on_write = [this](const Packet& said) {
            ASSERT_EQ(said.size(), 4U);
            EXPECT_EQ(said[0], 0x0C);
            Packet answer = packet;
            answer[1] = said[1];
            if (speaks) {
                script.packets.push_back(answer);
            }
        };
    }
    Packet packet = wire_bytes("km003c-converter.hex");
    Script script;
    HandClock clock;
    bool speaks = true;
};

TEST_F(UsbKm003c, EachRequestHasItsNumber) {
    const auto meter = make_km003c(opener(script), &clock);
    ASSERT_TRUE(meter);
    EXPECT_EQ(read_all(**meter)["power"], 6'135'039);
    EXPECT_EQ(read_all(**meter)["current"], 1'204'551);
    EXPECT_NE(script.written[0][1], script.written[1][1]);
}

TEST_F(UsbKm003c, LateAnswersStallsAndNonsense) {
    const auto meter = make_km003c(opener(script), &clock);
    ASSERT_TRUE(meter);
    Packet late = packet;
    late[1] = 0xEE;
    script.packets = {late, Packet(512, 0xFF), Packet(3, 0x41)};
    EXPECT_EQ(read_all(**meter)["power"], 6'135'039) << "after others' answers";
    speaks = false;
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    script.gone = true;
    EXPECT_EQ(read_all(**meter)["power"], kMissing);
    script.gone = false;
    speaks = true;
    EXPECT_EQ(read_all(**meter)["power"], kMissing) << "looked for once a second";
    clock.pass_ms(1001);
    EXPECT_EQ(read_all(**meter)["power"], 6'135'039);
}

void plug_in(const MachineTree& tree, const char* vendor, const char* product) {
    tree.write("sys/bus/usb/devices/usb1/idVendor", "1d6b\n");
    tree.write("sys/bus/usb/devices/usb1/idProduct", "0002\n");
    tree.write("sys/bus/usb/devices/1-2/idVendor", std::string(vendor) + "\n");
    tree.write("sys/bus/usb/devices/1-2/idProduct", std::string(product) + "\n");
    tree.write("sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "ff\n");
}

TEST(UsbTree, NothingIsThereOrNothingThatMeters) {
    const MachineTree tree;
    EXPECT_TRUE(list_usb(tree.root()).empty());
    EXPECT_EQ(probe_usb_fnirsi({tree.root()}, {}).error().kind, ErrorKind::Absent);
    EXPECT_EQ(probe_usb_km003c({tree.root()}, {}).error().kind, ErrorKind::Absent);
    plug_in(tree, "046d", "c52b");
    tree.write("sys/bus/usb/devices/1-3/idVendor", "not hex\n");
    EXPECT_EQ(list_usb(tree.root()).size(), 2U);
    EXPECT_EQ(probe_usb_fnirsi({tree.root()}, {}).error().kind, ErrorKind::Absent);
}

TEST(UsbTree, TheKernelsOwnDriverKeepsTheKm003c) {
    const MachineTree tree;
    plug_in(tree, "5fc9", "0063");
    tree.link("sys/bus/usb/devices/1-2/1-2:1.0/driver", "../../../../drivers/powerz");
    const auto meter = probe_usb_km003c({tree.root()}, {});
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Absent);
    EXPECT_THAT(meter.error().sentence, HasSubstr("powerz"));
    EXPECT_THAT(meter.error().remedy, HasSubstr("hwmon"));
}

TEST(UsbTree, ATesterThatMayNotBeReadNamesTheRule) {
    const MachineTree tree;
    plug_in(tree, "2e3c", "5558");
    tree.write("sys/bus/usb/devices/1-2/1-2:1.3/0003:2E3C:5558.0001/hidraw/hidraw7/dev", "240:7\n");
    tree.write("dev/hidraw7", "");
    tree.deny("dev/hidraw7");
    ASSERT_EQ(list_usb(tree.root()).size(), 2U);
    EXPECT_EQ(hidraw_of(list_usb(tree.root())[0]), "hidraw7");
    const auto meter = as_nobody([&] { return probe_usb_fnirsi({tree.root()}, {}); });
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Denied);
    EXPECT_THAT(meter.error().sentence, HasSubstr("FNB58"));
    EXPECT_THAT(meter.error().remedy, HasSubstr("ATTRS{idVendor}==\"2e3c\", ATTRS{idProduct}==\"5558\""));
    EXPECT_THAT(meter.error().remedy, HasSubstr("SUBSYSTEM==\"hidraw\""));
}

TEST(UsbTree, AFileThatIsNoHidDevice) {
    const MachineTree tree;
    plug_in(tree, "2e3c", "0049");
    tree.write("sys/bus/usb/devices/1-2/1-2:1.0/0003:2E3C:0049.0001/hidraw/hidraw0/dev", "240:0\n");
    tree.write("dev/hidraw0", "");
    const auto meter = probe_usb_fnirsi({tree.root()}, {});
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Failed);
}

}  // namespace
}  // namespace landauer
