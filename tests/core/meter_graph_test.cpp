// Which rails may be added, and which are chosen.
#include <gmock/gmock.h>
#include <landauer/meter_graph.h>

#include <array>

namespace landauer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::array kKinds = {RailKind::wall, RailKind::battery, RailKind::dc_input, RailKind::board,
                               RailKind::psys, RailKind::package, RailKind::core,     RailKind::uncore,
                               RailKind::dram, RailKind::device,  RailKind::part};

RailCandidate rail(const std::string& meter, const std::string& name, RailKind kind, int index = 0,
                   std::optional<double> watts = std::nullopt) {
    return {{meter, name, "J", ChannelKind::counter, 1e-6, 0, Rail{kind, index}}, watts, std::nullopt, {}};
}

TEST(MeterGraph, OverlapIsTheSameFromBothSides) {
    for (const RailKind a : kKinds) {
        for (const RailKind b : kKinds) {
            for (const int index : {0, 1}) {
                const Overlap there = overlap(Rail{a, 0}, Rail{b, index});
                const Overlap back = overlap(Rail{b, index}, Rail{a, 0});
                const Overlap expected = there == Overlap::inside     ? Overlap::contains
                                         : there == Overlap::contains ? Overlap::inside
                                                                      : there;
                EXPECT_EQ(back, expected) << name(a) << " " << name(b) << index;
            }
        }
    }
}

TEST(MeterGraph, KnowsWhatLiesInWhat) {
    EXPECT_EQ(overlap(Rail{RailKind::package, 0}, Rail{RailKind::package, 1}), Overlap::none);
    EXPECT_EQ(overlap(Rail{RailKind::package, 0}, Rail{RailKind::dram, 0}), Overlap::none);
    EXPECT_EQ(overlap(Rail{RailKind::core, 1}, Rail{RailKind::package, 1}), Overlap::inside);
    EXPECT_EQ(overlap(Rail{RailKind::core, 1}, Rail{RailKind::package, 0}), Overlap::none);
    EXPECT_EQ(overlap(Rail{RailKind::psys}, Rail{RailKind::dram}), Overlap::contains);
    EXPECT_EQ(overlap(Rail{RailKind::wall}, Rail{RailKind::device}), Overlap::contains);
    EXPECT_EQ(overlap(Rail{RailKind::package}, Rail{RailKind::device}), Overlap::none);
    EXPECT_EQ(overlap(Rail{RailKind::part}, Rail{RailKind::package}), Overlap::unknown);
    EXPECT_EQ(overlap(Rail{RailKind::battery}, Rail{RailKind::dc_input}), Overlap::same);
}

// Whatever is there: what is counted never overlaps.
TEST(MeterGraph, NoChoiceCountsAJouleTwice) {
    for (unsigned set = 1; set < (1U << kKinds.size()); ++set) {
        std::vector<RailCandidate> candidates;
        for (std::size_t k = 0; k < kKinds.size(); ++k) {
            if ((set >> k & 1U) != 0U) {
                candidates.push_back(rail("a", std::string(name(kKinds[k])), kKinds[k], 0, 10.0));
                candidates.push_back(rail("b", std::string(name(kKinds[k])) + "-1", kKinds[k], 1, 10.0));
            }
        }
        const MeterChoice choice = choose_rails(candidates);
        ASSERT_EQ(choice.verdicts.size(), candidates.size());
        for (const std::size_t i : choice.counted) {
            for (const std::size_t j : choice.counted) {
                ASSERT_TRUE(i == j || overlap(candidates[i].channel.rail, candidates[j].channel.rail) == Overlap::none);
            }
        }
        for (const RailVerdict& verdict : choice.verdicts) {
            ASSERT_FALSE(verdict.why.empty());
        }
    }
}

