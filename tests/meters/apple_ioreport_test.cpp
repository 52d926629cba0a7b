#include "meters/apple_ioreport.h"

#include <gmock/gmock.h>

#include <limits>
#include <random>

#include "meters/channels.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace landauer::testing;

// As macOS shows it on a laptop: sums beside their parts, units of several kinds.
constexpr std::string_view kLaptop =
    "Energy Model\t\tECPU0\tmJ\t100\n"
    "Energy Model\t\tPCPU0\tmJ\t900\n"
    "Energy Model\t\tEACC_CPU\tmJ\t100\n"
    "Energy Model\t\tCPU Energy\tmJ\t1000\n"
    "Energy Model\t\tGPU Energy\tnJ\t2500\n"
    "Energy Model\t\tGPU SRAM0\tmJ\t7\n"
    "Energy Model\t\tANE0\tmJ\t3\n"
    "Energy Model\t\tDRAM0\tuJ\t40\n"
    "Energy Model\t\tDRAM Energy Counter\tmJ\t5000\n"
    "CPU Stats\tCPU Core Performance States\tCPU Energy\tmJ\t77\n";

// Two dies of one package.
constexpr std::string_view kTwoDies =
    "Energy Model\t\tDIE_0_CPU Energy\tmJ\t1000\n"
    "Energy Model\t\tDIE_1_CPU Energy\tmJ\t500\n"
    "Energy Model\t\tDIE_0_GPU Energy\tnJ\t1\n"
    "Energy Model\t\tDIE_1_GPU Energy\tnJ\t2\n"
    "Energy Model\t\tDIE_0_DRAM\tuJ\t1\n"
    "Energy Model\t\tDIE_12_DRAM\tuJ\t1\n";

std::int64_t of(const AppleEnergy& energy, AppleRail rail) {
    return energy[static_cast<std::size_t>(rail)].value_or(kMissing);
}

