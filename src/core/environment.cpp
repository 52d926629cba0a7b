#include "core/environment.h"

#include <set>

namespace landauer {

std::vector<EnvironmentDifference> differences(const Environment& a, const Environment& b) {
    std::set<std::string> facts;
    for (const auto& [fact, value] : a) {
        facts.insert(fact);
    }
    for (const auto& [fact, value] : b) {
        facts.insert(fact);
    }
    const auto value_of = [](const Environment& environment, const std::string& fact) {
        const auto found = environment.find(fact);
        return found == environment.end() ? std::string() : found->second;
    };
    std::vector<EnvironmentDifference> out;
    for (const std::string& fact : facts) {
        EnvironmentDifference difference{fact, value_of(a, fact), value_of(b, fact)};
        if (difference.a != difference.b) {
            out.push_back(std::move(difference));
        }
    }
    return out;
}

}  // namespace landauer
