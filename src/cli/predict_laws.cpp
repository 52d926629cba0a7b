// Law cards, read from a folder and asked for one workload.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

#include "cli/predict_view.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr std::array kShown = {"seconds", "cpu_s", "ram_auc_gib_s", "net_energy_j"};
constexpr double kJoulesPerWh = 3600.0;

struct NamedCard {
    std::string file;
    LawCard card;
};

// run9 before run10.
bool is_earlier(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

Result<std::vector<NamedCard>> cards_in(const fs::path& folder) {
    std::error_code problem;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem)) {
        if (entry->path().filename().string().ends_with(".law.json")) files.push_back(entry->path());
    }
    if (problem) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The folder of law cards {} cannot be read: {}.", folder.string(), problem.message()),
                    "Make the cards with: landauer laws --cards DIR");
    }
    std::vector<NamedCard> cards;
    for (const fs::path& file : files) {
        auto card = read_law_card(file);
        if (!card) return tl::unexpected(card.error());
        if (card->law == "law1") cards.push_back({file.filename().string(), std::move(*card)});
    }
    return cards;
}

LawCost cost_of(const NamedCard& named, std::int64_t n_prompt, std::int64_t n_gen) {
    LawCost cost;
    cost.y = named.card.y;
    cost.unit = named.card.y_unit;
    cost.value = named.card.predict(static_cast<double>(n_prompt), static_cast<double>(n_gen));
    cost.card = named.file;
    cost.beyond = static_cast<double>(n_prompt) > named.card.x_max;
    return cost;
}

LawCost in_wh(LawCost joules) {
    joules.y = "wh";
    joules.unit = "Wh";
    joules.value = {joules.value.value / kJoulesPerWh,
                    {joules.value.ci95.low / kJoulesPerWh, joules.value.ci95.high / kJoulesPerWh}};
    return joules;
}

}  // namespace

Result<std::vector<LawCost>> law_costs(const fs::path& folder, const std::string& model, std::int64_t n_prompt,
                                       std::int64_t n_gen) {
    const auto cards = cards_in(folder);
    if (!cards) return tl::unexpected(cards.error());
    std::map<std::string, const NamedCard*> latest;
    for (const NamedCard& named : *cards) {
        const auto of = named.card.scope.find("model");
        if (!model.empty() && of != named.card.scope.end() && of->second != model) continue;
        const NamedCard*& best = latest[named.card.y];
        if (best == nullptr || is_earlier(best->file, named.file)) best = &named;
    }
    std::vector<LawCost> costs;
    for (const char* y : kShown) {
        const auto found = latest.find(y);
        if (found == latest.end()) continue;
        costs.push_back(cost_of(*found->second, n_prompt, n_gen));
        if (costs.back().y == "net_energy_j") costs.push_back(in_wh(costs.back()));
    }
    if (!costs.empty()) return costs;
    return fail(ErrorKind::Invalid,
                fmt::format("{} holds no law card of text{}.", folder.string(),
                            model.empty() ? "" : fmt::format(" for the model {}", model)),
                "Measure the model here with landauer bench, then: landauer laws --cards DIR");
}

}  // namespace landauer
