// The verdict's statistics: their time, how often the same model twice is called better or worse, how far a planted
// effect must be to be found, and what ignoring turns would have said.
#include "analysis/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "analysis/compare/cluster_bootstrap.h"
#include "analysis/compare/pairs.h"
#include "analysis/stats.h"
#include "compare_testing.h"

namespace landauer {
namespace {

constexpr double kTarget_s = 0.5;
constexpr int kRuns = 1000;

double now_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// 10,000 resamples of 12 metrics of 200 pairs in 20 turns.
double bootstrap_s() {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    std::vector<std::vector<double>> metrics(12);
    std::vector<std::size_t> turn;
    for (std::size_t i = 0; i < 200; ++i) turn.push_back(i / 10);
    for (std::vector<double>& metric : metrics) {
        for (std::size_t i = 0; i < 200; ++i) metric.push_back(normal(random));
    }
    const double begin_s = now_s();
    double sum = 0.0;
    for (const std::vector<double>& metric : metrics) {
        sum += clustered_centre(metric, turn, Centre::median, 10'000, random).ci95.low;
    }
    const double took_s = now_s() - begin_s;
    fmt::print("10,000 resamples x 12 metrics x 200 pairs: {:.3f} s of CPU (wanted {:.1f}; checksum {:.3f})\n", took_s,
               kTarget_s, sum);
    return took_s;
}

struct Rates {
    int any = 0;       // a cost better or worse
    int seconds = 0;   // the seconds found slower
    int covered = 0;   // the effect inside the seconds' interval
    int ignoring = 0;  // pairs resampled as if turns did not matter: p below 5 %
};

Rates rates_of(const test::Duel& like) {
    CompareOptions options;
    options.bootstrap = 1000;
    Rates out;
    for (int run = 0; run < kRuns; ++run) {
        test::Duel plan = like;
        plan.seed = static_cast<std::uint64_t>(run) + 1;
        const test::DuelData duel = test::make_duel(plan);
        const auto result = compare_models(duel.contenders(), options);
        if (!result) std::exit(1);
        const PairComparison& pair = result->pairs.front();
        out.any += std::any_of(pair.costs.begin(), pair.costs.end(), [](const Comparison& one) {
            return one.verdict == Verdict::better || one.verdict == Verdict::worse;
        });
        const Comparison& seconds = *pair.cost("seconds");
        out.seconds += seconds.verdict == Verdict::worse ? 1 : 0;
        out.covered += seconds.effect.ci95.low <= plan.effect && plan.effect <= seconds.effect.ci95.high ? 1 : 0;
        std::vector<double> logs;
        std::vector<std::size_t> alone;
        for (const TrialPair& one : pair_trials(duel.runs[0], duel.runs[1]).pairs) {
            alone.push_back(logs.size());
            logs.push_back(std::log(one.candidate->figures.at("seconds") / one.base->figures.at("seconds")));
        }
        std::mt19937_64 random = random_stream(7, static_cast<std::uint32_t>(run));
        out.ignoring += clustered_centre(logs, alone, Centre::median, 500, random).p < 0.05 ? 1 : 0;
    }
    return out;
}

double percent(int n) { return 100.0 * n / kRuns; }

int run() {
    const double took_s = bootstrap_s();
    fmt::print(
        "\nSeconds of 19 prompts, 2 repetitions, noise 2 % a trial, {} simulated comparisons a row.\n"
        "drift: relative sd of a turn's speed, each model's own. any: share in which some cost was called better or\n"
        "worse. slower: the seconds called worse. inside: the planted effect in the 95 % interval. pairs: p < 5 % had\n"
        "turns been ignored.\n\n"
        "effect  drift  turns    any  slower  inside   pairs\n",
        kRuns);
    for (const double effect : {1.0, 1.02, 1.05, 1.20}) {
        for (const double drift : {0.0, 0.01, 0.05}) {
            for (const int pieces : {1, 3, 6}) {
                test::Duel plan;
                plan.effect = effect;
                plan.drift = drift;
                plan.pieces = pieces;
                const Rates rates = rates_of(plan);
                fmt::print("{:>6.2f} {:>5.0f}%  {:>5} {:>5.1f}% {:>6.1f}% {:>6.1f}% {:>6.1f}%\n", effect, 100.0 * drift,
                           pieces * plan.n_repetitions, percent(rates.any), percent(rates.seconds),
                           percent(rates.covered), percent(rates.ignoring));
            }
        }
    }
    return took_s <= kTarget_s ? 0 : 1;
}

}  // namespace
}  // namespace landauer

int main() { return landauer::run(); }
