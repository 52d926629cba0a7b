#include "analysis/compare/pairs.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace landauer {
namespace {

using Key = std::pair<std::string, int>;

const TrialRecord& record_of(const RunAnalysis& run, const TrialNet& net) { return run.data->trials[net.index]; }

// The last valid trial of each prompt and repetition: one that was measured again replaces the one before.
std::map<Key, const TrialNet*> by_key(const RunAnalysis& run) {
    std::map<Key, const TrialNet*> out;
    for (const TrialNet& net : run.trials) {
        const TrialRecord& record = record_of(run, net);
        const TrialNet*& place = out[{record.prompt_id, record.repetition}];
        if (place == nullptr || record_of(run, *place).id <= record.id) {
            place = &net;
        }
    }
    return out;
}

struct Stretch {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::size_t pair = 0;
};

void number_turns(const RunAnalysis& base, const RunAnalysis& candidate, Pairing& pairing) {
    std::map<std::pair<std::string, std::string>, std::vector<Stretch>> by_sessions;
    const auto uuid = [](const RunAnalysis& run, std::int64_t session) {
        for (const SessionData& data : run.data->sessions) {
            if (data.session.id == session) {
                return data.session.uuid.empty() ? std::to_string(session) : data.session.uuid;
            }
        }
        return std::to_string(session);
    };
    for (std::size_t i = 0; i < pairing.pairs.size(); ++i) {
        const TrialRecord& a = record_of(base, *pairing.pairs[i].base);
        const TrialRecord& b = record_of(candidate, *pairing.pairs[i].candidate);
        by_sessions[{uuid(base, a.session_id), uuid(candidate, b.session_id)}].push_back(
            {std::min(a.begin_ns, b.begin_ns), std::max(a.end_ns, b.end_ns), i});
    }
    for (auto& [sessions, stretches] : by_sessions) {
        std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) {
            return std::pair(a.begin_ns, a.pair) < std::pair(b.begin_ns, b.pair);
        });
        std::int64_t covered_ns = stretches.front().end_ns;
        for (const Stretch& stretch : stretches) {
            if (sessions.first == sessions.second && stretch.begin_ns >= covered_ns) {
                ++pairing.n_turns;
            }
            covered_ns = std::max(covered_ns, stretch.end_ns);
            pairing.pairs[stretch.pair].turn = pairing.n_turns;
        }
        ++pairing.n_turns;
    }
}

}  // namespace

Pairing pair_trials(const RunAnalysis& base, const RunAnalysis& candidate) {
    Pairing out;
    const auto ours = by_key(base);
    const auto theirs = by_key(candidate);
    std::map<std::string, std::size_t> prompts;
    for (const auto& [key, net] : ours) {
        const auto found = theirs.find(key);
        if (found == theirs.end()) {
            ++out.n_unpaired;
            continue;
        }
        const std::size_t prompt = prompts.emplace(key.first, prompts.size()).first->second;
        out.pairs.push_back({net, found->second, key.first, key.second, 0, prompt});
    }
    out.n_unpaired += static_cast<int>(theirs.size() - out.pairs.size());
    out.n_prompts = prompts.size();
    if (!out.pairs.empty()) {
        number_turns(base, candidate, out);
    }
    return out;
}

}  // namespace landauer
