#include "selftest/selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "analysis/stats.h"
#include "selftest/session_score.h"

namespace landauer {
namespace {

// What the documentation promises, in percent of net energy and as parts of one.
constexpr double kMostBias_percent = 0.2;
constexpr double kLeastCoverage = 0.93;
constexpr double kMostCoverage = 0.97;
constexpr double kLeastPerSeed = 3.0;  // standard errors that a finite number of seeds is forgiven

std::vector<const Scenario*> chosen(const SelftestOptions& options) {
    std::vector<const Scenario*> out;
    for (const Scenario& scenario : scenario_table()) {
        const bool wanted = options.only.empty() ||
                            std::find(options.only.begin(), options.only.end(), scenario.name) != options.only.end();
        if (wanted) {
            out.push_back(&scenario);
        }
    }
    return out;
}

Result<void> check(const SelftestOptions& options, const std::vector<const Scenario*>& scenarios) {
    constexpr int kMostSeeds = 1'000'000;
    if (options.n_seeds < 1 || options.n_seeds > kMostSeeds) {
        return fail(ErrorKind::Invalid, fmt::format("{} seeds are outside 1 to {}.", options.n_seeds, kMostSeeds),
                    "Choose some hundred: 200 take about ten seconds.");
    }
    if (scenarios.empty() || (!options.only.empty() && scenarios.size() != options.only.size())) {
        std::string names;
        for (const Scenario& scenario : scenario_table()) {
            names += fmt::format("{}{}", names.empty() ? "" : ", ", scenario.name);
        }
        return fail(ErrorKind::Invalid, "The self-test has no scenario of one of those names.",
                    "Choose from: " + names + ".");
    }
    return {};
}

// Scores by scenario and seed, filled by several threads, so that the sums do not depend on their order.
class Campaign {
   public:
    Campaign(const SelftestOptions& options, std::vector<const Scenario*> scenarios)
        : options_(options),
          scenarios_(std::move(scenarios)),
          estimate_(options.estimate ? options.estimate
                                     : [](const EnergyModel& model, Window window) { return model.over(window); }),
          scores_(scenarios_.size(), std::vector<SessionScore>(static_cast<std::size_t>(options.n_seeds))) {}

    Result<void> run(const std::function<void(int)>& progress) {
        const unsigned here = std::max(1U, std::thread::hardware_concurrency());
        const unsigned n = options_.n_threads > 0 ? static_cast<unsigned>(options_.n_threads) : here;
        std::vector<std::thread> threads;
        threads.reserve(n);
        for (unsigned i = 1; i < n; ++i) {
            threads.emplace_back([this] { work({}); });
        }
        work(progress);
        for (std::thread& thread : threads) {
            thread.join();
        }
        return error_ ? Result<void>(tl::unexpected(*error_)) : Result<void>();
    }

    [[nodiscard]] const std::vector<std::vector<SessionScore>>& scores() const { return scores_; }
    [[nodiscard]] const std::vector<const Scenario*>& scenarios() const { return scenarios_; }

   private:
    void work(const std::function<void(int)>& progress) {
        for (int number = next_.fetch_add(1); number < options_.n_seeds; number = next_.fetch_add(1)) {
            run_seed(number);
            const int done = done_.fetch_add(1) + 1;
            if (progress) {
                progress(done);
            }
        }
    }
    void run_seed(int number) {
        constexpr std::uint64_t kStride = 1000;
        const std::uint64_t seed = (options_.seed * 1'000'003U + static_cast<std::uint64_t>(number)) * kStride;
        const SeededMachine machine{Draws(seed)};
        for (std::size_t s = 0; s < scenarios_.size(); ++s) {
            const auto own = static_cast<std::uint64_t>(scenarios_[s] - scenario_table().data()) + 1;
            auto score = score_session(*scenarios_[s], machine, Draws(seed + own), estimate_);
            if (!score) {
                const std::scoped_lock lock(guard_);
                error_ = score.error();
                next_.store(options_.n_seeds);
                return;
            }
            scores_[s][static_cast<std::size_t>(number)] = std::move(*score);
        }
    }

    const SelftestOptions& options_;
    std::vector<const Scenario*> scenarios_;
    NetEstimator estimate_;
    std::vector<std::vector<SessionScore>> scores_;
    std::atomic<int> next_{0};
    std::atomic<int> done_{0};
    std::mutex guard_;
    std::optional<Error> error_;
};

// Sums over sessions, of one scenario or of several.
class Tally {
   public:
    void add(const SessionScore& session) {
        bool inside = true;
        std::size_t given = 0;
        for (const TrialScore& trial : session.trials) {
            if (trial.is_refused) {
                ++score_.n_refused;
                continue;
            }
            ++given;
            ++score_.n_trials;
            n_trials_inside_ += trial.is_inside() ? 1 : 0;
            inside = inside && trial.is_inside();
        }
        add_fault(session, inside);
        if (given > 0) {
            ++score_.n_runs;
            n_runs_inside_ += session.run.is_inside() ? 1 : 0;
            errors_j_.push_back(session.run.net_j - session.run.true_j);
            truths_j_.push_back(session.run.true_j);
            half_widths_.push_back(100.0 * session.run.half_width_j / session.run.true_j);
        }
    }

