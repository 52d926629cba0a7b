#include "analysis/law_scope.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace landauer {
namespace {

std::string settings_of(const RunRecord& run) {
    std::string out;
    for (const auto& [name, value] : run.settings) {
        out.append(out.empty() ? "" : ", ").append(name).append("=").append(value);
    }
    return out;
}

// Tokens of the answers that were measured: "64", or "16-256".
std::string answer_lengths(const RunData& data) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = 0;
    for (const TrialRecord& trial : data.trials) {
        if (trial.grade != Grade::C) {
            least = std::min(least, trial.n_gen);
            most = std::max(most, trial.n_gen);
        }
    }
    return least < most ? std::to_string(least) + "-" + std::to_string(most) : std::to_string(most);
}

}  // namespace

std::map<std::string, std::string> law_scope(const RunData& data) {
    std::map<std::string, std::string> scope = {
        {"model", data.run.model.name},  {"model_sha256", data.run.model.sha256}, {"model_type", data.run.model.type},
        {"protocol", data.run.protocol}, {"settings", settings_of(data.run)},     {"n_out", answer_lengths(data)}};
    if (!data.sessions.empty()) {
        const Environment& environment = data.sessions.front().session.environment;
        const auto copy = [&](const char* fact, const char* as) {
            if (const auto found = environment.find(fact); found != environment.end()) {
                scope[as] = found->second;
            }
        };
        copy("cpu_model", "machine");
        copy("llama_commit", "engine");
        copy("backend_features", "backend_features");
    }
    return scope;
}

}  // namespace landauer
