#include "meters/grants.h"

#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "meters/table.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using namespace landauer::testing;

MeterProbe probe(std::string name, ErrorKind kind, std::string remedy = "Do this.", std::string argument = {}) {
    return {std::move(name), std::move(argument), fail(kind, "It may not be read.", std::move(remedy))};
}

std::vector<MeterProbe> denied(std::string name, std::string argument = {}) {
    std::vector<MeterProbe> probes;
    probes.push_back(
        probe(std::move(name), ErrorKind::Denied, "Until the next boot: sudo chmod a+r /sys/x", std::move(argument)));
    return probes;
}

Grant only(const std::vector<MeterProbe>& probes) {
    const auto grants = grants_for(probes);
    EXPECT_THAT(grants, SizeIs(1));
    return grants.empty() ? Grant{} : grants.front();
}

std::string all_lines(const Grant& grant) {
    return fmt::format("{}\n{}", fmt::join(grant.until_reboot, "\n"), fmt::join(grant.lasting, "\n"));
}

TEST(Grants, OnlyDeniedMetersAreGranted) {
    const MachineTree tree("amd");
    std::vector<MeterProbe> probes;
    probes.push_back(probe("powercap", ErrorKind::Absent));
    probes.push_back(probe("hwmon", ErrorKind::Failed));
    probes.push_back({"memory", "", probe_memory(tree.root())});
    EXPECT_THAT(grants_for(probes), SizeIs(0));
    EXPECT_THAT(grants_for({}), SizeIs(0));
    probes.push_back(probe("perf-rapl", ErrorKind::Denied));
    probes.push_back(probe("battery", ErrorKind::Denied));
    const auto grants = grants_for(probes);
    ASSERT_THAT(grants, SizeIs(2));
    EXPECT_EQ(grants[0].meter, "perf-rapl");
    EXPECT_EQ(grants[1].meter, "battery");
    EXPECT_EQ(grants[1].what_is_missing, "It may not be read.");
}

TEST(Grants, EveryGrantSaysBothWaysAndWhatTheyOpen) {
    for (const char* const name : {"powercap", "perf-rapl", "rpi-pmic", "hwmon", "battery", "usb-fnirsi", "usb-km003c",
                                   "usb-tc66c", "usb-um25c", "nobody-knows-it"}) {
        const Grant grant = only(denied(name));
        EXPECT_FALSE(grant.until_reboot.empty()) << name;
        EXPECT_FALSE(grant.lasting.empty()) << name;
        EXPECT_FALSE(grant.exposes.empty()) << name;
        EXPECT_THAT(all_lines(grant), Not(HasSubstr("{}"))) << name;
    }
}

TEST(Grants, RaplSaysThatItIsASideChannel) {
    for (const char* const name : {"powercap", "perf-rapl", "hwmon"}) {
        EXPECT_THAT(only(denied(name)).exposes, HasSubstr("PLATYPUS, CVE-2020-8694")) << name;
    }
}

TEST(Grants, PowercapForGoodIsForAGroupOnly) {
    const MachineTree tree("denied");
    std::vector<MeterProbe> probes;
    probes.push_back({"powercap", "", as_nobody([&] { return probe_powercap(tree.root()); })});
    const Grant grant = only(probes);
    EXPECT_THAT(grant.until_reboot, ElementsAre("sudo chmod a+r /sys/class/powercap/intel-rapl*:*/energy_uj"));
    EXPECT_THAT(grant.lasting, Contains(HasSubstr("groupadd -f energy")));
    EXPECT_THAT(grant.lasting, Contains(HasSubstr("/etc/udev/rules.d/70-landauer-powercap.rules")));
    EXPECT_THAT(grant.lasting, Contains(HasSubstr("chmod g+r /sys%p/energy_uj")));
    EXPECT_THAT(all_lines(grant), Not(HasSubstr("a+rw")));
}

