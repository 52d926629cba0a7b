#include "meters/pmic_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

namespace landauer {
namespace {

// Every rail at 2 V and 0.1 A, so that each weighs the same in the sum.
std::string even_reply() {
    std::string reply;
    for (const std::string_view rail : kPmicRails) {
        reply += "  " + std::string(rail) + "_A current(1)=0.10000000A\n";
        reply += "  " + std::string(rail) + "_V volt(2)=2.00000000V\n";
    }
    return reply + "  EXT5V_V volt(24)=5.10056000V\n  BATT_V volt(25)=0.00000000V\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

std::optional<std::int64_t> power_of(const std::string& reply) { return pmic_power_uw(parse_pmic_adc(reply)); }

TEST(PmicText, VoltsTimesAmperesOverTheTwelveRails) {
    EXPECT_EQ(power_of(even_reply()), 12 * 200'000);
    EXPECT_EQ(
        power_of(replaced(even_reply(), "VDD_CORE_A current(1)=0.10000000A", "VDD_CORE_A current(7)=10.87674000A")),
        11 * 200'000 + 21'753'480);
}

TEST(PmicText, VoltagesWithoutACurrentAreNoRails) {
    EXPECT_EQ(power_of(replaced(even_reply(), "EXT5V_V volt(24)=5.10056000V", "EXT5V_V broken")), 12 * 200'000);
    EXPECT_EQ(power_of(even_reply() + "NEW_RAIL_A current(30)=9.0A\nNEW_RAIL_V volt(31)=9.0V\n"), 12 * 200'000);
}

TEST(PmicText, OneMissingRailIsNoSumAtAll) {
    for (const std::string_view rail : kPmicRails) {
        for (const char* const part : {"_A", "_V"}) {
            const std::string name = std::string(rail) + part;
            EXPECT_EQ(power_of(replaced(even_reply(), name + " ", "GONE ")), std::nullopt) << name;
        }
    }
    EXPECT_EQ(power_of(""), std::nullopt);
    EXPECT_EQ(power_of("error=1 error_msg=\"Command not registered\""), std::nullopt);
}

TEST(PmicText, NumbersThatCannotBeAreMissing) {
    for (const char* const bad : {"=nanA", "=infA", "=-0.1A", "=A", "=", "=0.1", "=0.1V", "=0.1 0.2A", "=1e9A", "=101A",
                                  "0.1A", "=0x1A", "=1e999A", "=0.1AA"}) {
        EXPECT_EQ(
            power_of(replaced(even_reply(), "VDD_CORE_A current(1)=0.10000000A", std::string("VDD_CORE_A x") + bad)),
            std::nullopt)
            << bad;
    }
}

TEST(PmicText, ARailNamedTwiceCountsOnce) {
    EXPECT_EQ(power_of(even_reply() + "HDMI_A current(22)=0.20000000A\n"), 12 * 200'000 + 200'000);
    EXPECT_EQ(power_of(even_reply() + "HDMI_A current(22)=garbled\n"), std::nullopt) << "the later line is in doubt";
}

TEST(PmicText, ACutReplyIsNoSum) {
    const std::string whole = even_reply();
    const std::size_t last_rail =
        whole.find("HDMI_V volt(2)=2.00000000V") + std::string("HDMI_V volt(2)=2.00000000V").size();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto power = power_of(whole.substr(0, length));
        EXPECT_EQ(power.has_value(), length >= last_rail) << length;
    }
}

TEST(PmicText, AnyBytesAreSurvived) {
    std::mt19937_64 random(3);
    for (int round = 0; round < 3000; ++round) {
        std::string reply = even_reply();
        for (int flips = 0; flips < 4; ++flips) {
            reply[random() % reply.size()] = static_cast<char>(random() % 256);
        }
        const auto power = power_of(reply);
        EXPECT_TRUE(!power || (*power >= 0 && *power <= 12 * 10'000'000'000)) << *power;
    }
}

TEST(PmicText, TheWallFitIsThePublishedLine) {
    EXPECT_EQ(pmic_wall_fit_uw(0), 587'900);
    EXPECT_EQ(pmic_wall_fit_uw(1'000'000), 1'145'100 + 587'900);
}

}  // namespace
}  // namespace landauer
