#include "report/clamp_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/metrics.h"
#include "report/document.h"
#include "report/law2_sentence.h"

namespace landauer {
namespace {

constexpr double kMegapixel = 1e6;
constexpr double kLevel = 0.05;

std::string setting(const RunAnalysis& run, const char* name) {
    const auto found = run.data->run.settings.find(name);
    return found == run.data->run.settings.end() ? std::string() : clean_text(found->second);
}

std::string clamp_cell(const RunAnalysis& run) {
    const std::string tokens = setting(run, "image_max_tokens");
    return tokens.empty() || tokens == "0" ? "its own" : tokens;
}

// The cost beyond the knee, by the run's own law.
std::string plateau_cell(const RunAnalysis& run, const std::string& y) {
    for (const Law2& law : run.image_laws) {
        const LawCard& card = law.pixel_card ? *law.pixel_card : law.card;
        if (law.y == y && card.x == name(ImageVariable::nominal_px) && card.knee) {
            return amount_text(card.predict_image(card.x_max), card.y_unit);
        }
    }
    return "\u2013";
}

// Header and names alone.
ClampTable empty_table(const ClampLaws& laws, const std::string& y) {
    const Metric* const metric = find_metric(y);
    ClampTable out;
    out.metric = clean_text(y);
    out.header = metric == nullptr ? out.metric : bare_header(*laws.runs.front(), *metric);
    out.table.rows = {{"clamp", "predicted", "size", "found", "ratio", "prediction", "plateau"}};
    out.table.right = {true, true, true, true, true, false, true};
    return out;
}

// A cost of which no one law could be made for all clamps: what each run alone says, and why.
ClampTable table_of(const ClampLaws& laws, const ClampLaws::Unfitted& unfitted) {
    ClampTable out = empty_table(laws, unfitted.y);
    out.common = "No one law of all clamps could be fitted: " + clean_text(unfitted.why);
    for (const RunAnalysis* run : laws.runs) {
        out.table.rows.push_back(
            {clamp_cell(*run), "\u2013", "\u2013", "\u2013", "\u2013", "none", plateau_cell(*run, unfitted.y)});
    }
    return out;
}

ClampTable table_of(const ClampLaws& laws, const JointLaw2& joint) {
    ClampTable out = empty_table(laws, joint.y);
    out.common =
        joint.common_knee_p < kLevel
            ? fmt::format("The clamp moves the knee: one common knee for all is ruled out ({}).",
                          p_text(joint.common_knee_p))
            : fmt::format("One common knee for all clamps is not ruled out ({}).", p_text(joint.common_knee_p));
    for (std::size_t i = 0; i < joint.knees.size() && i < laws.runs.size(); ++i) {
        const ClampKnee& knee = joint.knees[i];
        const RunAnalysis& run = *laws.runs[i];
        const bool is_predicted = knee.predicted_px.has_value();
        const double predicted = knee.predicted_px.value_or(0.0);
        out.table.rows.push_back({clamp_cell(run), is_predicted ? number_text(predicted / kMegapixel, 3) : "\u2013",
                                  is_predicted ? size_text(predicted, image_aspect(run)) : "\u2013",
                                  megapixels_text(knee.knee_px), is_predicted ? fixed_text(knee.ratio, 3) : "\u2013",
                                  !is_predicted ? "none"
                                  : knee.inside ? "inside"
                                                : "outside",
                                  plateau_cell(run, joint.y)});
    }
    return out;
}

std::string title_of(const RunAnalysis& run) {
    const std::string image = setting(run, "image");
    return model_name(run) + (image.empty() ? "" : ", " + image);
}

}  // namespace

std::vector<ClampGroup> clamp_groups(std::span<const RunAnalysis> runs) {
    std::vector<ClampGroup> out;
    for (ClampLaws& laws : fit_clamp_laws(runs, {})) {
        if (laws.laws.empty() && laws.unfitted.empty()) {
            continue;
        }
        ClampGroup group;
        group.title = title_of(*laws.runs.front());
        for (const RunAnalysis* run : laws.runs) {
            group.places.push_back(static_cast<std::size_t>(run - runs.data()));
        }
        for (const JointLaw2& joint : laws.laws) {
            group.tables.push_back(table_of(laws, joint));
        }
        for (const ClampLaws::Unfitted& unfitted : laws.unfitted) {
            group.tables.push_back(table_of(laws, unfitted));
        }
        group.laws = std::move(laws);
        out.push_back(std::move(group));
    }
    return out;
}

std::string clamp_legend() {
    return "One row a clamp, in image tokens. Predicted and found are the knee in megapixels as given, from one fit of "
           "all clamps that shares the rise; plateau is the cost beyond the knee. 95 % intervals in brackets.";
}

}  // namespace landauer