TEST(MeterGraph, AddsPackagesAndTheirDramOfOneMeter) {
    const std::vector<RailCandidate> candidates = {
        rail("perf-rapl", "package-0", RailKind::package, 0),  rail("perf-rapl", "package-1", RailKind::package, 1),
        rail("powercap", "package-0", RailKind::package, 0),   rail("perf-rapl", "package-0/dram", RailKind::dram, 0),
        rail("powercap", "package-0/dram", RailKind::dram, 0), rail("perf-rapl", "package-0/core", RailKind::core, 0)};
    const MeterChoice choice = choose_rails(candidates);
    EXPECT_THAT(choice.counted, ElementsAre(0U, 1U, 3U));
    EXPECT_EQ(choice.covers, "package-0 + package-1 + package-0/dram (perf-rapl)");
    EXPECT_EQ(choice.verdicts[2].role, RailRole::duplicate);
    EXPECT_EQ(choice.verdicts[2].why, "the same joules as package-0 (perf-rapl)");
    EXPECT_EQ(choice.verdicts[4].role, RailRole::duplicate);
    EXPECT_EQ(choice.verdicts[5].role, RailRole::inside);
    EXPECT_EQ(choice.verdicts[5].why, "part of package-0 (perf-rapl)");
}

TEST(MeterGraph, PsysIsTrustedOnlyWhenItHoldsItsPackages) {
    const auto choose = [](std::optional<double> psys_w) {
        return choose_rails(std::vector<RailCandidate>{rail("powercap", "package-0", RailKind::package, 0, 20.0),
                                                       rail("powercap", "psys", RailKind::psys, 0, psys_w)});
    };
    EXPECT_THAT(choose(31.0).counted, ElementsAre(1U));
    EXPECT_THAT(choose(31.0).verdicts[0].why, HasSubstr("part of psys"));
    EXPECT_THAT(choose(15.0).counted, ElementsAre(0U));
    EXPECT_EQ(choose(15.0).verdicts[1].role, RailRole::faulty);
    EXPECT_THAT(choose(std::nullopt).counted, ElementsAre(0U));
    EXPECT_THAT(choose(std::nullopt).verdicts[1].why, HasSubstr("not yet watched"));
    EXPECT_THAT(choose_rails(std::vector<RailCandidate>{rail("powercap", "psys", RailKind::psys)}).counted,
                ElementsAre(0U));
}

TEST(MeterGraph, TheWidestWins) {
    std::vector<RailCandidate> candidates;
    for (const RailKind kind : {RailKind::package, RailKind::board, RailKind::dc_input, RailKind::wall}) {
        candidates.push_back(rail("m", std::string(name(kind)), kind));
        const MeterChoice choice = choose_rails(candidates);
        EXPECT_THAT(choice.counted, ElementsAre(candidates.size() - 1));
        EXPECT_THAT(choice.reason, HasSubstr(std::string(name(kind))));
    }
}

TEST(MeterGraph, AMeasurementBeatsAnEstimateOfMore) {
    RailCandidate estimate = rail("estimate", "board", RailKind::board);
    estimate.channel.rail.provenance = Provenance::modelled;
    const RailCandidate package = rail("powercap", "package-0", RailKind::package);
    const MeterChoice both = choose_rails(std::vector{estimate, package});
    EXPECT_THAT(both.counted, ElementsAre(1U));
    EXPECT_EQ(both.verdicts[0].role, RailRole::modelled);
    const MeterChoice alone = choose_rails(std::vector{estimate});
    EXPECT_THAT(alone.counted, ElementsAre(0U));
    EXPECT_EQ(alone.provenance, Provenance::modelled);
    EXPECT_THAT(alone.reason, HasSubstr("estimate"));
}

