#include "analysis/run_image_laws.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>

#include "analysis/law_scope.h"
#include "core/metrics.h"

namespace landauer {
namespace {

struct ImageLawLine {
    const char* metric;
    ImageVariable primary;
    bool joint;  // fitted over several clamps together as well
};

constexpr std::array kLines = {
    ImageLawLine{"seconds", ImageVariable::image_tokens, true},
    ImageLawLine{"preprocess_s", ImageVariable::nominal_px, false},
    ImageLawLine{"encode_s", ImageVariable::image_tokens, true},
    ImageLawLine{"image_prefill_s", ImageVariable::image_tokens, true},
    ImageLawLine{"cpu_s", ImageVariable::image_tokens, true},
    ImageLawLine{"cpu_auc_pct_s", ImageVariable::image_tokens, false},
    ImageLawLine{"ram_auc_gib_s", ImageVariable::image_tokens, false},
    ImageLawLine{"net_energy_j", ImageVariable::image_tokens, true},
    ImageLawLine{"encode_net_j", ImageVariable::image_tokens, false},
    ImageLawLine{"image_prefill_net_j", ImageVariable::image_tokens, false},
};

std::string setting(const RunRecord& run, const char* name) {
    const auto found = run.settings.find(name);
    return found == run.settings.end() ? std::string() : found->second;
}

std::optional<double> predicted_knee(const RunRecord& run) {
    const std::string text = setting(run, "predicted_knee_px");
    return text.empty() ? std::nullopt : std::optional(std::strtod(text.c_str(), nullptr));
}

std::vector<ImageCase> cases_of(const RunData& data, std::span<const TrialNet> nets, const char* metric) {
    std::vector<ImageCase> cases;
    for (const TrialNet& net : nets) {
        const TrialRecord& trial = data.trials[net.index];
        const auto figure = net.figures.find(metric);
        if (figure == net.figures.end() || trial.image.width == 0) {
            continue;
        }
        const auto errors = net.errors.find(metric);
        const ErrorParts none;
        const ErrorParts& parts = errors == net.errors.end() ? none : errors->second;
        const ImageRecord& image = trial.image;
        cases.push_back({static_cast<double>(image.n_tokens), static_cast<double>(image.effective_px),
                         static_cast<double>(ImageSize{image.width, image.height}.pixels()),
                         static_cast<double>(trial.n_prompt - image.n_tokens), static_cast<double>(trial.n_gen),
                         figure->second, parts.shared, parts.gain, parts.tilt});
    }
    return cases;
}

Law2Request request_of(const RunData& data, const ImageLawLine& line, const AnalysisOptions& options) {
    const Metric* const metric = find_metric(line.metric);
    Law2Request request;
    request.y = line.metric;
    request.y_unit = metric == nullptr ? std::string() : std::string(metric->unit);
    request.primary = line.primary;
    request.predicted_knee_px = predicted_knee(data.run);
    request.bootstrap = std::min(options.bootstrap, request.bootstrap);
    request.simulations = std::min(options.bootstrap, request.simulations);
    request.seed = options.seed;
    request.scope = law_scope(data);
    request.scope["clamp"] = clamp_words(data.run);
    const auto first = std::find_if(data.trials.begin(), data.trials.end(),
                                    [](const TrialRecord& trial) { return trial.image.width > 0; });
    if (first != data.trials.end()) {
        // The question and the answer that the cost holds: what a prediction for others starts from.
        request.scope["n_text"] = std::to_string(first->n_prompt - first->image.n_tokens);
        request.scope["n_out"] = std::to_string(first->n_gen);
    }
    return request;
}

void add_once(std::vector<Caveat>& into, const Caveat& caveat) {
    if (std::none_of(into.begin(), into.end(), [&](const Caveat& c) { return c.code == caveat.code; })) {
        into.push_back(caveat);
    }
}

// Everything that two runs must share to differ in the clamp alone.
std::string kin(const RunRecord& run) {
    std::string out = run.model.sha256 + run.protocol;
    for (const auto& [name, value] : run.settings) {
        if (name != "image_max_tokens" && name != "n_ctx" && !name.starts_with("predicted_knee")) {
            out += fmt::format(" {}={}", name, value);
        }
    }
    return out;
}

long clamp_of(const RunAnalysis& run) {
    const long tokens = std::atol(setting(run.data->run, "image_max_tokens").c_str());
    return tokens > 0 ? tokens : std::numeric_limits<long>::max();
}

ClampLaws fit_together(std::vector<const RunAnalysis*> runs, const AnalysisOptions& options) {
    std::stable_sort(runs.begin(), runs.end(),
                     [](const RunAnalysis* a, const RunAnalysis* b) { return clamp_of(*a) < clamp_of(*b); });
    ClampLaws out{std::move(runs), {}, {}};
    for (const ImageLawLine& line : kLines) {
        std::vector<ClampLadder> ladders;
        ladders.reserve(out.runs.size());
        for (const RunAnalysis* run : out.runs) {
            ladders.push_back({clamp_words(run->data->run), predicted_knee(run->data->run),
                               cases_of(*run->data, run->trials, line.metric)});
        }
        const bool everywhere = std::all_of(ladders.begin(), ladders.end(),
                                            [](const ClampLadder& ladder) { return !ladder.cases.empty(); });
        if (!line.joint || !everywhere) {
            continue;
        }
        auto law = fit_joint(request_of(*out.runs.front()->data, line, options), ladders);
        if (law) {
            out.laws.push_back(std::move(*law));
        } else {
            out.unfitted.push_back({std::string(line.metric), law.error().sentence});
        }
    }
    return out;
}

}  // namespace

std::string clamp_words(const RunRecord& run) {
    const std::string tokens = setting(run, "image_max_tokens");
    return tokens.empty() || tokens == "0" ? "the projector's own" : "--image-max-tokens " + tokens;
}

bool is_image_run(const RunData& data) {
    return std::any_of(data.trials.begin(), data.trials.end(),
                       [](const TrialRecord& trial) { return trial.image.width > 0; });
}

RunImageLaws fit_run_image_laws(const RunData& data, std::span<const TrialNet> nets, const AnalysisOptions& options) {
    RunImageLaws out;
    for (const ImageLawLine& line : kLines) {
        const std::vector<ImageCase> cases = cases_of(data, nets, line.metric);
        if (cases.empty()) {
            continue;  // this machine or model has no such figure
        }
        auto law = fit_law2(request_of(data, line, options), cases);
        if (!law) {
            add_once(out.caveats, {"no-law", Severity::warning, law.error().sentence, law.error().remedy});
            continue;
        }
        for (const Caveat& caveat : law->caveats) {
            add_once(out.caveats, caveat);
        }
        out.laws.push_back(std::move(*law));
    }
    return out;
}

std::vector<ClampLaws> fit_clamp_laws(std::span<const RunAnalysis> runs, const AnalysisOptions& options) {
    std::map<std::string, std::vector<const RunAnalysis*>> groups;
    for (const RunAnalysis& run : runs) {
        if (run.data != nullptr && is_image_run(*run.data)) {
            groups[kin(run.data->run)].push_back(&run);
        }
    }
    std::vector<ClampLaws> out;
    for (auto& [unused, members] : groups) {
        std::set<long> clamps;
        for (const RunAnalysis* run : members) {
            clamps.insert(clamp_of(*run));
        }
        if (clamps.size() >= 2 && clamps.size() == members.size()) {
            out.push_back(fit_together(std::move(members), options));
        }
    }
    return out;
}

}  // namespace landauer
