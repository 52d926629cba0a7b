// Which rails may be added up.
#include "analysis/energy_scope.h"

#include <gmock/gmock.h>

#include "traces.h"

namespace landauer {
namespace {

using namespace test;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Trace rails(std::string meter, const std::vector<std::string>& names, std::string unit = "J") {
    Trace t;
    for (const std::string& name : names) {
        const ChannelKind kind = unit == "J" ? ChannelKind::counter : ChannelKind::gauge;
        t.series.push_back(Series{{meter, name, unit, kind, 1e-6, 0}, {0, 10}, {0, 5'000'000}});
    }
    return t;
}

std::vector<std::string> chosen(const Trace& trace) {
    std::vector<std::string> out;
    for (const std::size_t i : energy_scope(trace).series) {
        out.push_back(trace.series[i].channel.name);
    }
    return out;
}

TEST(EnergyScope, AddsPackagesAndTheirDramOnly) {
    const Trace t = rails("powercap", {"package-0", "package-0/core", "package-0/uncore", "package-0/dram", "package-1",
                                       "package-1/dram", "psys"});
    EXPECT_THAT(chosen(t), UnorderedElementsAre("package-0", "package-0/dram", "package-1", "package-1/dram"));
    const EnergyScope scope = energy_scope(t);
    EXPECT_EQ(scope.covers, "package-0 + package-0/dram + package-1 + package-1/dram (powercap)");
    EXPECT_EQ(scope.provenance, "measured");
    EXPECT_THAT(scope.left_out, UnorderedElementsAre("package-0/core", "package-0/uncore", "psys"));
}

TEST(EnergyScope, KnowsDies) {
    EXPECT_THAT(chosen(rails("powercap", {"package-0-die-0", "package-0-die-1", "package-0-die-1/core"})),
                UnorderedElementsAre("package-0-die-0", "package-0-die-1"));
}

TEST(EnergyScope, FallsBackOnPsysThenOnHwmon) {
    EXPECT_THAT(chosen(rails("powercap", {"psys", "core"})), UnorderedElementsAre("psys"));
    EXPECT_THAT(chosen(rails("powercap", {"package-0/dram"})), IsEmpty());  // memory alone is no machine
    EXPECT_THAT(chosen(rails("hwmon", {"ina3221x/VDD_CPU", "ina3221x/VDD_IN"}, "W")),
                UnorderedElementsAre("ina3221x/VDD_IN"));
    EXPECT_THAT(chosen(rails("hwmon", {"ina226/power1"}, "W")), UnorderedElementsAre("ina226/power1"));
    EXPECT_THAT(chosen(rails("hwmon", {"amd_energy/Ecore000", "amd_energy/Esocket0", "amd_energy/Esocket1"})),
                UnorderedElementsAre("amd_energy/Esocket0", "amd_energy/Esocket1"));
}

TEST(EnergyScope, PrefersPowercapOverHwmonAndNeverGuesses) {
    Trace both = rails("powercap", {"package-0"});
    both.merge(rails("hwmon", {"ina226/power1"}, "W"));
    EXPECT_THAT(chosen(both), UnorderedElementsAre("package-0"));
    EXPECT_THAT(energy_scope(both).left_out, UnorderedElementsAre("ina226/power1"));
    EXPECT_THAT(chosen(rails("hwmon", {"a/power1", "b/power1"}, "W")), IsEmpty());
    EXPECT_THAT(chosen(rails("hwmon", {"amdgpu/PPT"}, "W")), IsEmpty());
    EXPECT_THAT(chosen(rails("thermal", {"package-0"})), IsEmpty());
    EXPECT_TRUE(energy_scope(Trace{}).empty());
    EXPECT_EQ(energy_scope(Trace{}).covers, "");
}

TEST(EnergyScope, CountsOnlyChannelsWithSamplesInTheWindow) {
    Trace t = rails("powercap", {"package-0", "package-1"});
    t.series[1].t_ns = {100, 110};
    EXPECT_EQ(energy_scope(t, 0, 50).series.size(), 1U);
    EXPECT_EQ(energy_scope(t).series.size(), 2U);
    EXPECT_TRUE(energy_scope(t, 60, 70).empty());
}

TEST(EnergyJoules, AddsCountersAndIntegratesPower) {
    const Trace t = rails("powercap", {"package-0", "package-0/dram"});
    EXPECT_THAT(energy_joules(t, {0, 1}, {0, 10}), testing::Optional(testing::DoubleNear(10.0, 1e-9)));
    EXPECT_THAT(energy_joules(t, {0}, {0, 5}), testing::Optional(testing::DoubleNear(2.5, 1e-9)));
    EXPECT_EQ(energy_joules(t, {0}, {0, 5}, true), std::nullopt);
    EXPECT_EQ(energy_joules(t, {}, {0, 10}), std::nullopt);
    Trace power;
    power.series.push_back(sample(watts(), {0, 1, 2}, [](double) { return 12.0; }));
    EXPECT_THAT(energy_joules(power, {0}, {0, 2 * kSecond}), testing::Optional(testing::DoubleNear(24.0, 1e-9)));
}

}  // namespace
}  // namespace landauer