TEST(AppleIoReport, OnlyWholeNamesCount) {
    const AppleEnergy energy = sum_rails(parse_ioreport_text(kLaptop));
    EXPECT_EQ(of(energy, AppleRail::cpu), 1'000'000'000) << "cores are parts of it, another group is another thing";
    EXPECT_EQ(of(energy, AppleRail::gpu), 2500);
    EXPECT_EQ(of(energy, AppleRail::ane), 3'000'000);
    EXPECT_EQ(of(energy, AppleRail::dram), 40'000);
}

TEST(AppleIoReport, DiesAreAddedUp) {
    const AppleEnergy energy = sum_rails(parse_ioreport_text(kTwoDies));
    EXPECT_EQ(of(energy, AppleRail::cpu), 1'500'000'000);
    EXPECT_EQ(of(energy, AppleRail::gpu), 3);
    EXPECT_EQ(of(energy, AppleRail::dram), 2000);
    EXPECT_EQ(of(energy, AppleRail::ane), kMissing);
}

TEST(AppleIoReport, NamesThatLookAlikeAreOthers) {
    constexpr std::string_view kGroup = "Energy Model";
    for (const std::string_view channel : {"",
                                           "CPU",
                                           "CPU Energy ",
                                           "PCPU Energy",
                                           "cpu energy",
                                           "CPU Energy2",
                                           "DIE_CPU Energy",
                                           "DIE__CPU Energy",
                                           "DIE_x_CPU Energy",
                                           "DIE_0_",
                                           "DIE_0_DIE_1_CPU Energy",
                                           "GPU",
                                           "GPU Energy Model",
                                           "DRAM0x",
                                           "DRAM Energy",
                                           "ANE0_1",
                                           "ANEMONE",
                                           "XANE",
                                           "-DRAM",
                                           "DRAM-1"}) {
        EXPECT_EQ(apple_rail(kGroup, channel), std::nullopt) << channel;
    }
    EXPECT_EQ(apple_rail("PMP", "CPU Energy"), std::nullopt);
    EXPECT_EQ(apple_rail(kGroup, "ANE"), AppleRail::ane);
    EXPECT_EQ(apple_rail(kGroup, "DIE_10_DRAM3"), AppleRail::dram);
}

TEST(AppleIoReport, EachChannelHasItsOwnUnit) {
    EXPECT_EQ(in_nanojoules(3, "mJ"), 3'000'000);
    EXPECT_EQ(in_nanojoules(3, "uJ"), 3'000);
    EXPECT_EQ(in_nanojoules(3, "nJ"), 3);
    EXPECT_EQ(in_nanojoules(0, "nJ"), 0);
    for (const std::string_view unit : {"", "J", "pJ", "MJ", "mj", "mJ ", "events"}) {
        EXPECT_EQ(in_nanojoules(3, unit), std::nullopt) << unit;
    }
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(in_nanojoules(-1, "nJ"), std::nullopt);
    EXPECT_EQ(in_nanojoules(std::numeric_limits<std::int64_t>::min(), "mJ"), std::nullopt);
    EXPECT_EQ(in_nanojoules(kMost, "nJ"), kMost);
    EXPECT_EQ(in_nanojoules(kMost / 1'000'000, "mJ"), kMost / 1'000'000 * 1'000'000);
    EXPECT_EQ(in_nanojoules(kMost / 1'000'000 + 1, "mJ"), std::nullopt);
}

TEST(AppleIoReport, ASpoiledDieSpoilsItsRailAndNoOther) {
    for (const char* const bad :
         {"DIE_1_CPU Energy\tkWh\t1", "DIE_1_CPU Energy\tmJ\t-1", "DIE_1_CPU Energy\tmJ\t9223372036854775807",
          "DIE_1_CPU Energy\tnJ\t9223372036854775807"}) {
        const AppleEnergy energy = sum_rails(
            parse_ioreport_text("Energy Model\t\tDIE_0_CPU Energy\tmJ\t1\nEnergy Model\t\t" + std::string(bad) +
                                "\nEnergy Model\t\tDIE_2_CPU Energy\tmJ\t1\nEnergy Model\t\tGPU Energy\tmJ\t1\n"));
        EXPECT_EQ(of(energy, AppleRail::cpu), kMissing) << bad;
        EXPECT_EQ(of(energy, AppleRail::gpu), 1'000'000) << bad;
    }
}

TEST(AppleIoReport, LinesOfAnotherFormAreLeftOut) {
    EXPECT_THAT(parse_ioreport_text(""), IsEmpty());
    EXPECT_THAT(parse_ioreport_text("\n\n\t\t\t\t\na\tb\tc\tmJ\nEnergy Model\t\tCPU Energy\tmJ\t1\t2\n"
                                    "Energy Model\t\tCPU Energy\tmJ\tmany\nEnergy Model\t\tCPU Energy\tmJ\t\n"
                                    "Energy Model\t\tCPU Energy\tmJ\t1\t\nEnergy Model\t\tCPU Energy\tmJ\t1.5\nEnergy "
                                    "Model\t\tCPU Energy\tmJ\tnan\n"),
                IsEmpty());
    EXPECT_THAT(parse_ioreport_text("g\ts\tc\tu\t-5"), ElementsAre(IoReportRecord{"g", "s", "c", "u", -5}));
}

TEST(AppleIoReport, AnyTextIsSurvived) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 5000; ++round) {
        std::string text(random() % 120, ' ');
        for (char& c : text) {
            c = "CPU Energy\t\t\t\t\nDIE_0_mJ19-\0"[random() % 28];
        }
        for (const auto& value : sum_rails(parse_ioreport_text(text))) {
            ASSERT_GE(value.value_or(0), 0);
        }
    }
}

TEST(AppleMeter, HasTheRailsThatTheFirstReadingShows) {
    const auto meter = make_apple_meter([] { return parse_ioreport_text(kLaptop); });
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0", "gpu", "ane", "package-0/dram"));
    EXPECT_EQ(channel(**meter, "package-0").rail.kind, RailKind::package);
    EXPECT_EQ(channel(**meter, "package-0/dram").rail.kind, RailKind::dram);
    EXPECT_EQ(channel(**meter, "gpu").rail.kind, RailKind::device);
    EXPECT_NE(channel(**meter, "gpu").rail.index, channel(**meter, "ane").rail.index);
    EXPECT_EQ(channel(**meter, "gpu").kind, ChannelKind::counter);
    EXPECT_EQ(read_all(**meter)["package-0"], 1'000'000'000);
    EXPECT_THAT((*meter)->info().notes, SizeIs(2));
}

TEST(AppleMeter, ARailThatGoesAwayIsMissingAndNotZero) {
    std::string_view text = kTwoDies;
    const auto meter = make_apple_meter([&] { return parse_ioreport_text(text); });
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0", "gpu", "package-0/dram"));
    text = "Energy Model\t\tGPU Energy\tnJ\t9\n";
    auto values = read_all(**meter);
    EXPECT_EQ(values["gpu"], 9);
    EXPECT_EQ(values["package-0"], kMissing);
    EXPECT_EQ(values["package-0/dram"], kMissing);
    text = "";
    EXPECT_EQ(read_all(**meter)["gpu"], kMissing);
    std::vector<std::int64_t> one(1, 5);
    text = kTwoDies;
    EXPECT_EQ((*meter)->read(one), 1) << "a shorter list is filled as far as it goes";
}

TEST(AppleMeter, NothingKnownIsAbsent) {
    const auto meter = make_apple_meter([] { return std::vector<IoReportRecord>(); });
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Absent);
    EXPECT_FALSE(meter.error().remedy.empty());
}

}  // namespace
}  // namespace landauer
