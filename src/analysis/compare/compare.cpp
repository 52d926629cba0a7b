#include "analysis/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analysis/compare/accuracy.h"
#include "analysis/compare/costs.h"
#include "analysis/compare/differences.h"
#include "analysis/compare/pairs.h"
#include "analysis/compare/pareto.h"
#include "analysis/compare/verdict.h"

namespace landauer {
namespace {

Result<void> check(const std::vector<Contender>& contenders) {
    if (contenders.size() < 2) {
        return fail(ErrorKind::Invalid, "One model alone cannot be compared.",
                    "Name a base and at least one candidate: landauer compare BASE CANDIDATE.");
    }
    for (std::size_t i = 0; i < contenders.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (contenders[i].run == contenders[j].run) {
                return fail(
                    ErrorKind::Invalid, fmt::format("{} is the very same run twice.", contenders[i].name),
                    "Name two runs; to see the noise, measure one model twice: landauer compare M.gguf M.gguf.");
            }
        }
    }
    return {};
}

// Scores that were made alike, or none.
bool scored_alike(const RunScores& a, const RunScores& b) {
    return a.references_sha256 == b.references_sha256 && a.embedder_sha256 == b.embedder_sha256 && a.rule == b.rule;
}

std::optional<double> break_even(const Contender& base, const Contender& candidate, const PairComparison& pair) {
    const Comparison* const wh = pair.cost("wh");
    const double making_wh = candidate.making_wh.value_or(0.0) - base.making_wh.value_or(0.0);
    if (!candidate.making_wh || wh == nullptr || wh->base.value <= wh->candidate.value) {
        return std::nullopt;
    }
    return std::max(0.0, making_wh / (wh->base.value - wh->candidate.value));
}

void judge(PairComparison& pair, const CompareOptions& options) {
    std::vector<Comparison*> family;
    family.reserve(pair.costs.size() + pair.quality.size() + 1);
    for (Comparison& one : pair.costs) {
        family.push_back(&one);
    }
    for (Comparison& one : pair.quality) {
        family.push_back(&one);
    }
    if (pair.accuracy) {
        family.push_back(&pair.accuracy->raw);
    }
    judge_all(family, options);
    if (pair.accuracy && pair.accuracy->trimmed) {
        // The same question once more, not a further one: adjusted as the raw figure's at its worst.
        Comparison& trimmed = *pair.accuracy->trimmed;
        trimmed.p_holm = std::min(1.0, trimmed.p * static_cast<double>(family.size()));
        trimmed.verdict = verdict_of(trimmed, options);
    }
}

Result<PairComparison> compare_pair(const std::vector<Contender>& contenders, std::size_t index,
                                    const CompareOptions& options) {
    const Contender& base = contenders.front();
    Contender candidate = contenders[index];
    const Pairing pairing = pair_trials(*base.run, *candidate.run);
    if (pairing.pairs.empty()) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("{} and {} have no prompt in common that both ran undisturbed.", base.name, candidate.name),
            "Measure both with the same prompts: landauer compare BASE.gguf CANDIDATE.gguf.");
    }
    auto caveats = differences_of(*base.run, *candidate.run, pairing);
    if (!caveats) {
        return tl::unexpected(caveats.error());
    }
    const auto worst = std::find_if(caveats->begin(), caveats->end(), is_difference);
    if (options.strict && worst != caveats->end()) {
        return fail(ErrorKind::Refused, worst->sentence, worst->remedy);
    }
    PairComparison out;
    out.candidate = index;
    out.caveats = std::move(*caveats);
    if (base.scores != nullptr && candidate.scores != nullptr && !scored_alike(*base.scores, *candidate.scores)) {
        candidate.scores = nullptr;
        out.caveats.push_back({"scored-unlike", Severity::warning,
                               "The two runs were scored by unlike references or embedders, so their accuracy is not "
                               "compared.",
                               "Score both alike: landauer score BASE CANDIDATE --references FILE."});
    }
    out.costs = compare_costs(*base.run, *candidate.run, pairing, options);
    out.accuracy = compare_accuracy(base, candidate, options);
    out.quality = compare_quality(base, candidate, options);
    out.break_even_prompts = break_even(base, candidate, out);
    judge(out, options);
    return out;
}

}  // namespace

const Comparison* PairComparison::cost(std::string_view metric) const {
    const auto found =
        std::find_if(costs.begin(), costs.end(), [&](const Comparison& one) { return one.metric->name == metric; });
    return found == costs.end() ? nullptr : &*found;
}

Result<ModelComparison> compare_models(std::vector<Contender> contenders, const CompareOptions& options) {
    if (auto checked = check(contenders); !checked) {
        return tl::unexpected(checked.error());
    }
    ModelComparison out;
    out.contenders = std::move(contenders);
    for (std::size_t i = 1; i < out.contenders.size(); ++i) {
        auto pair = compare_pair(out.contenders, i, options);
        if (!pair) {
            return tl::unexpected(pair.error());
        }
        out.pairs.push_back(std::move(*pair));
    }
    out.cost_metric = pareto_cost(out.contenders);
    if (out.cost_metric != nullptr) {
        out.pareto = pareto_points(out.contenders, *out.cost_metric, options);
    }
    return out;
}

}  // namespace landauer
