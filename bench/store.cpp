// What keeping a trial costs, how large an hour is, and how fast a large run is read back.
#include "store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <vector>

#include "core/clock.h"
#include "made_data.h"

namespace {

using landauer::Store;
using landauer::Trace;

constexpr int kHourTrials = 1200;  // a trial every three seconds
constexpr int kLargeTrials = 10'000;
constexpr int kTicksATrial = 15;  // at 5 Hz
constexpr std::int64_t kTrialNs = 3'000'000'000;

double milliseconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-6; }

double megabytes(const std::filesystem::path& file) {
    return static_cast<double>(std::filesystem::file_size(file)) * 1e-6;
}

// Commits n trials with their samples and returns how long each took, sorted, ns.
std::vector<std::int64_t> commit(const std::filesystem::path& file, int n) {
    Store store = Store::open(file).value();
    const auto run = store.add_run(landauer::test::a_run()).value();
    const std::int64_t session = store.begin_session(landauer::test::a_session()).value();
    std::mt19937_64 random(1);
    std::vector<std::int64_t> took;
    for (int i = 0; i < n; ++i) {
        const Trace trace = landauer::test::a_trace(random, i * kTrialNs, kTicksATrial);
        const auto trial = landauer::test::a_trial(run.id, session, i);
        const std::int64_t begin = landauer::system_clock().now_ns();
        store.commit_trial(trial, trace).value();
        took.push_back(landauer::system_clock().now_ns() - begin);
    }
    std::sort(took.begin(), took.end());
    return took;
}

}  // namespace

int main() {
    const landauer::test::TemporaryFolder folder;
    const auto took = commit(folder / "hour.db", kHourTrials);
    fmt::print("store: commit of a trial ({} ticks of 20 channels): median {:.2f} ms, 99 % {:.2f} ms, most {:.2f} ms\n",
               kTicksATrial, milliseconds(took[took.size() / 2]), milliseconds(took[took.size() * 99 / 100]),
               milliseconds(took.back()));
    fmt::print("store: an hour at 5 Hz ({} trials, {} values): {:.2f} MB\n", kHourTrials,
               kHourTrials * kTicksATrial * 20, megabytes(folder / "hour.db"));

    commit(folder / "large.db", kLargeTrials);
    Store store = Store::open_existing(folder / "large.db").value();
    std::vector<std::int64_t> reads;
    for (int i = 0; i < 5; ++i) {
        const std::int64_t begin = landauer::system_clock().now_ns();
        const auto data = store.read_run(1).value();
        reads.push_back(landauer::system_clock().now_ns() - begin);
        if (data.trials.size() != kLargeTrials) {
            return 1;
        }
    }
    std::sort(reads.begin(), reads.end());
    fmt::print("store: reading {} trials with {} values: median {:.0f} ms, most {:.0f} ms; file {:.1f} MB\n",
               kLargeTrials, kLargeTrials * kTicksATrial * 20, milliseconds(reads[reads.size() / 2]),
               milliseconds(reads.back()), megabytes(folder / "large.db"));
    return 0;
}
