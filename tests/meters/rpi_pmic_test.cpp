#include "meters/rpi_pmic.h"

#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/table.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace landauer::testing;

// Every rail at 2 V and 0.5 A: 12 W together.
std::string reply() {
    std::string text;
    for (const char* const rail : {"3V7_WL_SW", "3V3_SYS", "1V8_SYS", "DDR_VDD2", "DDR_VDDQ", "1V1_SYS", "0V8_SW",
                                   "VDD_CORE", "3V3_DAC", "3V3_ADC", "0V8_AON", "HDMI"}) {
        text += std::string(rail) + "_A current(1)=0.50000000A\n" + rail + "_V volt(2)=2.00000000V\n";
    }
    return text;
}

TEST(RpiPmic, SumOfTheRailsAndALabelledFit) {
    const std::string text = reply();
    const auto meter = make_pmic_meter([&] { return std::string_view(text); });
    EXPECT_THAT(channel_names(*meter), ElementsAre("pmic", "wall-fit"));
    EXPECT_EQ(read_all(*meter), (std::map<std::string, std::int64_t>{{"pmic", 12'000'000}, {"wall-fit", 14'329'100}}));
    EXPECT_EQ(channel(*meter, "pmic").rail, (Rail{RailKind::board}));
    EXPECT_EQ(channel(*meter, "wall-fit").rail, (Rail{RailKind::dc_input, 0, Provenance::calibrated, 0.10}));
    EXPECT_THAT(meter->info().notes.front(), HasSubstr("NVMe"));
    EXPECT_THAT(meter->info().notes.back(), HasSubstr("github.com/jfikar/RPi5-power"));
    EXPECT_FALSE(meter->info().blocks);
}

TEST(RpiPmic, APartOfTheSumIsNoSum) {
    std::string text = reply();
    const auto meter = make_pmic_meter([&] { return std::string_view(text); });
    const std::string whole = text;
    for (const char* const bad : {"HDMI_V volt(2)=2.0", "HDMI_X volt", "HDMI_V volt(2)=nanV", "HDMI_V volt(2)=-2V"}) {
        text = whole;
        text.replace(text.find("HDMI_V volt(2)=2.0"), std::string("HDMI_V volt(2)=2.00000000V").size(), bad);
        EXPECT_EQ(read_all(*meter)["pmic"], kMissing) << bad;
        EXPECT_EQ(read_all(*meter)["wall-fit"], kMissing) << bad;
    }
    text.clear();
    EXPECT_EQ(read_all(*meter)["pmic"], kMissing);
    text = whole;
    EXPECT_EQ(read_all(*meter)["pmic"], 12'000'000) << "it comes back";
}

TEST(RpiPmic, ShortSpansAreFilledAsFarAsTheyReach) {
    const std::string text = reply();
    const auto meter = make_pmic_meter([&] { return std::string_view(text); });
    std::vector<std::int64_t> one(1);
    EXPECT_EQ(meter->read(one), 1);
    EXPECT_EQ(one[0], 12'000'000);
    EXPECT_EQ(meter->read({}), 0);
}

TEST(RpiPmic, FoundUnderARootAndReadAgain) {
    const MachineTree tree("pi5");
    const auto meter = probe_rpi_pmic(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(read_all(**meter)["pmic"], 1'948'408);
    tree.write("dev/vcio_gencmd", reply());
    EXPECT_EQ(read_all(**meter)["pmic"], 12'000'000);
    tree.write("dev/vcio_gencmd", "");
    EXPECT_EQ(read_all(**meter)["pmic"], kMissing);
}

TEST(RpiPmic, TheNarrowDeviceIsTriedFirst) {
    const MachineTree tree;
    tree.write("dev/vcio", reply());
    EXPECT_TRUE(probe_rpi_pmic(tree.root()));
    tree.write("dev/vcio_gencmd", "error=1 error_msg=\"Command not registered\"\n");
    const auto meter = probe_rpi_pmic(tree.root());
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Absent);
    EXPECT_THAT(meter.error().sentence, HasSubstr("does not tell"));
}

TEST(RpiPmic, AbsentAndDenied) {
    const MachineTree guest("vm-nothing");
    EXPECT_EQ(probe_rpi_pmic(guest.root()).error().kind, ErrorKind::Absent);
    const MachineTree tree;
    tree.write("dev/vcio", reply());
    tree.deny("dev/vcio");
    const auto denied = as_nobody([&] { return probe_rpi_pmic(tree.root()); });
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
    EXPECT_THAT(denied.error().remedy, HasSubstr("sudo usermod -aG video"));
    tree.write("dev/vcio_gencmd", reply());
    tree.deny("dev/vcio_gencmd");
    EXPECT_THAT(as_nobody([&] { return probe_rpi_pmic(tree.root()); }).error().remedy,
                HasSubstr("sudo chmod a+r /dev/vcio_gencmd"));
}

}  // namespace
}  // namespace landauer
