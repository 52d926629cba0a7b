#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "sample_data.h"
#include "store/store.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;

class JsonlTest : public ::testing::Test {
   protected:
    std::string exported(std::int64_t id) {
        std::ostringstream out;
        must(export_jsonl(must(store.read_run(id)), out));
        return out.str();
    }
    static Result<std::vector<RunData>> imported(const std::string& text) {
        std::istringstream in(text);
        return import_jsonl(in);
    }

    TemporaryFolder folder;
    Store store = must(Store::open(folder / "a.db"));
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

TEST_F(JsonlTest, ComesBackWhole) {
    const std::int64_t id = store_a_run(store, a_run(), 90, 4);
    const RunData before = must(store.read_run(id));
    const auto runs = must(imported(exported(id)));
    ASSERT_EQ(runs.size(), 1U);
    expect_same(runs[0], before);
    // And through a second store.
    Store other = must(Store::open(folder / "b.db"));
    EXPECT_EQ(must(other.add_run_data(runs[0])).trials_added, 90);
    expect_same(must(other.read_run(1)), before);
    EXPECT_EQ(must(other.add_run_data(runs[0])).runs_skipped, 1);
}

TEST_F(JsonlTest, NumbersAndTimesAtTheirEdges) {
    const RunRecord run = must(store.add_run(a_run()));
    const std::int64_t session = must(store.begin_session(a_session()));
    TrialRecord trial = a_trial(run.id, session, 0);
    trial.figures = {{"inf", std::numeric_limits<double>::infinity()},
                     {"nan", std::numeric_limits<double>::quiet_NaN()},
                     {"minus_inf", -std::numeric_limits<double>::infinity()},
                     {"minus_zero", -0.0},
                     {"odd", 0.1 + 0.2}};
    constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
    must(store.commit_trial(
        trial, Trace{{Series{{"m", "a", "s", ChannelKind::counter, 1e-9, kHigh}, {-5, kHigh}, {-kHigh, kHigh}},
                      Series{{"m", "b", "1", ChannelKind::gauge, 1.0, 0}, {3}, {0}}}}));
    const RunData before = must(store.read_run(run.id));
    expect_same(must(imported(exported(run.id))).at(0), before);
}

TEST_F(JsonlTest, SeveralRunsInOneFile) {
    const std::string both =
        exported(store_a_run(store, a_run("one"), 2)) + exported(store_a_run(store, a_run("two"), 3));
    const auto runs = must(imported(both));
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[1].trials.size(), 3U);
}

TEST_F(JsonlTest, EveryLineIsJsonAndTheFirstSaysTheVersion) {
    const auto lines = lines_of(exported(store_a_run(store, a_run(), 2)));
    EXPECT_EQ(nlohmann::json::parse(lines.at(0)).at("landauer_jsonl"), 1);
    EXPECT_EQ(nlohmann::json::parse(lines.at(1)).at("type"), "run");
    EXPECT_EQ(nlohmann::json::parse(lines.back()).at("type"), "end");
    for (const std::string& line : lines) {
        EXPECT_TRUE(nlohmann::json::accept(line));
    }
}

TEST_F(JsonlTest, BadInputNamesTheLine) {
    const auto lines = lines_of(exported(store_a_run(store, a_run(), 3)));
    const auto expect_refused = [&](const std::string& text, const std::string& words) {
        const auto result = imported(text);
        ASSERT_FALSE(result) << words;
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(result.error().sentence, HasSubstr(words));
    };
    expect_refused("", "no run");
    expect_refused("not json\n", "line 1");
    expect_refused("[1,2]\n", "line 1");
    expect_refused("{\"landauer_jsonl\":2}\n", "format 2");
    expect_refused(joined({lines.begin() + 1, lines.end()}), "header");
    expect_refused(joined({lines.begin(), lines.end() - 1}), "ends within");
    for (std::size_t n = 1; n < lines.size(); ++n) {
        auto cut = lines;
        cut[n] = cut[n].substr(0, cut[n].size() / 2);
        expect_refused(joined(cut), "line " + std::to_string(n + 1));
    }
    auto missing_trial = lines;
    missing_trial.erase(missing_trial.end() - 2);
    expect_refused(joined(missing_trial), "2 are here");
    auto missing_session = lines;
    missing_session.erase(missing_session.begin() + 2);
    expect_refused(joined(missing_session), "session");
}

TEST_F(JsonlTest, ListsThatDoNotFitAreRefused) {
    auto lines = lines_of(exported(store_a_run(store, a_run(), 1)));
    for (std::string& line : lines) {
        auto json = nlohmann::json::parse(line);
        if (json.contains("type") && json["type"] == "samples") {
            json["channels"][0] = 999;
            line = json.dump();
        }
    }
    EXPECT_FALSE(imported(joined(lines)));
}

TEST_F(JsonlTest, AFullDiskIsSaid) {
    const RunData data = must(store.read_run(store_a_run(store, a_run(), 1)));
    std::ostringstream out;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(export_jsonl(data, out).error().kind, ErrorKind::Failed);
}

}  // namespace
}  // namespace landauer::test
