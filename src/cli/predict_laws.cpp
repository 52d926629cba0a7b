// Law cards, read from a folder and asked for one workload.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <set>
#include <system_error>
#include <utility>

#include "cli/predict_view.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr std::array kShown = {"seconds", "cpu_s", "ram_auc_gib_s", "net_energy_j"};
constexpr double kJoulesPerWh = 3600.0;

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
        cards.push_back({file.filename().string(), std::move(*card)});
    }
    return cards;
}

LawCost cost_of(const LawCards& cards, const NamedCard& named, std::int64_t n_prompt, std::int64_t n_gen) {
    LawCost cost;
    cost.y = named.card.y;
    cost.unit = named.card.y_unit;
    cost.value = cards.total_of(named.card, {{static_cast<double>(n_prompt), static_cast<double>(n_gen), 1.0}});
    cost.card = named.file;
    cost.beyond = static_cast<double>(n_prompt) > named.card.x_max;
    return cost;
}

// What Law 1 says of the text that the image was measured with; nothing when the card does not tell it.
std::optional<Estimate> measured_text(const LawCard& image, const LawCard& text) {
    const auto n_text = image.scope.find("n_text");
    const auto n_out = image.scope.find("n_out");
    if (n_text == image.scope.end() || n_out == image.scope.end()) return std::nullopt;
    return text.predict(std::strtod(n_text->second.c_str(), nullptr), std::strtod(n_out->second.c_str(), nullptr));
}

// The one length that all answers had when the law was measured; none when they varied, or the card does not tell.
std::optional<double> only_answer(const LawCard& card) {
    const auto found = card.scope.find("n_out");
    if (found == card.scope.end() || found->second.find('-') != std::string::npos) return std::nullopt;
    return std::strtod(found->second.c_str(), nullptr);
}

bool knows_answers(const LawCard& card) {
    return std::any_of(card.terms.begin(), card.terms.end(), [](const LawTerm& term) { return term.name == "n_out"; });
}

// The requests as multiples of the decode phase that was measured: one of n tokens decodes n - 1.
std::vector<TokenCounts> further_decoding(const std::vector<TokenCounts>& requests, double measured) {
    std::vector<TokenCounts> out;
    out.reserve(requests.size());
    for (const TokenCounts& request : requests) {
        out.push_back({request.n_in, measured, request.count * (request.n_out - measured) / (measured - 1.0)});
    }
    return out;
}

double half(const Estimate& e) { return 0.5 * (e.ci95.high - e.ci95.low); }

// image + text - measured, as independent errors: wider than the truth, because the two texts share a law.
Estimate combined(const Estimate& image, const Estimate& text, const Estimate& measured) {
    const double value = image.value + text.value - measured.value;
    const double wide = std::hypot(half(image), std::hypot(half(text), half(measured)));
    return {value, {value - wide, value + wide}};
}

LawCost in_wh(LawCost joules) {
    joules.y = "wh";
    joules.unit = "Wh";
    joules.value = {joules.value.value / kJoulesPerWh,
                    {joules.value.ci95.low / kJoulesPerWh, joules.value.ci95.high / kJoulesPerWh}};
    return joules;
}

void push(std::vector<LawCost>& costs, LawCost cost) {
    costs.push_back(std::move(cost));
    if (costs.back().y == "net_energy_j") costs.push_back(in_wh(costs.back()));
}

bool is_of(const LawCard& card, const std::string& model) {
    const auto of = card.scope.find("model");
    return model.empty() || of == card.scope.end() || of->second == model;
}

}  // namespace

Estimate LawCards::total_of(const LawCard& card, const std::vector<TokenCounts>& requests) const {
    const Estimate base = card.predict_total(requests);
    const std::optional<double> measured = only_answer(card);
    const auto decode = text.find("decode_s");
    const auto seconds = text.find("seconds");
    if (knows_answers(card) || !measured || *measured < 2.0 || decode == text.end() || seconds == text.end()) {
        return base;
    }
    const Estimate further = decode->second.card.predict_total(further_decoding(requests, *measured));
    const double whole_s = seconds->second.card.predict_total(requests).value;
    // Of seconds themselves the factor is 1.
    const double power = whole_s > 0.0 ? base.value / whole_s : 0.0;
    const double wide = std::hypot(half(base), power * half(further));
    const double value = base.value + power * further.value;
    return {value, {value - wide, value + wide}};
}