    [[nodiscard]] ScenarioScore finish() const {
        ScenarioScore out = score_;
        if (out.n_runs == 0) {
            return out;
        }
        const auto runs = static_cast<double>(out.n_runs);
        const double truth_j = mean(truths_j_);
        out.bias_percent = 100.0 * mean(errors_j_) / truth_j;
        out.bias_error_percent = 100.0 * sample_sd(errors_j_) / (truth_j * std::sqrt(runs));
        out.trial_coverage = static_cast<double>(n_trials_inside_) / static_cast<double>(out.n_trials);
        out.run_coverage = static_cast<double>(n_runs_inside_) / runs;
        out.half_width_percent = median(half_widths_);
        return out;
    }

   private:
    void add_fault(const SessionScore& session, bool inside) {
        if (!session.has_fault) {
            score_.n_false_alarms += session.was_warned ? 1 : 0;
            return;
        }
        ++score_.n_faults;
        score_.n_detected += session.was_warned ? 1 : 0;
        score_.n_inside += !session.was_warned && inside ? 1 : 0;
    }

    ScenarioScore score_;
    int n_trials_inside_ = 0;
    int n_runs_inside_ = 0;
    std::vector<double> errors_j_;
    std::vector<double> truths_j_;
    std::vector<double> half_widths_;
};

void judge_coverage(const ScenarioScore& score, double coverage, const char* of, std::vector<std::string>& failures) {
    const double chance = kLeastPerSeed * std::sqrt(0.95 * 0.05 / static_cast<double>(std::max(1, score.n_runs)));
    if (coverage < kLeastCoverage - chance || coverage > kMostCoverage + chance) {
        failures.push_back(
            fmt::format("{}: 95 % intervals of {} hold the truth in {:.1f} % of the cases, not in {:.0f} to {:.0f} %.",
                        score.name, of, 100.0 * coverage, 100.0 * kLeastCoverage, 100.0 * kMostCoverage));
    }
}

void judge_clean(const ScenarioScore& score, std::vector<std::string>& failures) {
    if (std::abs(score.bias_percent) > kMostBias_percent + kLeastPerSeed * score.bias_error_percent) {
        failures.push_back(fmt::format("{}: a bias of {:+.2f} % is more than {:.1f} %.", score.name, score.bias_percent,
                                       kMostBias_percent));
    }
    judge_coverage(score, score.trial_coverage, "trials", failures);
    judge_coverage(score, score.run_coverage, "runs", failures);
}

void judge_faults(const ScenarioScore& score, std::vector<std::string>& failures) {
    const int missed = score.n_faults - score.n_detected - score.n_inside;
    if (missed > 0) {
        failures.push_back(fmt::format("{}: {} of {} faults were neither found nor inside the interval.", score.name,
                                       missed, score.n_faults));
    }
}

}  // namespace

Result<SelftestReport> run_selftest(const SelftestOptions& options, const std::function<void(int done)>& progress) {
    auto scenarios = chosen(options);
    if (auto checked = check(options, scenarios); !checked) {
        return tl::unexpected(checked.error());
    }
    Campaign campaign(options, std::move(scenarios));
    if (auto ran = campaign.run(progress); !ran) {
        return tl::unexpected(ran.error());
    }
    SelftestReport report;
    report.n_seeds = options.n_seeds;
    Tally clean;
    for (std::size_t s = 0; s < campaign.scenarios().size(); ++s) {
        const Scenario& scenario = *campaign.scenarios()[s];
        Tally own;
        for (const SessionScore& session : campaign.scores()[s]) {
            own.add(session);
            if (!scenario.has_fault) {
                clean.add(session);
            }
        }
        ScenarioScore score = own.finish();
        score.name = scenario.name;
        score.emulates = scenario.emulates;
        score.has_fault = scenario.has_fault;
        scenario.has_fault ? judge_faults(score, report.failures) : judge_clean(score, report.failures);
        report.all.n_faults += score.n_faults;
        report.all.n_detected += score.n_detected;
        report.all.n_inside += score.n_inside;
        report.scenarios.push_back(std::move(score));
    }
    const ScenarioScore faults = report.all;
    report.all = clean.finish();
    report.all.name = "all without faults";
    report.all.n_faults = faults.n_faults;
    report.all.n_detected = faults.n_detected;
    report.all.n_inside = faults.n_inside;
    if (report.all.n_runs > 0) {
        judge_clean(report.all, report.failures);
    }
    return report;
}

}  // namespace landauer
