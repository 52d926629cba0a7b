#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>

#include "meters/channels.h"
#include "meters/perf_event_text.h"
#include "meters/table.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace landauer::testing;

// Stands in for the kernel: every counter is a pipe, into which a test writes what is read.
class FakePerf {
   public:
    FakePerf() = default;
    FakePerf(const FakePerf&) = delete;
    FakePerf& operator=(const FakePerf&) = delete;
    FakePerf(FakePerf&&) = delete;
    FakePerf& operator=(FakePerf&&) = delete;
    ~FakePerf() {
        for (const Opened& opened : opened_) {
            ::close(opened.write_end);
        }
    }
    Result<int> open(std::uint32_t type, std::uint64_t config, int cpu) {
        for (const auto& [denied_config, kind] : refused) {
            if (denied_config == config) {
                return fail(kind, "refused", "ask again");
            }
        }
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        opened_.push_back({type, config, cpu, ends[1]});
        return ends[0];
    }
    void publish(std::size_t i, std::uint64_t value, std::size_t bytes = 8) const {
        std::array<char, 8> raw{};
        std::memcpy(raw.data(), &value, raw.size());
        EXPECT_EQ(::write(opened_.at(i).write_end, raw.data(), bytes), static_cast<ssize_t>(bytes));
    }
    void end(std::size_t i) {
        ::close(opened_.at(i).write_end);
        opened_.at(i).write_end = -1;
    }
    [[nodiscard]] std::vector<int> cpus() const {
        std::vector<int> out;
        for (const Opened& opened : opened_) {
            out.push_back(opened.cpu);
        }
        return out;
    }
    [[nodiscard]] std::uint32_t type() const { return opened_.at(0).type; }

    std::vector<std::pair<std::uint64_t, ErrorKind>> refused;

   private:
    struct Opened {
        std::uint32_t type;
        std::uint64_t config;
        int cpu;
        int write_end;
    };
    std::vector<Opened> opened_;
};

MeterResult probe(const MachineTree& tree, FakePerf& perf) {
    MeterSources sources{tree.root()};
    sources.open_perf = [&](std::uint32_t type, std::uint64_t config, int cpu) { return perf.open(type, config, cpu); };
    return probe_perf_rapl(sources, {});
}

constexpr const char* kUnit = "sys/bus/event_source/devices/power/";

TEST(PerfRapl, OneCounterForEachEventOfEachSocket) {
    const MachineTree tree("intel-2socket");
    FakePerf perf;
    const auto meter = probe(tree, perf);
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0", "package-0/dram", "package-1", "package-1/dram"));
    EXPECT_THAT(perf.cpus(), ElementsAre(0, 0, 2, 2));
    EXPECT_EQ(perf.type(), 21U);
    EXPECT_EQ(channel(**meter, "package-1/dram"),
              (Channel{"perf-rapl", "package-1/dram", "J", ChannelKind::counter, 0x1p-32, 0,
                       Rail{RailKind::dram, 1, Provenance::measured, 0.0, 1e-3}}));
    for (std::size_t i = 0; i < 4; ++i) {
        perf.publish(i, 1000 + i);
    }
    EXPECT_EQ(read_all(**meter),
              (std::map<std::string, std::int64_t>{
                  {"package-0", 1000}, {"package-0/dram", 1001}, {"package-1", 1002}, {"package-1/dram", 1003}}));
}

TEST(PerfRapl, ItsRailsAreThoseOfPowercap) {
    for (const char* const machine : {"intel-2socket", "zen-dies", "laptop-battery", "amd"}) {
        const MachineTree tree(machine);
        FakePerf perf;
        const auto meter = probe(tree, perf);
        const auto powercap = probe_powercap(tree.root());
        ASSERT_TRUE(meter && powercap) << machine;
        for (const Channel& mine : (*meter)->info().channels) {
            EXPECT_EQ(channel(**powercap, mine.name).rail, mine.rail) << machine << " " << mine.name;
        }
    }
}

TEST(PerfRapl, ThePlatformIsCountedOnce) {
    const MachineTree tree("intel-2socket");
    tree.write(std::string(kUnit) + "events/energy-psys", "event=0x05\n");
    tree.write(std::string(kUnit) + "events/energy-psys.scale", "2.3283064365386962890625e-10\n");
    tree.write(std::string(kUnit) + "events/energy-psys.unit", "Joules\n");
    FakePerf perf;
    const auto meter = probe(tree, perf);
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter),
                ElementsAre("package-0", "package-0/dram", "psys", "package-1", "package-1/dram"));
    EXPECT_EQ(channel(**meter, "psys").rail.kind, RailKind::psys);
}