std::string LawCards::answers_note(const std::vector<TokenCounts>& requests) const {
    const auto seconds = text.find("seconds");
    if (seconds == text.end() || knows_answers(seconds->second.card)) return {};
    const std::optional<double> measured = only_answer(seconds->second.card);
    const bool other = measured && std::any_of(requests.begin(), requests.end(),
                                               [&](const TokenCounts& request) { return request.n_out != *measured; });
    if (!other) return {};
    if (*measured < 2.0 || !text.contains("decode_s")) {
        return fmt::format(
            "The cards were measured with answers of {:g} tokens and do not tell what others cost: measure "
            "with landauer bench -n, then laws --cards again.",
            *measured);
    }
    return fmt::format(
        "The cards were measured with answers of {:g} tokens; what other lengths cost is told by the decode phase, "
        "in proportion to its tokens and at the run's mean power.",
        *measured);
}

std::vector<LawCost> LawCards::of_text(std::int64_t n_prompt, std::int64_t n_gen) const {
    std::vector<LawCost> costs;
    for (const char* y : kShown) {
        if (const auto found = text.find(y); found != text.end())
            push(costs, cost_of(*this, found->second, n_prompt, n_gen));
    }
    return costs;
}

std::vector<LawCost> LawCards::of_image(std::int64_t n_tokens, std::int64_t n_prompt, std::int64_t n_gen) const {
    std::vector<LawCost> costs;
    for (const char* y : kShown) {
        const auto found = image.find(y);
        if (found == image.end()) continue;
        const LawCard& card = found->second.card;
        LawCost cost{y, card.y_unit, card.predict_image(static_cast<double>(n_tokens)), found->second.file,
                     static_cast<double>(n_tokens) > card.x_max};
        const auto words = text.find(y);
        const auto measured = words == text.end() ? std::nullopt : measured_text(card, words->second.card);
        if (measured && n_prompt + n_gen > 0) {
            const LawCost asked = cost_of(*this, words->second, n_prompt, n_gen);
            cost.value = combined(cost.value, asked.value, *measured);
            cost.card += " + " + words->second.file;
            cost.beyond = cost.beyond || asked.beyond;
        }
        push(costs, std::move(cost));
    }
    return costs;
}

Result<LawCards> read_law_cards(const fs::path& folder, const std::string& model) {
    auto cards = cards_in(folder);
    if (!cards) return tl::unexpected(cards.error());
    LawCards out;
    for (NamedCard& named : *cards) {
        if (!is_of(named.card, model)) continue;
        const bool of_image = named.card.law == "law2";
        if (of_image && named.card.x != "image_tokens") continue;
        auto& kind = of_image ? out.image : out.text;
        const auto best = kind.find(named.card.y);
        const bool better = best == kind.end() || (of_image ? best->second.card.x_max <= named.card.x_max
                                                            : is_earlier(best->second.file, named.file));
        const std::string y = named.card.y;
        if (better) kind.insert_or_assign(y, std::move(named));
    }
    if (!out.text.empty() || !out.image.empty()) return out;
    return fail(ErrorKind::Invalid,
                fmt::format("{} holds no law card{}.", folder.string(),
                            model.empty() ? "" : fmt::format(" for the model {}", model)),
                "Measure the model here with landauer bench, then: landauer laws --cards DIR");
}

Result<std::vector<std::string>> models_with_cards(const fs::path& folder) {
    const auto cards = cards_in(folder);
    if (!cards) return tl::unexpected(cards.error());
    std::set<std::string> models;
    for (const NamedCard& named : *cards) {
        const auto of = named.card.scope.find("model");
        models.insert(of == named.card.scope.end() ? "" : of->second);
    }
    if (models.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("{} holds no law card.", folder.string()),
                    "Measure the model here with landauer bench, then: landauer laws --cards DIR");
    }
    return std::vector<std::string>(models.begin(), models.end());
}

}  // namespace landauer
