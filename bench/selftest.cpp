// The self-test over a thousand seeds: its table, and whether it takes less than a minute.
#include "selftest/selftest.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace {
constexpr int kSeeds = 1000;
constexpr double kTarget_s = 60.0;
}  // namespace

int main(int argc, char** argv) {
    landauer::SelftestOptions options;
    options.n_seeds = argc > 1 ? std::atoi(argv[1]) : kSeeds;
    const auto begin = std::chrono::steady_clock::now();
    const auto report = landauer::run_selftest(options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!report) {
        fmt::print(stderr, "{}\n", report.error().sentence);
        return EXIT_FAILURE;
    }
    fmt::print(
        "| machine | bias [%] | trials inside [%] | runs inside [%] | half-width [%] | faults found | no harm done "
        "|\n");
    fmt::print("|---|---:|---:|---:|---:|---:|---:|\n");
    const auto row = [](const landauer::ScenarioScore& score) {
        fmt::print("| {} | {:+.3f} ± {:.3f} | {:.1f} | {:.1f} | {:.2f} | {} of {} | {} |\n", score.name,
                   score.bias_percent, score.bias_error_percent, 100.0 * score.trial_coverage,
                   100.0 * score.run_coverage, score.half_width_percent, score.n_detected, score.n_faults,
                   score.n_inside);
    };
    for (const landauer::ScenarioScore& score : report->scenarios) {
        row(score);
    }
    row(report->all);
    for (const std::string& failure : report->failures) {
        fmt::print("\nNot kept: {}", failure);
    }
    fmt::print("\n{} seeds of {} kinds in {:.1f} s on {} processors (asked for 1,000: under {:.0f} s): {}.\n",
               options.n_seeds, report->scenarios.size(), seconds, std::thread::hardware_concurrency(), kTarget_s,
               seconds < kTarget_s ? "yes" : "no");
    return report->passed() && seconds < kTarget_s ? EXIT_SUCCESS : EXIT_FAILURE;
}
