#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "analysis/figures.h"
#include "cli/command.h"
#include "cli/runs_verify.h"
#include "cli/runs_words.h"
#include "store/store.h"
#include "temp_folder.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kSecond = 1'000'000'000;

// The process's CPU time at 5 Hz over a minute, two cores busy.
Trace a_trace() {
    Trace trace;
    Series& cpu = trace.require({"process", "cpu", "s", ChannelKind::counter, 1e-9, 0});
    for (std::int64_t i = 0; i < 300; ++i) {
        cpu.t_ns.push_back(i * kSecond / 5);
        cpu.raw.push_back(i * 2 * kSecond / 5 + i % 7);
    }
    return trace;
}

TrialRecord a_trial(int index) {
    TrialRecord trial;
    trial.key = "P" + std::to_string(index) + "/r0";
    trial.prompt_id = "P" + std::to_string(index);
    trial.begin_ns = 2 * kSecond * (index + 1);  // on a sample, as the runner takes care
    trial.end_ns = trial.begin_ns + kSecond;
    trial.n_prompt = 20;
    trial.n_gen = 8;
    trial.stop = "length";
    trial.phases = {{PhaseKind::prefill, trial.begin_ns, trial.begin_ns + 2 * kSecond / 5, 20},
                    {PhaseKind::decode, trial.begin_ns + 2 * kSecond / 5, trial.end_ns, 8}};
    trial.figures = trial_figures(a_trace(), trial);
    return trial;
}

class Runs : public ::testing::Test {
   protected:
    void SetUp() override { fill(folder_ / "a.db", "first"); }

    // `tamper` changes a trial between measuring and storing it.
    static void fill(const fs::path& file, const std::string& label,
                     const std::function<void(TrialRecord&)>& tamper = {}) {
        Store store = Store::open(file).value();
        RunRecord run;
        run.model.path = "model.gguf";
        run.model.name = "A model";
        run.label = label;
        run.protocol = "quick";
        run.created_utc = "2026-01-01T00:00:00Z";
        const RunRecord added = store.add_run(run).value();
        SessionRecord session;
        session.started_utc = "2026-01-01T00:00:00Z";
        const std::int64_t session_id = store.begin_session(session).value();
        ASSERT_TRUE(store.commit_samples(session_id, a_trace()));
        for (int i = 0; i < 3; ++i) {
            TrialRecord trial = a_trial(i);
            trial.run_id = added.id;
            trial.session_id = session_id;
            if (tamper) {
                tamper(trial);
            }
            ASSERT_TRUE(store.commit_trial(trial, {}));
        }
    }

    // Runs `landauer runs WORDS --store a.db` in this process.
    int run(std::vector<std::string> words, const std::string& store = "a.db") {
        CLI::App app;
        CommandContext context;
        add_runs_command(app, context);
        words.insert(words.begin(), "runs");
        words.insert(words.end(), {"--store", (folder_ / store).string()});
        std::reverse(words.begin(), words.end());
        ::testing::internal::CaptureStdout();
        ::testing::internal::CaptureStderr();
        try {
            app.parse(std::move(words));
        } catch (const CLI::ParseError& wrong) {
            context.exit_code = 2;
        }
        out_ = ::testing::internal::GetCapturedStdout();
        err_ = ::testing::internal::GetCapturedStderr();
        return context.exit_code;
    }

    testing::TempFolder folder_;
    std::string out_;
    std::string err_;
};

TEST_F(Runs, ListsWithAndWithoutTheWord) {
    EXPECT_EQ(run({}), 0);
    EXPECT_THAT(out_, HasSubstr("A model"));
    EXPECT_THAT(out_, HasSubstr("first"));
    const std::string bare = out_;
    EXPECT_EQ(run({"list"}), 0);
    EXPECT_EQ(out_, bare);
}

TEST_F(Runs, ShowsOneRun) {
    EXPECT_EQ(run({"show"}), 0);
    EXPECT_THAT(out_, HasSubstr("P2/r0"));
    EXPECT_THAT(out_, HasSubstr("until it was killed"));
    EXPECT_EQ(run({"show", "first"}), 0);
    EXPECT_EQ(run({"show", "none"}), 2);
    EXPECT_THAT(err_, HasSubstr("no run \"none\""));
}

TEST_F(Runs, VerifyAgreesWithWhatWasMeasured) {
    EXPECT_EQ(run({"verify"}), 0) << out_;
    EXPECT_THAT(out_, HasSubstr("3 trials"));
    EXPECT_THAT(out_, HasSubstr("bit for bit"));
}

TEST_F(Runs, VerifyFindsAFigureOffInItsLastBit) {
    fill(folder_ / "b.db", "tampered", [](TrialRecord& trial) {
        if (trial.key == "P1/r0") {
            double& value = trial.figures.at("seconds");
            value = std::nextafter(value, 2.0 * value);
        }
    });
    EXPECT_EQ(run({"verify", "1"}, "b.db"), 3);
    EXPECT_THAT(out_, HasSubstr("1 differ"));
    EXPECT_THAT(out_, HasSubstr("P1/r0 try 1: seconds"));
}