TEST(PerfRapl, ShortEndedAndImpossibleReadsAreMissing) {
    const MachineTree tree("intel-2socket");
    FakePerf perf;
    const auto meter = probe(tree, perf);
    ASSERT_TRUE(meter);
    perf.publish(0, 5, 3);
    perf.end(1);
    perf.publish(2, 1ULL << 63U);
    perf.publish(3, (1ULL << 63U) - 1);
    auto values = read_all(**meter);
    EXPECT_EQ(values["package-0"], kMissing);
    EXPECT_EQ(values["package-0/dram"], kMissing);
    EXPECT_EQ(values["package-1"], kMissing);
    EXPECT_EQ(values["package-1/dram"], std::numeric_limits<std::int64_t>::max());
}

TEST(PerfRapl, DeniedNamesBothWaysIn) {
    const MachineTree tree("denied");
    FakePerf perf;
    perf.refused = {{1, ErrorKind::Denied}, {2, ErrorKind::Denied}};
    const auto meter = probe(tree, perf);
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Denied);
    EXPECT_THAT(meter.error().remedy, HasSubstr("sudo setcap cap_perfmon+ep"));
    EXPECT_THAT(meter.error().remedy, HasSubstr("sudo sysctl kernel.perf_event_paranoid=0"));
}

TEST(PerfRapl, DeniedIsToldBeforeAbsent) {
    const MachineTree tree("denied");
    FakePerf perf;
    perf.refused = {{1, ErrorKind::Absent}, {2, ErrorKind::Denied}};
    EXPECT_EQ(probe(tree, perf).error().kind, ErrorKind::Denied);
    perf.refused = {{1, ErrorKind::Failed}, {2, ErrorKind::Failed}};
    EXPECT_EQ(probe(tree, perf).error().kind, ErrorKind::Failed);
}

TEST(PerfRapl, ACounterThatDoesNotOpenIsNoted) {
    const MachineTree tree("denied");
    FakePerf perf;
    perf.refused = {{1, ErrorKind::Absent}};
    const auto meter = probe(tree, perf);
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0"));
    EXPECT_THAT((*meter)->info().notes.back(), HasSubstr("missing here: refused"));
}

TEST(PerfRapl, AbsentWithoutAPowerUnitAndOnACopiedRoot) {
    FakePerf perf;
    const MachineTree guest("vm-nothing");
    const auto absent = probe(guest, perf);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, ErrorKind::Absent);
    EXPECT_THAT(absent.error().remedy, HasSubstr("modprobe rapl"));
    const MachineTree copied("intel-2socket");
    const auto elsewhere = probe_perf_rapl(MeterSources{copied.root()}, {});
    ASSERT_FALSE(elsewhere);
    EXPECT_EQ(elsewhere.error().kind, ErrorKind::Absent);
    EXPECT_THAT(elsewhere.error().sentence, HasSubstr("copied"));
}

TEST(PerfRapl, HostileFilesGiveNoCounter) {
    const std::pair<const char*, const char*> kBad[] = {
        {"type", "-1"},
        {"type", "4294967296"},
        {"type", ""},
        {"cpumask", "x"},
        {"cpumask", ""},
        {"events/energy-pkg", "event=2,umask=1"},
        {"events/energy-pkg", "config=2"},
        {"events/energy-pkg.scale", "nan"},
        {"events/energy-pkg.scale", "0"},
        {"events/energy-pkg.scale", "-1"},
        {"events/energy-pkg.scale", "1e999"},
        {"events/energy-pkg.unit", "Watts"},
        {"events/energy-pkg.unit", ""},
    };
    for (const auto& [file, text] : kBad) {
        const MachineTree tree("amd");
        tree.write(std::string(kUnit) + file, text);
        FakePerf perf;
        const auto meter = probe(tree, perf);
        ASSERT_FALSE(meter) << file << " = " << text;
        EXPECT_EQ(meter.error().kind, ErrorKind::Absent) << file << " = " << text;
    }
}

TEST(PerfRapl, EventsNobodyExplainedAreLeftOut) {
    const MachineTree tree("amd");
    for (const char* const ending : {"", ".scale", ".unit"}) {
        const std::string pkg = std::string(kUnit) + "events/energy-pkg" + ending;
        std::ifstream file(tree.root() / pkg);
        std::stringstream text;
        text << file.rdbuf();
        tree.write(std::string(kUnit) + "events/energy-wombat" + ending, text.str());
    }
    FakePerf perf;
    const auto meter = probe(tree, perf);
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0"));
}

TEST(PerfRapl, HostileTopologyStillReads) {
    const MachineTree tree("amd");
    tree.write("sys/devices/system/cpu/cpu0/topology/physical_package_id", "-1\n");
    tree.write("sys/devices/system/cpu/cpu0/topology/die_id", "99999999999\n");
    FakePerf perf;
    const auto meter = probe(tree, perf);
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("package-0"));
}

TEST(PerfRapl, EventTexts) {
    EXPECT_EQ(parse_event_config("event=0x02"), 2U);
    EXPECT_EQ(parse_event_config("event=1f"), 31U);
    for (const char* const bad : {"", "event=", "event=-1", "event=0x", "event=2,umask=1", "EVENT=1", "2"}) {
        EXPECT_EQ(parse_event_config(bad), std::nullopt) << bad;
    }
}

}  // namespace
}  // namespace landauer