TEST(Grants, NoPermissionInsideHelpsAContainerThatHidesTheZones) {
    const MachineTree tree("masked-container");
    std::vector<MeterProbe> probes;
    probes.push_back({"powercap", "", probe_powercap(tree.root())});
    const Grant grant = only(probes);
    EXPECT_THAT(all_lines(grant), HasSubstr("docker run --security-opt systempaths=unconfined"));
    EXPECT_THAT(all_lines(grant), Not(HasSubstr("chmod")));
    EXPECT_THAT(grant.exposes, HasSubstr("/proc"));
}

TEST(Grants, PerfCanBeGivenToOneProgram) {
    const Grant grant = only(denied("perf-rapl"));
    EXPECT_THAT(grant.until_reboot, ElementsAre("sudo sysctl kernel.perf_event_paranoid=0", HasSubstr("--cap-add")));
    EXPECT_THAT(grant.lasting, Contains(HasSubstr("setcap cap_perfmon+ep \"$(readlink -f")));
    EXPECT_THAT(grant.lasting, Contains(HasSubstr("/etc/sysctl.d/")));
}

TEST(Grants, OneOfTwoMetersOnTheSameCountersIsEnough) {
    std::vector<MeterProbe> probes = denied("powercap");
    EXPECT_THAT(only(probes).what_is_missing, Not(HasSubstr("enough")));
    probes.push_back(probe("perf-rapl", ErrorKind::Absent));
    EXPECT_THAT(only(probes).what_is_missing, Not(HasSubstr("enough"))) << "the other is not there to be opened";
    probes.push_back(probe("perf-rapl", ErrorKind::Denied));
    const auto grants = grants_for(probes);
    ASSERT_THAT(grants, SizeIs(2));
    EXPECT_THAT(grants[0].what_is_missing, HasSubstr("one of the two is enough"));
    EXPECT_THAT(grants[1].what_is_missing, Not(HasSubstr("enough")));
}

TEST(Grants, UsbMetersAreOpenedOneByOneAndNotAllHidDevices) {
    const Grant fnirsi = only(denied("usb-fnirsi"));
    EXPECT_THAT(fnirsi.lasting, Contains(HasSubstr(R"(ATTRS{idVendor}=="0483", ATTRS{idProduct}=="003a|003b")")));
    EXPECT_THAT(fnirsi.lasting, Contains(HasSubstr(R"(ATTRS{idVendor}=="2e3c", ATTRS{idProduct}=="0049|5558")")));
    EXPECT_THAT(fnirsi.lasting, Contains(HasSubstr(R"(SUBSYSTEM=="hidraw")")));
    EXPECT_THAT(fnirsi.until_reboot, Contains(HasSubstr("/run/udev/rules.d/")));
    EXPECT_THAT(all_lines(fnirsi), Not(HasSubstr("chmod"))) << "keyboards are hidraw devices too";
    const Grant km003c = only(denied("usb-km003c"));
    EXPECT_THAT(km003c.lasting, Contains(HasSubstr(R"(ATTRS{idVendor}=="5fc9", ATTRS{idProduct}=="0063")")));
}

TEST(Grants, SerialMetersNameTheirDeviceWhateverItIsCalled) {
    EXPECT_THAT(only(denied("usb-tc66c", "/dev/ttyACM3")).until_reboot, ElementsAre("sudo chmod a+rw '/dev/ttyACM3'"));
    EXPECT_THAT(only(denied("usb-um25c", "/dev/x'; rm y")).until_reboot,
                ElementsAre("sudo chmod a+rw '/dev/x'\\''; rm y'"));
    EXPECT_THAT(only(denied("usb-um25c", "")).lasting, Contains(HasSubstr("usermod -aG dialout")));
}

TEST(Grants, AMeterWithoutARuleRepeatsItsRemedy) {
    EXPECT_THAT(only(denied("jetson")).until_reboot, ElementsAre("sudo chmod a+r /sys/x"));
    std::vector<MeterProbe> probes;
    probes.push_back(probe("battery", ErrorKind::Denied, "Ask somebody."));
    EXPECT_THAT(only(probes).until_reboot, ElementsAre("# Ask somebody.")) << "a sentence is no command";
}

}  // namespace
}  // namespace landauer
