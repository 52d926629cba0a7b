// What `landauer meters --explain` says on machines of every kind, word by word.
// LANDAUER_APPROVE=1 writes the files anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/joules_setup.h"
#include "cli/meter_options.h"
#include "cli/meters_view.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using testing::MachineTree;

MeterSources at(const std::filesystem::path& root) { return *meter_sources({}, root); }

std::string said_of(const MachineTree& tree) {
    return testing::as_nobody([&] {
        const MetersView view = view_meters(at(tree.root()), 0.0, {});
        std::string text = meters_text(view, {true});
        for (std::size_t i = text.find(tree.root().string()); i != std::string::npos;
             i = text.find(tree.root().string(), i)) {
            text.replace(i, tree.root().string().size(), "");
        }
        return text;
    });
}

void check(const std::filesystem::path& golden, const std::string& text) {
    if (std::getenv("LANDAUER_APPROVE") != nullptr) {
        std::filesystem::create_directories(golden.parent_path());
        std::ofstream(golden, std::ios::binary) << text;
        return;
    }
    std::ifstream file(golden, std::ios::binary);
    ASSERT_TRUE(file.good()) << "no golden file " << golden;
    std::stringstream approved;
    approved << file.rdbuf();
    EXPECT_EQ(text, approved.str()) << "read the difference; tools/approve_goldens.sh takes it";
}

class MetersGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(MetersGolden, ExplainsItself) {
    const MachineTree tree(GetParam());
    check(std::filesystem::path(GOLDEN) / "meters" / (std::string(GetParam()) + ".txt"), said_of(tree));
}

INSTANTIATE_TEST_SUITE_P(Machines, MetersGolden,
                         ::testing::Values("intel-2socket", "amd", "laptop-battery", "pi5", "jetson-orin", "vm-nothing",
                                           "masked-container", "denied", "psys-below-package", "hex-zones", "zen-dies",
                                           "acpi-minutes"),
                         [](const auto& machine) {
                             std::string name = machine.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(JoulesSetup, AMeterThatIsTooSlowIsNotUsedUnlessItIsNamed) {
    const MachineTree tree("acpi-minutes");
    tree.remove("sys/class/powercap");
    const auto setup = [&](const std::vector<std::string>& meters, bool strict) {
        return testing::as_nobody([&] { return set_up_joules({meters}, strict, tree.root()); });
    };
    const auto alone = setup({}, false);
    ASSERT_TRUE(alone);
    ASSERT_EQ(alone->caveats.size(), 1U);
    EXPECT_EQ(alone->caveats[0].code, "energy-unused");
    EXPECT_NE(alone->caveats[0].sentence.find("the mean over 300 s"), std::string::npos) << alone->caveats[0].sentence;
    EXPECT_EQ(setup({}, true).error().kind, ErrorKind::Refused);
    const auto named = setup({"hwmon"}, true);
    ASSERT_TRUE(named) << named.error().sentence;
    EXPECT_TRUE(named->caveats.empty());
}

TEST(Grants, ArePrintedForWhatIsDeniedAndNothingElse) {
    const MachineTree tree("denied");
    const std::string text = testing::as_nobody([&] { return grants_text(view_meters(at(tree.root()), 0.0, {})); });
    check(std::filesystem::path(GOLDEN) / "meters" / "denied-grant.txt", text);
    const MachineTree nothing("vm-nothing");
    EXPECT_EQ(grants_text(view_meters(at(nothing.root()), 0.0, {})), "No meter here waits for a permission.\n");
}

TEST(MeterOptions, NamesAndArguments) {
    const auto sources = meter_sources({{"hwmon", "powercap"}});
    ASSERT_TRUE(sources);
    EXPECT_EQ(sources->requests.size(), 2U);
    EXPECT_EQ(meter_names({{"plug-shelly:192.0.2.7:80", "powercap"}}),
              (std::vector<std::string>{"plug-shelly", "powercap"}));
    EXPECT_TRUE(wants_no_joules({{"none"}}));
    EXPECT_EQ(meter_sources({{"none", "hwmon"}}).error().kind, ErrorKind::Invalid);
    const auto unknown = meter_sources({{"crystal-ball"}});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ErrorKind::Invalid);
    EXPECT_NE(unknown.error().remedy.find("powercap"), std::string::npos);
}

}  // namespace
}  // namespace landauer
