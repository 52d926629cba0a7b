// Which rails may be added up.
#include "analysis/energy_scope.h"

#include <gmock/gmock.h>

#include "traces.h"

namespace landauer {
namespace {

using namespace test;
using testing::ElementsAre;

// Five joules in ten seconds each, unless told otherwise.
Series rail(const std::string& meter, const std::string& name, Rail what, double joules = 5.0) {
    Series out{{meter, name, "J", ChannelKind::counter, 1e-6, 0, what}, {}, {}};
    for (int i = 0; i <= 20; ++i) {
        out.t_ns.push_back(i * kSecond / 2);
        out.raw.push_back(std::llround(joules * 5e4 * i));
    }
    return out;
}

Rail of(RailKind kind, int index = 0) { return Rail{kind, index}; }

TEST(EnergyScope, IsTheGraphsChoiceOverTheChannelsThatHaveSamples) {
    const Trace t{{rail("powercap", "package-0", of(RailKind::package)),
                   rail("powercap", "package-0/dram", of(RailKind::dram)),
                   rail("powercap", "psys", of(RailKind::psys), 4.0),
                   Series{{"wall", "socket", "W", ChannelKind::gauge, 1.0, 0, of(RailKind::wall)}, {}, {}},
                   sample(busy(), grid(0, 10, 0.5), [](double t_s) { return t_s; })}};
    const EnergyScope scope = energy_scope(t);
    EXPECT_THAT(scope.series, ElementsAre(0U, 1U));
    EXPECT_EQ(scope.covers, "package-0 + package-0/dram (powercap)");
    EXPECT_EQ(scope.provenance, "measured");
    EXPECT_THAT(scope.left_out, ElementsAre("psys (powercap): reads less than the packages it should hold"));
}

TEST(EnergyScope, MeanPowerDecidesWhetherPsysHoldsThePackages) {
    const Trace t{
        {rail("powercap", "package-0", of(RailKind::package)), rail("powercap", "psys", of(RailKind::psys), 9.0)}};
    EXPECT_THAT(energy_scope(t).series, ElementsAre(1U));
}

TEST(EnergyScope, DiesThatMirrorOneCounterCountOnce) {
    const Trace mirrored{{rail("powercap", "package-0-die-0", of(RailKind::package, 0)),
                          rail("powercap", "package-0-die-1", of(RailKind::package, 1))}};
    EXPECT_THAT(energy_scope(mirrored).series, ElementsAre(0U));
    const Trace apart{{rail("powercap", "package-0-die-0", of(RailKind::package, 0)),
                       rail("powercap", "package-0-die-1", of(RailKind::package, 1), 5.3)}};
    EXPECT_THAT(energy_scope(apart).series, ElementsAre(0U, 1U));
    const Trace sockets{{rail("powercap", "package-0", of(RailKind::package, 0)),
                         rail("powercap", "package-1", of(RailKind::package, 1))}};
    EXPECT_THAT(energy_scope(sockets).series, ElementsAre(0U, 1U)) << "two sockets may do the same work";
}

TEST(EnergyScope, TheUserNamesTheMeter) {
    const Trace t{{rail("powercap", "package-0", of(RailKind::package)),
                   rail("plug-shelly", "socket", of(RailKind::wall), 20.0)}};
    EXPECT_THAT(energy_scope(t).series, ElementsAre(1U));
    const std::vector<std::string> named = {"powercap"};
    EXPECT_THAT(energy_scope(t, named).series, ElementsAre(0U));
    EXPECT_TRUE(energy_scope(Trace{}).empty());
    EXPECT_EQ(energy_scope(Trace{}).covers, "");
}

TEST(EnergyScope, ASourceSeenToPublishMoreSeldomThanPromptsIsPassedOver) {
    const auto every = [](double period_s) {
        return sample(watts(), grid(0, 120, 0.2), [=](double t) { return 20.0 + std::sin(std::floor(t / period_s)); });
    };
    const Series package = rail("powercap", "package-0", of(RailKind::package));
    EXPECT_THAT(energy_scope(Trace{{every(8.0), package}}).series, ElementsAre(1U));
    EXPECT_THAT(energy_scope(Trace{{every(2.0), package}}).series, ElementsAre(0U));
    // A coarse gauge that holds still for long and then follows the load has shown how quick it is.
    const Series coarse = sample(watts(), grid(0, 120, 0.2), [](double t) {
        const bool ramps = t > 15.0 && t < 15.9;
        return 20.0 + (ramps ? std::floor(5.0 * (t - 15.0)) : std::floor(t / 17.0));
    });
    EXPECT_THAT(energy_scope(Trace{{coarse, package}}).series, ElementsAre(0U));
}

TEST(EnergyJoules, AddsCountersAndIntegratesPower) {
    const Trace t{
        {rail("powercap", "package-0", of(RailKind::package)), rail("powercap", "package-0/dram", of(RailKind::dram))}};
    const Window whole{0, 10 * kSecond};
    EXPECT_THAT(energy_joules(t, {0, 1}, whole), testing::Optional(testing::DoubleNear(10.0, 1e-9)));
    EXPECT_THAT(energy_joules(t, {0}, {0, 5 * kSecond}), testing::Optional(testing::DoubleNear(2.5, 1e-9)));
    EXPECT_EQ(energy_joules(t, {}, whole), std::nullopt);
    Trace power;
    power.series.push_back(sample(watts(), {0, 1, 2}, [](double) { return 12.0; }));
    EXPECT_THAT(energy_joules(power, {0}, {0, 2 * kSecond}), testing::Optional(testing::DoubleNear(24.0, 1e-9)));
}

}  // namespace
}  // namespace landauer
