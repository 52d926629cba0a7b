#include "selftest/selftest.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/command.h"
#include "platform/terminal.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr int kGateSaysNo = 3;
constexpr int kWidth = 120;  // where there is no terminal

struct SelftestWords {
    SelftestOptions options;
    std::string format = "table";
};

// "-0.03 ± 0.05": the bias and its standard error, in percent.
std::string bias_text(const ScenarioScore& score) {
    return score.n_trials == 0 ? "–" : fmt::format("{:+.2f} ± {:.2f}", score.bias_percent, score.bias_error_percent);
}

std::string percent_text(const ScenarioScore& score, double share) {
    return score.n_trials == 0 ? "–" : fmt::format("{:.1f}", 100.0 * share);
}

// "200/200", with those that were not seen and did no harm.
std::string faults_text(const ScenarioScore& score) {
    if (score.n_faults == 0) {
        return "–";
    }
    const std::string seen = fmt::format("{}/{}", score.n_detected, score.n_faults);
    return score.n_inside > 0 ? fmt::format("{} +{}", seen, score.n_inside) : seen;
}

std::vector<std::string> row_of(const ScenarioScore& score) {
    return {score.name,
            bias_text(score),
            percent_text(score, score.trial_coverage),
            percent_text(score, score.run_coverage),
            score.n_trials == 0 ? "–" : fmt::format("{:.1f}", score.half_width_percent),
            faults_text(score),
            score.emulates};
}

// What each machine emulates stands in the last column, where there is room for it.
std::string table_text(const SelftestReport& report, int width) {
    TextTable table;
    table.right = {false, true, true, true, true, true, false};
    table.rows.push_back({"machine", "bias [%]", "trials", "runs", "± [%]", "faults", "what it emulates"});
    for (const ScenarioScore& score : report.scenarios) {
        table.rows.push_back(row_of(score));
    }
    table.rows.push_back(row_of(report.all));
    const std::vector<int> widths = table.widths();
    const int wanted = std::accumulate(widths.begin(), widths.end(), 2 * (static_cast<int>(widths.size()) - 1));
    if (wanted > width) {
        for (std::vector<std::string>& row : table.rows) {
            row.pop_back();
        }
    }
    std::string text;
    for (const std::string& line : table.lines()) {
        text += line + "\n";
    }
    return text;
}

std::string closing_text(const SelftestReport& report, double seconds) {
    std::string text = fmt::format(
        "\nbias: of net energy, ± its standard error. trials, runs: of the 95 % intervals of a trial's and of a run's\n"
        "net energy, how many percent hold the truth. ±: half of a run's interval, median. faults: found of those\n"
        "injected; + not found, but no figure was wrong by more than its interval.\n\n");
    for (const std::string& failure : report.failures) {
        text += fmt::format("Not kept: {}\n", failure);
    }
    text +=
        report.passed()
            ? fmt::format(
                  "{} virtual machines of each kind in {:.1f} s: net energy is right within the stated bounds.\n",
                  report.n_seeds, seconds)
            : fmt::format("{} virtual machines of each kind in {:.1f} s: {} of the stated bounds {} not kept.\n",
                          report.n_seeds, seconds, report.failures.size(), report.failures.size() == 1 ? "is" : "are");
    return text;
}

nlohmann::ordered_json json_of(const ScenarioScore& score) {
    return {{"name", score.name},
            {"emulates", score.emulates},
            {"n_runs", score.n_runs},
            {"n_trials", score.n_trials},
            {"n_refused", score.n_refused},
            {"bias_percent", score.bias_percent},
            {"bias_error_percent", score.bias_error_percent},
            {"trial_coverage", score.trial_coverage},
            {"run_coverage", score.run_coverage},
            {"half_width_percent", score.half_width_percent},
            {"n_faults", score.n_faults},
            {"n_detected", score.n_detected},
            {"n_inside", score.n_inside},
            {"n_false_alarms", score.n_false_alarms}};
}

std::string json_text(const SelftestReport& report, const SelftestOptions& options, double seconds) {
    nlohmann::ordered_json json = {{"seeds", report.n_seeds},     {"seed", options.seed},
                                   {"seconds", seconds},          {"passed", report.passed()},
                                   {"failures", report.failures}, {"scenarios", nlohmann::ordered_json::array()},
                                   {"all", json_of(report.all)}};
    for (const ScenarioScore& score : report.scenarios) {
        json["scenarios"].push_back(json_of(score));
    }
    return json.dump(2) + "\n";
}

// One line that is written again and again, on a terminal only.
std::function<void(int)> progress_line(bool live) {
    if (!live) {
        return {};
    }
    return [](int done) { talk(fmt::format("\r{} virtual sessions", done)); };
}

Result<bool> selftest(const SelftestWords& words) {
    const bool live = is_terminal(Stream::err);
    const auto begin = std::chrono::steady_clock::now();
    const auto report = run_selftest(words.options, progress_line(live));
    if (live) {
        talk("\r\x1b[K");
    }
    if (!report) {
        return tl::unexpected(report.error());
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    print(words.format == "json"
              ? json_text(*report, words.options, seconds)
              : table_text(*report, terminal_width(Stream::out, kWidth)) + closing_text(*report, seconds));
    return report->passed();
}

}  // namespace

void add_selftest_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand(
        "selftest", "Measure virtual machines whose energy is known: are the joules right, do the intervals hold?");
    auto words = std::make_shared<SelftestWords>();
    command->add_option("--seeds", words->options.n_seeds, "Virtual machines of each kind")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command->add_option("--seed", words->options.seed, "The first one's number; the same number gives the same table")
        ->capture_default_str();
    command->add_option("--only", words->options.only, "Only these kinds of machine")->delimiter(',');
    command->add_option("-t,--threads", words->options.n_threads, "Threads; 0: as many as there are processors")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();
    command->add_option("-o,--output", words->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->footer(
        "Exits with 0 when every figure is within its bounds, with 3 when one is not.\n\n"
        "Example:\n  landauer selftest --seeds 1000");
    command->callback([words, &context] {
        const auto good = selftest(*words);
        if (!good) {
            report_error(context, good.error());
        } else if (!*good) {
            context.exit_code = kGateSaysNo;
        }
    });
}

}  // namespace landauer
