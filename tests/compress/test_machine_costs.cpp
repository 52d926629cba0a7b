#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "compress/cost_testing.h"
#include "compress/machine_costs.h"
#include "compress/planted_model.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using namespace planted;
using ::testing::HasSubstr;
using testing::TempFolder;

MachineCosts planted_costs() {
    MachineCosts costs;
    costs.key = {{"cpu_model", "a processor"}, {"n_threads", "2"}};
    costs.table = landauer::testing::planted_table({}, 48, {32, 64});
    costs.table.chains = {{"q8_0", 96, 48, {{17, {1e-6, 1e-4}}, {40, {2e-6, 2e-4}}}}};
    costs.passes = {512, 0.011, 0.013, 1.7, 2.1};
    costs.measured_at = "2026-01-31T12:34:56Z";
    return costs;
}

std::string text_of(const std::filesystem::path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
}

TEST(MachineCosts, ComeBackAsTheyWereKept) {
    const TempFolder folder;
    const MachineCosts costs = planted_costs();
    const auto file = costs_file(folder / "new", costs.key);
    EXPECT_EQ(read_costs(file, costs.key).error().kind, ErrorKind::Absent);
    ASSERT_TRUE(write_costs(file, costs));
    const auto kept = read_costs(file, costs.key);
    ASSERT_TRUE(kept) << kept.error().sentence;
    EXPECT_TRUE(kept->kept);
    EXPECT_EQ(costs_hash(*kept), costs_hash(costs));
    EXPECT_EQ(kept->measured_at, costs.measured_at);
    EXPECT_EQ(kept->passes.prefill_deep, 2.1);
    EXPECT_EQ(kept->table.seconds("f32", 48, 40).decode, costs.table.seconds("f32", 48, 40).decode);
    const FactorForm form{20, "q8_0", "q8_0"};
    EXPECT_EQ(kept->table.seconds(form, 96, 48).prefill, costs.table.seconds(form, 96, 48).prefill);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "new"), {}), 1) << "nothing half-made stays";
}

TEST(MachineCosts, OfAnotherMachineLieElsewhereAndAreNotTaken) {
    const TempFolder folder;
    const MachineCosts costs = planted_costs();
    CostKey other = costs.key;
    other["n_threads"] = "4";
    EXPECT_NE(costs_file(folder.path(), costs.key), costs_file(folder.path(), other));
    ASSERT_TRUE(write_costs(folder / "c.json", costs));
    const auto taken = read_costs(folder / "c.json", other);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(taken.error().sentence, HasSubstr("another machine"));
}

TEST(MachineCosts, RefusesWhatIsDamaged) {
    const TempFolder folder;
    const MachineCosts costs = planted_costs();
    ASSERT_TRUE(write_costs(folder / "good.json", costs));
    const std::string good = text_of(folder / "good.json");
    const auto with = [&](const char* what, const char* instead) {
        const std::string bad = std::regex_replace(good, std::regex(what), instead);
        EXPECT_NE(bad, good) << what;
        return bad;
    };
    for (const auto& [text, word] : std::vector<std::pair<std::string, const char*>>{
             {good.substr(0, good.size() / 2), "damaged"},
             {"", "damaged"},
             {"[1, 2]", "damaged"},
             {with("landauer-costs", "other"), "another kind"},
             {with("\"version\": 2", "\"version\": 3"), "version 3"},
             {with("\"version\": 2", "\"version\": \"2\""), "version"},
             {with("\"head_s\"", "\"tail_s\""), "missing"},
             {with("\"depth\": 512", "\"depth\": \"deep\""), "missing"},
             {with("\"decode_s\": 0.011", "\"decode_s\": -1"), "cannot be"},
             {with("\"width\": 64", "\"width\": 32"), "cannot be"},
             {with("\"fixed\": 48", "\"fixed\": 0"), "cannot be"},
             {with("\"chains\"", "\"links\""), "missing"},
             {with("\"width\": 17", "\"width\": 0"), "cannot be"}}) {
        const auto read = read_costs(folder.write("bad.json", text), costs.key);
        ASSERT_FALSE(read) << word;
        EXPECT_EQ(read.error().kind, ErrorKind::Invalid) << word;
        EXPECT_THAT(read.error().sentence, HasSubstr(word));
        EXPECT_FALSE(read.error().remedy.empty());
    }
}

TEST(MachineCosts, TheKeyKnowsShapesAndThreadsAndNotTheWeights) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "a.gguf");
    replant(folder / "a.gguf", folder / "b.gguf", [](const GgufTensor&, std::span<float> values) { values[0] = 1.0F; });
    TinyModel wider = wide("llama");
    wider.n_ff.front() += 32;
    write_tiny(wider, folder / "c.gguf");
    const auto key = [&](const char* name, int n_threads) {
        return cost_key(*WeightFile::open(folder / name), n_threads);
    };
    EXPECT_EQ(key("a.gguf", 2), key("b.gguf", 2));
    EXPECT_NE(key("a.gguf", 2), key("c.gguf", 2));
    EXPECT_NE(key("a.gguf", 2), key("a.gguf", 1));
    const auto file = WeightFile::open(folder / "a.gguf");
    EXPECT_NE(cost_key(*file, 2, {{"q4_0"}, ""}), key("a.gguf", 2)) << "more was measured";
    EXPECT_NE(cost_key(*file, 2, {{}, "q8_0"}), cost_key(*file, 2, {{}, "f16"}));
    EXPECT_TRUE(key("a.gguf", 1).contains("llama_commit"));
}

}  // namespace
}  // namespace landauer
