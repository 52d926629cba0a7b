#include "compress/cost_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace landauer {
namespace {

constexpr std::array kKinds = {std::pair{std::string_view("decode"), TargetKind::Decode},
                               std::pair{std::string_view("prefill"), TargetKind::Prefill},
                               std::pair{std::string_view("prompt"), TargetKind::Prompt},
                               std::pair{std::string_view("joules"), TargetKind::Joules}};
constexpr std::int64_t kMostTokens = 1'000'000;

// The whole word as a number.
template <class Number>
std::optional<Number> number_in(std::string_view word) {
    Number value{};
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || problem != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
}

// "1.5x" leaves 1/1.5, "-30%" leaves 0.7.
std::optional<double> left_of(std::string_view amount) {
    if (amount.ends_with('x')) {
        const auto times = number_in<double>(amount.substr(0, amount.size() - 1));
        if (times && *times > 0.0) return 1.0 / *times;
    } else if (amount.starts_with('-') && amount.ends_with('%')) {
        const auto percent = number_in<double>(amount.substr(1, amount.size() - 2));
        if (percent) return 1.0 - *percent / 100.0;
    }
    return std::nullopt;
}

tl::unexpected<Error> no_target(const std::string& word, const std::string& why) {
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no target: {}.", word, why),
                "Write it like decode:1.5x, prefill:1.3x, prompt:1.3x or joules:-30%.");
}

double least_cost(const std::vector<Unit>& units) {
    double least = 0.0;
    for (const Unit& unit : units) {
        least += std::min_element(unit.choices.begin(), unit.choices.end(), [](const Choice& a, const Choice& b) {
                     return a.cost < b.cost;
                 })->cost;
    }
    return least;
}

double whole_cost(const std::vector<Unit>& units) {
    double whole = 0.0;
    for (const Unit& unit : units) {
        whole += std::max_element(unit.choices.begin(), unit.choices.end(), [](const Choice& a, const Choice& b) {
                     return a.cost < b.cost;
                 })->cost;
    }
    return whole;
}

std::string amount_words(const CostTarget& target, double left) {
    // Rounded to what can be had.
    if (target.kind == TargetKind::Joules) return fmt::format("-{:.0f}%", std::floor((1.0 - left) * 100.0));
    return fmt::format("{:.2f}x", std::floor(100.0 / left) / 100.0);
}

}  // namespace

std::string name(TargetKind kind) {
    const auto* const found =
        std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.second == kind; });
    return std::string(found->first);
}

Result<CostTarget> read_cost_target(const std::string& word) {
    const auto colon = word.find(':');
    if (colon == std::string::npos) return no_target(word, "it says not what of, or not how much");
    const std::string_view kind = std::string_view(word).substr(0, colon);
    const std::string_view amount = std::string_view(word).substr(colon + 1);
    const auto* const known =
        std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.first == kind; });
    if (known == kKinds.end()) return no_target(word, fmt::format("\"{}\" is not measured", kind));
    const auto left = left_of(amount);
    if (!left || !std::isfinite(*left)) return no_target(word, fmt::format("\"{}\" is no amount", amount));
    if (*left >= 1.0) return no_target(word, "that is no less than now");
    if (*left <= 0.0) return no_target(word, "nothing would be left");
    return CostTarget{known->second, *left};
}

Result<PromptMix> read_mix(const std::string& word) {
    const auto colon = std::min(word.find(':'), word.size());
    const std::string_view after = std::string_view(word).substr(std::min(colon + 1, word.size()));
    const auto tokens = [](std::string_view part) {
        const auto n = number_in<std::int64_t>(part);
        return n && *n >= 1 && *n <= kMostTokens ? *n : 0;
    };
    const PromptMix mix{tokens(std::string_view(word).substr(0, colon)), tokens(after)};
    if (mix.n_in > 0 && mix.n_out > 0) return mix;
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no mix of a prompt and its answer.", word),
                "Write tokens in and tokens out like 512:128.");
}

TargetCost::TargetCost(ModelCost model, TargetKind kind, PromptMix mix, const PassWatts& watts)
    : model_(std::move(model)), mix_(mix) {
    const bool whole = kind == TargetKind::Prompt || kind == TargetKind::Joules;
    const bool joules = kind == TargetKind::Joules;
    if (whole) n_decoded_ = static_cast<double>(mix.n_out);
    if (whole || kind == TargetKind::Prefill) per_prefill_ = joules ? watts.prefill : 1.0;
    if (whole || kind == TargetKind::Decode) per_decode_ = joules ? watts.decode : 1.0;
}

double TargetCost::cost(const BlockSums& blocks) const {
    return per_prefill_ * model_.prefill_seconds(blocks, mix_.n_in) +
           per_decode_ * n_decoded_ * model_.decode_seconds(blocks, mix_.answer_depth());
}

PassWeights TargetCost::weights() const {
    return {per_decode_ * n_decoded_,
            per_prefill_ * static_cast<double>(mix_.n_in) / static_cast<double>(kPrefillTokens)};
}

MatrixPrice TargetCost::matrix_price() const { return time_price(model_.table(), weights()); }
FactorPrice TargetCost::factor_price() const { return time_price_of_factors(model_.table(), weights()); }

double TargetCost::head_price() const {
    return per_prefill_ * model_.head_prefill_seconds(mix_.n_in) +
           per_decode_ * n_decoded_ * model_.head_decode_seconds(mix_.answer_depth());
}

Result<double> share_for_target(const TargetCost& cost, const CostTarget& target, const std::vector<Unit>& units,
                                double block_cost) {
    const double base = cost.base();
    const double most = whole_cost(units) - least_cost(units);
    const double wanted = base * (1.0 - target.left);
    if (wanted <= most) return wanted / block_cost;
    return fail(
        ErrorKind::Invalid,
        fmt::format("{}:{} cannot be reached by making the blocks smaller: {:.0f} % of the {} is in what stays.",
                    name(target.kind), amount_words(target, target.left), 100.0 * (1.0 - most / base),
                    target.kind == TargetKind::Joules ? "energy" : "time"),
        fmt::format("Ask for {}:{} or less.", name(target.kind), amount_words(target, 1.0 - most / base)));
}

}  // namespace landauer
