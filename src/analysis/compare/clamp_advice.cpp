#include "analysis/compare/clamp_advice.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "analysis/compare/accuracy.h"
#include "analysis/compare/cluster_bootstrap.h"
#include "analysis/run_image_laws.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr int kFewestPictures = 3;

struct ScoredClamp {
    const RunAnalysis* run = nullptr;
    std::int32_t max_tokens = 0;
    std::map<std::string, double> similarity;  // by picture
    [[nodiscard]] std::int64_t width() const {
        return max_tokens == 0 ? std::numeric_limits<std::int64_t>::max() : max_tokens;
    }
};

std::int32_t clamp_of(const RunAnalysis& run) {
    const auto& settings = run.data->run.settings;
    const auto found = settings.find("image_max_tokens");
    return found == settings.end() ? 0 : static_cast<std::int32_t>(std::atol(found->second.c_str()));
}

// Everything that two scored runs must share to be held against each other.
std::string kin_of(const RunAnalysis& run, const RunScores& scores) {
    const auto image = run.data->run.settings.find("image");
    return run.data->run.model.sha256 + "|" + (image == run.data->run.settings.end() ? "" : image->second) + "|" +
           scores.references_sha256 + "|" + scores.embedder_sha256 + "|" + scores.rule;
}

std::vector<ScoredClamp> newest_kin(std::span<const RunAnalysis> runs) {
    std::map<std::string, std::map<std::int32_t, ScoredClamp>> kin;
    for (const RunAnalysis& run : runs) {
        if (!is_image_run(*run.data)) {
            continue;
        }
        for (const RunScores& scores : run.data->scores) {
            ScoredClamp& place = kin[kin_of(run, scores)][clamp_of(run)];
            if (place.run == nullptr || place.run->data->run.id <= run.data->run.id) {
                place = {&run, clamp_of(run), similarity_by_prompt(scores)};
            }
        }
    }
    std::vector<ScoredClamp> out;
    for (const auto& [unused, by_clamp] : kin) {
        if (by_clamp.size() > out.size()) {
            out.clear();
            for (const auto& [tokens, clamp] : by_clamp) {
                out.push_back(clamp);
            }
        }
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.width() > b.width(); });
    return out;
}

std::int64_t tokens_of(const RunAnalysis& run, const std::string& picture) {
    const auto found = std::find_if(run.prompts.begin(), run.prompts.end(),
                                    [&](const PromptFigures& prompt) { return prompt.prompt_id == picture; });
    return found == run.prompts.end() ? 0 : found->image.n_tokens;
}

ClampAnswers judged(const ScoredClamp& widest, const ScoredClamp& clamp, const CompareOptions& options) {
    ClampAnswers out;
    out.max_tokens = clamp.max_tokens;
    std::vector<double> changes;
    for (const auto& [picture, similarity] : clamp.similarity) {
        const auto full = widest.similarity.find(picture);
        const bool is_smaller = tokens_of(*clamp.run, picture) < tokens_of(*widest.run, picture);
        if (full != widest.similarity.end() && is_smaller) {
            changes.push_back(similarity - full->second);
        }
    }
    out.n_pictures = static_cast<int>(changes.size());
    std::vector<std::size_t> alone(changes.size());
    std::iota(alone.begin(), alone.end(), std::size_t{0});
    std::mt19937_64 random = random_stream(options.seed, 14, static_cast<std::uint32_t>(clamp.max_tokens));
    const Clustered change = clustered_centre(changes, alone, Centre::mean, options.bootstrap, random);
    out.accuracy_change = {change.value, change.ci95};
    out.not_worse = out.n_pictures >= kFewestPictures && change.ci90.low > -options.margin_accuracy;
    return out;
}

}  // namespace

Result<ClampAdvice> advise_clamp(std::span<const RunAnalysis> runs, const CompareOptions& options) {
    const std::vector<ScoredClamp> clamps = newest_kin(runs);
    if (clamps.size() < 2) {
        return fail(ErrorKind::Invalid, "No two clamps of one model with one picture have scored answers.",
                    "Measure them and score the answers: landauer bench --mmproj MMPROJ --image-max-tokens A,B --store "
                    "FILE, then landauer score --store FILE RUN..");
    }
    ClampAdvice out;
    out.margin = options.margin_accuracy;
    out.clamps.push_back({clamps.front().max_tokens, {}, 0, true});
    for (std::size_t i = 1; i < clamps.size(); ++i) {
        out.clamps.push_back(judged(clamps.front(), clamps[i], options));
        if (out.clamps.back().not_worse) {
            out.advised = clamps[i].max_tokens;
        }
    }
    return out;
}

}  // namespace landauer
