#include <gmock/gmock.h>

#include "meters/wire/fnirsi.h"
#include "meters/wire/km003c.h"
#include "meters/wire/tc66c.h"
#include "meters/wire/um25c.h"
#include "platform/aes.h"
#include "support/wire_fixture.h"

namespace landauer {
namespace {

using namespace landauer::testing;
using Packet = std::vector<std::uint8_t>;

// No packet of another length and none with one bit turned may pass as a reading.
template <class Parse>
void expect_only_whole(const Packet& packet, Parse parse) {
    ASSERT_TRUE(parse(packet));
    for (std::size_t size = 0; size < packet.size(); ++size) {
        EXPECT_FALSE(parse(Packet(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
    }
    for (std::size_t i = 0; i < packet.size() * 8; ++i) {
        Packet broken = packet;
        broken[i / 8] = static_cast<std::uint8_t>(broken[i / 8] ^ (1U << (i % 8)));
        EXPECT_FALSE(parse(broken)) << "bit " << i;
    }
    Packet longer = packet;
    longer.push_back(0);
    EXPECT_FALSE(parse(longer));
}

std::optional<DcReading> parse_encrypted_tc66c(Packet packet) {
    return aes256_ecb_decrypt(tc66c_key(), packet) ? parse_tc66c(packet) : std::nullopt;
}

TEST(Fnirsi, FourSamples) {
    const auto samples = parse_fnirsi(wire_bytes("fnirsi-data.hex"));
    ASSERT_TRUE(samples);
    EXPECT_EQ((*samples)[0], (DcReading{5'112'340, 1'503'210, 7'684'921}));
    EXPECT_EQ((*samples)[3], (DcReading{5'112'400, 1'500'010, 7'668'651}));
}

TEST(Fnirsi, OnlyWholeReports) {
    expect_only_whole(wire_bytes("fnirsi-data.hex"), [](const Packet& packet) { return parse_fnirsi(packet); });
}

// The requests as everybody's captures show them.
TEST(Fnirsi, RequestsEndInThePublishedChecksums) {
    EXPECT_EQ(fnirsi_request(0x81).back(), 0x8E);
    EXPECT_EQ(fnirsi_request(0x82).back(), 0x96);
    EXPECT_EQ(fnirsi_request(0x83).back(), 0x9E);
    EXPECT_EQ(fnirsi_request(0x83)[0], 0xAA);
}

TEST(Km003c, ABackwardCurrentIsACurrent) {
    const auto packet = wire_bytes("km003c-converter.hex");
    const auto reading = parse_km003c(packet, 0x2A);
    ASSERT_TRUE(reading);
    EXPECT_EQ(*reading, (DcReading{5'093'217, 1'204'551, 6'135'039}));
    EXPECT_FALSE(parse_km003c(packet, 0x2B)) << "another request's answer";
}

TEST(Km003c, CutShortOrOtherPackets) {
    const auto packet = wire_bytes("km003c-converter.hex");
    for (std::size_t size = 0; size < packet.size(); ++size) {
        EXPECT_FALSE(parse_km003c(Bytes(packet).first(size), 0x2A)) << size;
    }
    for (const std::size_t at : {0U, 1U, 4U, 5U, 7U}) {
        auto broken = packet;
        broken[at] ^= 0x41U;
        EXPECT_FALSE(parse_km003c(broken, 0x2A)) << at;
    }
    auto absurd = packet;
    absurd[11] = 0x7F;  // 2 kV
    EXPECT_FALSE(parse_km003c(absurd, 0x2A));
    absurd = packet;
    absurd[11] = 0xFF;  // a negative voltage
    EXPECT_FALSE(parse_km003c(absurd, 0x2A));
}

TEST(Tc66c, DecryptedReading) {
    const auto reading = parse_encrypted_tc66c(wire_bytes("tc66c-getva.hex"));
    ASSERT_TRUE(reading);
    EXPECT_EQ(*reading, (DcReading{5'098'700, 1'234'560, 6'294'600}));
}

TEST(Tc66c, OnlyWholePackets) { expect_only_whole(wire_bytes("tc66c-getva.hex"), parse_encrypted_tc66c); }

TEST(Tc66c, ChecksumOfTheCatalogue) {
    const std::string check = "123456789";
    EXPECT_EQ(crc16_modbus(Packet(check.begin(), check.end())), 0x4B37);
}

TEST(Um25c, AllThreeModels) {
    EXPECT_EQ(parse_um25c(wire_bytes("um25c.hex")), (DcReading{5'123'000, 845'600, 4'331'000}));
    EXPECT_EQ(parse_um25c(wire_bytes("um24c.hex")), (DcReading{5'080'000, 1'234'000, 6'268'000}));
    EXPECT_EQ(parse_um25c(wire_bytes("um34c.hex")), (DcReading{9'030'000, 500'000, 4'515'000}));
}

TEST(Um25c, BrokenPackets) {
    const auto packet = wire_bytes("um25c.hex");
    EXPECT_FALSE(parse_um25c(Bytes(packet).first(129)));
    for (const std::size_t at : {0U, 1U, 2U, 4U, 6U, 7U, 8U, 128U, 129U}) {
        auto broken = packet;
        broken[at] ^= 0x40U;
        EXPECT_FALSE(parse_um25c(broken)) << at;
    }
    // As when a byte was lost and the next packet's first one moved up.
    Packet shifted(packet.begin() + 1, packet.end());
    shifted.push_back(packet.front());
    EXPECT_FALSE(parse_um25c(shifted));
}

// The published vector of AES-256 (FIPS 197, C.3).
TEST(Aes, PublishedVector) {
    std::array<std::uint8_t, 32> key{};
    Packet data(16);
    for (std::size_t i = 0; i < key.size(); ++i) {
        key[i] = static_cast<std::uint8_t>(i);
        data[i / 2] = static_cast<std::uint8_t>((i / 2) * 0x11);
    }
    const Packet plain = data;
    ASSERT_TRUE(aes256_ecb_encrypt(key, data));
    EXPECT_EQ(data,
              (Packet{0x8E, 0xA2, 0xB7, 0xCA, 0x51, 0x67, 0x45, 0xBF, 0xEA, 0xFC, 0x49, 0x90, 0x4B, 0x49, 0x60, 0x89}));
    ASSERT_TRUE(aes256_ecb_decrypt(key, data));
    EXPECT_EQ(data, plain);
    Packet odd(17);
    EXPECT_FALSE(aes256_ecb_decrypt(key, odd));
}

FnirsiSamples constant(std::int64_t microwatts) {
    FnirsiSamples samples;
    samples.fill({5'000'000, microwatts / 5, microwatts});
    return samples;
}

class FnirsiSum : public ::testing::Test {
   protected:
    // Reports of `watts` for `count` times 40 ms, read as they come.
    void stream(int count, std::int64_t watts) {
        for (int i = 0; i < count; ++i) {
            now_ns += 40'000'000;
            energy.add(constant(watts * 1'000'000), now_ns);
        }
    }
    FnirsiEnergy energy;
    std::int64_t now_ns = 5'000'000'000;
};

TEST_F(FnirsiSum, TenMillisecondsASample) {
    EXPECT_FALSE(energy.counter_uj(now_ns)) << "nothing came yet";
    stream(1, 8);
    const auto first = energy.counter_uj(now_ns);
    ASSERT_TRUE(first);
    stream(25, 8);
    EXPECT_EQ(*energy.counter_uj(now_ns) - *first, 8'000'000) << "8 W for a second";
}

TEST_F(FnirsiSum, SmallPowersAreNotRoundedAway) {
    stream(1, 0);
    const auto first = energy.counter_uj(now_ns);
    for (int i = 0; i < 25; ++i) {
        now_ns += 40'000'000;
        energy.add(constant(3), now_ns);  // 3 uW
    }
    EXPECT_EQ(*energy.counter_uj(now_ns) - *first, 3);
}

TEST_F(FnirsiSum, ReportsThatWaitedForTheReader) {
    stream(1, 8);
    const auto first = energy.counter_uj(now_ns);
    now_ns += 1'000'000'000;
    for (int i = 0; i < 25; ++i) {
        energy.add(constant(8'000'000), now_ns);
    }
    EXPECT_EQ(*energy.counter_uj(now_ns) - *first, 8'000'000);
}

TEST_F(FnirsiSum, LostReportsAreAGapAndNotAPause) {
    stream(50, 8);
    const auto before = energy.counter_uj(now_ns);
    ASSERT_TRUE(before);
    now_ns += 1'000'000'000;  // 25 reports that never come
    stream(5, 8);
    EXPECT_FALSE(energy.counter_uj(now_ns)) << "the tick in which it is noticed is missing";
    stream(5, 8);
    static_cast<void>(energy.counter_uj(now_ns));
    stream(5, 8);
    const auto after = energy.counter_uj(now_ns);
    ASSERT_TRUE(after);
    EXPECT_LT(*after, *before) << "differences over the gap must look like a reset";
    stream(25, 8);
    EXPECT_EQ(*energy.counter_uj(now_ns) - *after, 8'000'000) << "and then it goes on";
}

TEST_F(FnirsiSum, SilenceIsNoticedWithoutAReport) {
    stream(10, 8);
    ASSERT_TRUE(energy.counter_uj(now_ns));
    now_ns += 500'000'000;
    EXPECT_FALSE(energy.counter_uj(now_ns));
    EXPECT_FALSE(energy.counter_uj(now_ns));
}

TEST_F(FnirsiSum, ASlowCrystalIsNoLoss) {
    for (int i = 0; i < 25 * 3600; ++i) {  // an hour at 300 ppm
        now_ns += 40'012'000;
        energy.add(constant(8'000'000), now_ns);
        ASSERT_TRUE(energy.counter_uj(now_ns)) << i;
    }
}

}  // namespace
}  // namespace landauer