TEST(MeterGraph, RailsSlowerThanAPromptAreUsedOnlyWhenNamed) {
    const RailCandidate package = rail("powercap", "package-0", RailKind::package);
    RailCandidate minutes = rail("hwmon", "power_meter/power1", RailKind::board);
    minutes.channel.rail.averaging_s = 300.0;
    RailCandidate seldom = rail("hwmon", "bmc/total", RailKind::board);
    seldom.channel.rail.period_s = 30.0;
    RailCandidate seen = rail("external", "socket", RailKind::wall);
    seen.channel.rail.period_s = 1.0;
    seen.observed_period_s = 12.0;
    for (const auto& [slow, why] : {std::pair(minutes, "the mean over 300 s"), std::pair(seldom, "comes every 30 s"),
                                    std::pair(seen, "comes every 12 s")}) {
        const MeterChoice both = choose_rails(std::vector{slow, package});
        EXPECT_THAT(both.counted, ElementsAre(1U)) << why;
        EXPECT_EQ(both.verdicts[0].role, RailRole::too_slow);
        EXPECT_THAT(both.verdicts[0].why, HasSubstr(why));
        EXPECT_THAT(both.verdicts[0].why, HasSubstr("--meter " + slow.channel.meter));
        EXPECT_THAT(choose_rails(std::vector{slow}).counted, IsEmpty()) << why;
        EXPECT_THAT(choose_rails(std::vector{package, slow}, std::vector{slow.channel.meter}).counted, ElementsAre(1U));
    }
    RailCandidate quick = minutes;
    quick.channel.rail.averaging_s = kTypicalPrompt_s;
    EXPECT_THAT(choose_rails(std::vector{quick, package}).counted, ElementsAre(0U));
}

TEST(MeterGraph, NeverGuessesAtPartsAndDevices) {
    const auto part = [](const char* name) { return rail("hwmon", name, RailKind::part); };
    EXPECT_THAT(choose_rails(std::vector{part("ina226/power1")}).counted, ElementsAre(0U));
    const MeterChoice two = choose_rails(std::vector{part("a/power1"), part("b/power1")});
    EXPECT_THAT(two.counted, IsEmpty());
    EXPECT_EQ(two.reason, "None of the energy rails can be used; each says why.");
    EXPECT_EQ(choose_rails({}).reason, "Nothing here measures energy.");
    const std::vector<RailCandidate> card = {rail("hwmon", "amdgpu/PPT", RailKind::device)};
    EXPECT_THAT(choose_rails(card).counted, IsEmpty());
    EXPECT_THAT(choose_rails(card, std::vector<std::string>{"hwmon"}).counted, ElementsAre(0U));
    const std::vector<RailCandidate> memory = {rail("powercap", "package-0/dram", RailKind::dram)};
    EXPECT_THAT(choose_rails(memory).counted, IsEmpty()) << "memory alone is no machine";
}

TEST(MeterGraph, NamedMetersGoFirstInTheirOrder) {
    const std::vector<RailCandidate> candidates = {rail("powercap", "package-0", RailKind::package),
                                                   rail("plug-shelly", "socket", RailKind::wall)};
    const MeterChoice named = choose_rails(candidates, std::vector<std::string>{"battery", "powercap"});
    EXPECT_THAT(named.counted, ElementsAre(0U));
    EXPECT_EQ(named.verdicts[1].role, RailRole::not_asked);
    EXPECT_THAT(choose_rails(candidates, std::vector<std::string>{"battery"}).counted, IsEmpty());
}

TEST(MeterGraph, FaultyAndMirroredRailsAreLeftOut) {
    std::vector<RailCandidate> candidates = {rail("powercap", "package-0-die-0", RailKind::package, 0),
                                             rail("powercap", "package-0-die-1", RailKind::package, 1),
                                             rail("plug-shelly", "socket", RailKind::wall)};
    candidates[1].mirrors = 0;
    candidates[2].fault = "stuck at one value since 3 s";
    const MeterChoice choice = choose_rails(candidates);
    EXPECT_THAT(choice.counted, ElementsAre(0U));
    EXPECT_THAT(choice.verdicts[1].why, HasSubstr("same counter as package-0-die-0"));
    EXPECT_EQ(choice.verdicts[2].why, "stuck at one value since 3 s");
}

TEST(Rail, NamesGoBothWays) {
    for (const RailKind kind : kKinds) {
        RailKind back = RailKind::none;
        EXPECT_TRUE(rail_kind_from_name(name(kind), back));
        EXPECT_EQ(back, kind);
    }
    RailKind untouched = RailKind::wall;
    EXPECT_FALSE(rail_kind_from_name("cellar", untouched));
    EXPECT_EQ(untouched, RailKind::wall);
    Provenance provenance = Provenance::measured;
    EXPECT_TRUE(provenance_from_name("modelled", provenance));
    EXPECT_EQ(provenance, Provenance::modelled);
}

}  // namespace
}  // namespace landauer
