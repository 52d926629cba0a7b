#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/table.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using namespace landauer::testing;

TEST(Powercap, ZonesAreNamedByTheirFilesAndMirrorsAreLeftOut) {
    const MachineTree tree("intel-2socket");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), UnorderedElementsAre("package-0", "package-0/core", "package-0/uncore",
                                                             "package-0/dram", "package-1", "package-1/dram", "psys"));
    auto values = read_all(**meter);
    EXPECT_EQ(values["package-0"], 1000) << "the memory-mapped mirror says 1001";
    EXPECT_EQ(values["package-1/dram"], 600);
    EXPECT_EQ(values["psys"], 9000);
    EXPECT_TRUE((*meter)->info().is_energy());
}

TEST(Powercap, ChannelsCarryWhatUndoesAWrap) {
    const MachineTree tree("intel-2socket");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    const Channel& package = channel(**meter, "package-0");
    EXPECT_EQ(package, (Channel{"powercap", "package-0", "J", ChannelKind::counter, 1e-6, 262143328850 + 1,
                                Rail{RailKind::package, 0, Provenance::measured, 0.0, 1e-3}}));
    EXPECT_EQ(channel(**meter, "package-0/dram").wrap_range, 65712999613 + 1);
}

TEST(Powercap, HexadecimalIndicesAndDies) {
    const MachineTree tree("hex-zones");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter),
                UnorderedElementsAre("package-0-die-1", "package-0-die-1/dram", "package-1-die-0",
                                     "package-1-die-0/dram", "package-1-die-1"))
        << "a zone whose range is missing gives no joules";
    EXPECT_EQ(read_all(**meter)["package-1-die-0/dram"], 7);
}

TEST(Powercap, MemoryMappedZonesCountWhereThereAreNoOthers) {
    const MachineTree tree;
    tree.write("sys/class/powercap/intel-rapl-mmio:0/name", "package-0\n");
    tree.write("sys/class/powercap/intel-rapl-mmio:0/energy_uj", "5\n");
    tree.write("sys/class/powercap/intel-rapl-mmio:0/max_energy_range_uj", "100\n");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0"));
}

TEST(Powercap, DeniedSaysTheCommandAndWhyItIsClosed) {
    const MachineTree tree("denied");
    const auto meter = as_nobody([&] { return probe_powercap(tree.root()); });
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Denied);
    EXPECT_THAT(meter.error().sentence, HasSubstr("CVE-2020-8694"));
    EXPECT_THAT(meter.error().remedy, HasSubstr("sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj"));
}

TEST(Powercap, AbsentAndHiddenAreDifferentAnswers) {
    const MachineTree guest("vm-nothing");
    const auto absent = probe_powercap(guest.root());
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, ErrorKind::Absent);
    EXPECT_THAT(absent.error().remedy, HasSubstr("modprobe"));
    const MachineTree container("masked-container");
    const auto hidden = probe_powercap(container.root());
    ASSERT_FALSE(hidden);
    EXPECT_EQ(hidden.error().kind, ErrorKind::Denied);
    EXPECT_THAT(hidden.error().remedy, HasSubstr("systempaths=unconfined"));
}

TEST(Powercap, ReadingsOutsideTheRangeAreMissing) {
    const MachineTree tree("amd");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    for (const char* const bad : {"-1", "", "x", "65532610988", "99999999999999999999"}) {
        tree.write("sys/class/powercap/intel-rapl:0/energy_uj", bad);
        EXPECT_EQ(read_all(**meter)["package-0"], kMissing) << bad;
        EXPECT_EQ(read_all(**meter)["package-0/core"], 33) << "one bad file spoils one channel";
    }
    tree.write("sys/class/powercap/intel-rapl:0/energy_uj", "65532610987");
    EXPECT_EQ(read_all(**meter)["package-0"], 65532610987);
}

TEST(Powercap, HostileRangesGiveNoChannel) {
    for (const char* const range : {"", "0", "-5", "many", "9223372036854775807"}) {
        const MachineTree tree;
        tree.write("sys/class/powercap/intel-rapl:0/name", "package-0\n");
        tree.write("sys/class/powercap/intel-rapl:0/energy_uj", "5\n");
        tree.write("sys/class/powercap/intel-rapl:0/max_energy_range_uj", range);
        const auto meter = probe_powercap(tree.root());
        ASSERT_FALSE(meter) << range;
        EXPECT_EQ(meter.error().kind, ErrorKind::Failed);
    }
}

TEST(Powercap, APartThatMayNotBeReadIsLeftOut) {
    const MachineTree tree("amd");
    tree.deny("sys/class/powercap/intel-rapl:0:0/energy_uj");
    const auto meter = as_nobody([&] { return probe_powercap(tree.root()); });
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0"));
    EXPECT_THAT((*meter)->info().notes.back(), HasSubstr("Only root may read package-0/core, so it is missing"));
}

TEST(Powercap, TheMirrorIsNamedInANote) {
    const MachineTree tree("laptop-battery");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0", "package-0/core", "package-0/uncore", "psys"));
    EXPECT_THAT((*meter)->info().notes.back(), HasSubstr("intel-rapl-mmio shows the same counters again"));
    EXPECT_THAT((*meter)->info().permission, HasSubstr("energy_uj"));
    const MachineTree plain("amd");
    EXPECT_THAT((*probe_powercap(plain.root()))->info().notes.back(), HasSubstr("accuracy"));
}

TEST(Powercap, APlatformRailBelowAPackageIsStillThePlatform) {
    const MachineTree tree("psys-below-package");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(channel(**meter, "package-0/psys").rail.kind, RailKind::psys);
    EXPECT_EQ(channel(**meter, "package-0/dram").rail.kind, RailKind::dram);
}

TEST(Powercap, DiesLieSideBySideInTheOrderOfTheirNumbers) {
    const MachineTree tree("hex-zones");
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(channel(**meter, "package-0-die-1").rail, (Rail{RailKind::package, 0, Provenance::measured, 0.0, 1e-3}));
    EXPECT_EQ(channel(**meter, "package-1-die-0/dram").rail.index, 1);
    EXPECT_EQ(channel(**meter, "package-1-die-1").rail.index, 2);
    const MachineTree zen("zen-dies");
    const auto dies = probe_powercap(zen.root());
    ASSERT_TRUE(dies);
    EXPECT_EQ(channel(**dies, "package-0-die-3").rail.index, 3);
}

TEST(Powercap, ZonesOfUnknownNamesAreParts) {
    const MachineTree tree;
    const std::string zone = "sys/class/powercap/intel-rapl:0";
    for (const auto& [ending, name] :
         {std::pair{"", "package-x"}, std::pair{":0", "core"}, std::pair{":1", "wombat"}}) {
        tree.write(zone + ending + "/name", name);
        tree.write(zone + ending + "/energy_uj", "5\n");
        tree.write(zone + ending + "/max_energy_range_uj", "100\n");
    }
    const auto meter = probe_powercap(tree.root());
    ASSERT_TRUE(meter);
    for (const Channel& channel : (*meter)->info().channels) {
        EXPECT_EQ(channel.rail.kind, RailKind::part) << channel.name;
    }
}

}  // namespace
}  // namespace landauer