TEST_F(Runs, VerifyFindsMissingAndInventedFigures) {
    fill(folder_ / "b.db", "tampered", [](TrialRecord& trial) {
        trial.figures.erase("cpu_s");
        trial.figures["invented"] = 1.5;
    });
    EXPECT_EQ(run({"verify"}, "b.db"), 3);
    EXPECT_THAT(out_, HasSubstr("cpu_s is stored as nothing"));
    EXPECT_THAT(out_, HasSubstr("invented is stored as 1.5, the samples give nothing"));
}

TEST_F(Runs, VerifyFindsMovedMarks) {
    fill(folder_ / "b.db", "tampered", [](TrialRecord& trial) { trial.phases.back().end_ns += 1000; });
    EXPECT_EQ(run({"verify"}, "b.db"), 3);
}

TEST_F(Runs, ExportAndImportRoundTrip) {
    const std::string file = (folder_ / "runs.jsonl").string();
    EXPECT_EQ(run({"export", "1", "--out", file}), 0);
    EXPECT_EQ(out_, "");
    EXPECT_EQ(run({"import", file}, "b.db"), 0);
    EXPECT_THAT(out_, HasSubstr("1 runs added"));
    EXPECT_EQ(run({"import", file}, "b.db"), 0);
    EXPECT_THAT(out_, HasSubstr("0 runs added"));
    EXPECT_EQ(run({"verify"}, "b.db"), 0);
    EXPECT_EQ(run({"export"}, "b.db"), 0);
    std::ifstream in(file);
    EXPECT_EQ(out_, std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST_F(Runs, ABadImportTouchesNothing) {
    std::ofstream(folder_ / "bad.jsonl") << "{\"landauer_jsonl\":1}\n{\"type\":\"run\"}\n";
    EXPECT_EQ(run({"import", (folder_ / "bad.jsonl").string()}, "new.db"), 2);
    EXPECT_THAT(err_, HasSubstr("line 2"));
    EXPECT_FALSE(fs::exists(folder_ / "new.db"));
    EXPECT_EQ(run({"import", (folder_ / "none.jsonl").string()}), 2);
}

TEST_F(Runs, MergesTwice) {
    fill(folder_ / "b.db", "second");
    const std::string other = (folder_ / "b.db").string();
    EXPECT_EQ(run({"merge", other}), 0);
    EXPECT_THAT(out_, HasSubstr("1 runs added"));
    EXPECT_EQ(run({"merge", other, "second"}), 0);
    EXPECT_THAT(out_, HasSubstr("0 runs added"));
    EXPECT_EQ(run({"list"}), 0);
    EXPECT_THAT(out_, HasSubstr("second"));
    EXPECT_EQ(run({"merge", (folder_ / "none.db").string()}), 1);
}

TEST_F(Runs, DeletesOnlyWhenSure) {
    EXPECT_EQ(run({"delete", "1"}), 2);
    EXPECT_THAT(err_, HasSubstr("--yes"));
    EXPECT_EQ(run({"delete", "--yes"}), 2) << "which run must be said";
    EXPECT_EQ(run({"show", "1"}), 0);
    EXPECT_EQ(run({"delete", "1", "1", "--yes"}), 0);
    EXPECT_EQ(run({"show", "1"}), 2);
    EXPECT_EQ(run({"list"}), 0);
    EXPECT_THAT(out_, HasSubstr("no run yet"));
}

TEST_F(Runs, AMissingStoreIsSaidAndNotMade) {
    for (const char* action : {"list", "show", "export", "verify"}) {
        EXPECT_EQ(run({action}, "none.db"), 1) << action;
        EXPECT_THAT(err_, HasSubstr("There is no store"));
    }
    EXPECT_FALSE(fs::exists(folder_ / "none.db"));
}

TEST(RunsWords, ControlCharactersAndLongNamesAreTamed) {
    RunSummary summary;
    summary.run.label = "\x1b[31mred\n";
    summary.run.model.name = std::string(200, 'm');
    const std::string words = list_words({summary});
    EXPECT_THAT(words, Not(HasSubstr("\x1b")));
    EXPECT_THAT(words, HasSubstr("?[31mred?"));
    std::istringstream lines(words);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 100U);
    }
}

TEST(RunsVerify, FiguresNeedTheirSamples) {
    RunData data;
    data.trials.push_back(a_trial(0));
    data.sessions.push_back({});
    data.sessions[0].trace = a_trace();
    EXPECT_TRUE(verify_run(data).differences.empty());
    data.sessions.clear();
    EXPECT_FALSE(verify_run(data).differences.empty());
}

}  // namespace
}  // namespace landauer
