#include "analysis/run_caveats.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace landauer {
namespace {

constexpr std::size_t kMostNamed = 5;

struct Seen {
    const Caveat* worst = nullptr;
    const TrialRecord* trial = nullptr;
    int n_trials = 0;
};

// "P3/r0, P7/r1 and 4 more".
std::string names(std::span<const TrialRecord* const> trials) {
    std::string out;
    for (std::size_t i = 0; i < std::min(trials.size(), kMostNamed); ++i) {
        out += (i == 0 ? "" : ", ") + trials[i]->key;
    }
    return trials.size() > kMostNamed ? fmt::format("{} and {} more", out, trials.size() - kMostNamed) : out;
}

}  // namespace

void CaveatList::add(const Caveat& caveat) {
    const bool known = std::any_of(caveats_.begin(), caveats_.end(), [&](const Caveat& c) {
        return c.code == caveat.code && c.sentence == caveat.sentence;
    });
    if (!known) {
        caveats_.push_back(caveat);
    }
}

void CaveatList::add(std::span<const Caveat> caveats) {
    for (const Caveat& caveat : caveats) {
        add(caveat);
    }
}

void CaveatList::add_trials(std::span<const TrialRecord* const> trials) {
    std::map<std::string, Seen> seen;
    std::vector<const TrialRecord*> spoiled;
    for (const TrialRecord* trial : trials) {
        if (trial->grade == Grade::C) {
            spoiled.push_back(trial);
        }
        for (const Caveat& caveat : trial->caveats) {
            Seen& entry = seen[caveat.code];
            ++entry.n_trials;
            if (entry.worst == nullptr || caveat.severity > entry.worst->severity) {
                entry.worst = &caveat;
                entry.trial = trial;
            }
        }
    }
    for (const auto& [code, entry] : seen) {
        Caveat caveat = *entry.worst;
        caveat.sentence = entry.n_trials == 1 ? fmt::format("{}: {}", entry.trial->key, caveat.sentence)
                                              : fmt::format("{} of {} trials, first or worst {}: {}", entry.n_trials,
                                                            trials.size(), entry.trial->key, caveat.sentence);
        add(caveat);
    }
    if (!spoiled.empty()) {
        add({"spoiled-trials", Severity::warning,
             fmt::format("{} of {} trials are of grade C and enter no figure: {}.", spoiled.size(), trials.size(),
                         names(spoiled)),
             "They were disturbed; each is repeated while the run's limit allows. Run again on a quiet machine for the "
             "rest."});
    }
}

std::vector<Caveat> CaveatList::take() {
    std::stable_sort(caveats_.begin(), caveats_.end(),
                     [](const Caveat& a, const Caveat& b) { return a.severity > b.severity; });
    return std::exchange(caveats_, {});
}

}  // namespace landauer
