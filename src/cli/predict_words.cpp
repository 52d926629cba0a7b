// `landauer predict` in words.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/predict_view.h"
#include "cli/table_words.h"
#include "report/numbers.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

std::string size_text(ImageSize size) { return fmt::format("{}x{}", size.width, size.height); }

std::string percent(double fraction) { return fmt::format("{:.0f} %", 100.0 * fraction); }

std::string vision_line(const VisionModel& vision) {
    std::string out = fmt::format("{}: projector {}", clean_text(vision.name), clean_text(vision.projector));
    if (vision.preprocessing == Preprocessing::unknown) return out + ", counted by libmtmd";
    out += fmt::format(", patches of {}", vision.patch_size);
    if (vision.merge > 1) out += fmt::format(", {}x{} to a token", vision.merge, vision.merge);
    if (vision.max_tokens > 0) {
        out += fmt::format(", {} to {} tokens an image by default", count_text(vision.min_tokens),
                           count_text(vision.max_tokens));
    }
    return out;
}

std::string images_table(const PredictView& view, Look look) {
    TextTable table;
    table.right = {false, true, true, false, true, true, true};
    table.rows.push_back({"image", "tokens", "markers", "resized", "encoded px", "patches", "pieces"});
    for (const SizeCost& image : view.images) {
        const ImageCost& cost = image.cost;
        std::vector<std::string> row = {size_text(image.size), count_text(cost.n_tokens),
                                        count_text(cost.n_marker_tokens)};
        if (view.counted) {
            row.insert(row.end(), {"\u2013", "\u2013", "\u2013"});
        } else {
            row.insert(row.end(), {size_text(cost.resized), count_text(cost.effective_px), count_text(cost.n_patches)});
        }
        row.push_back(count_text(cost.n_slices));
        table.rows.push_back(std::move(row));
    }
    return table_text(table, look);
}

std::string knee_line(const VisionModel& vision, const AspectKnee& at) {
    const std::string aspect = fmt::format("At an aspect of {:.3g}", at.aspect);
    if (at.knee) {
        return fmt::format(
            "{} the clamp binds from {} ({:.2f} megapixels): {} tokens at most, however large the image.", aspect,
            size_text(at.knee->size), at.knee->pixels / 1e6, count_text(at.knee->n_tokens));
    }
    const char* why = "its size never grows beyond the limits";
    if (vision.preprocessing == Preprocessing::fixed) why = "every image is encoded at one size";
    if (vision.preprocessing == Preprocessing::sliced) why = "the cost moves in slices";
    if (vision.longest_edge > 0) why = "every image is scaled to one edge first, small ones too";
    return fmt::format("{} there is no knee: {}.", aspect, why);
}

std::string answers_cell(const ClampCost& clamp) {
    if (!clamp.answers) return "\u2013";
    const ClampAnswers& answers = *clamp.answers;
    if (answers.n_pictures == 0) return answers.not_worse ? "the widest" : "no smaller picture";
    return fmt::format("{:+.1f} [{:+.1f}, {:+.1f}] points{}", answers.accuracy_change.value,
                       answers.accuracy_change.ci95.low, answers.accuracy_change.ci95.high,
                       clamp.is_advised ? ", advised" : "");
}

std::string clamps_table(const PredictView& view, Look look) {
    TextTable table;
    table.right = {false, true, true, false};
    table.rows.push_back({"clamp", "tokens", "saved", "llama.cpp"});
    const bool timed = std::any_of(view.clamps.begin(), view.clamps.end(),
                                   [](const ClampCost& clamp) { return clamp.seconds.has_value(); });
    if (timed) table.rows.front().insert(table.rows.front().begin() + 3, "time");
    if (timed) table.right.push_back(false);
    const bool scored = std::any_of(view.clamps.begin(), view.clamps.end(),
                                    [](const ClampCost& clamp) { return clamp.answers.has_value(); });
    if (scored) {
        table.rows.front().emplace_back("accuracy against the widest");
        table.right.push_back(false);
    }
    for (const ClampCost& clamp : view.clamps) {
        const bool own = clamp.max_tokens == 0;
        table.rows.push_back({clamp.name, count_text(clamp.n_tokens), own ? "" : percent(clamp.saved),
                              own ? "" : fmt::format("--image-max-tokens {}", clamp.max_tokens)});
        if (timed) {
            auto& row = table.rows.back();
            row.insert(row.begin() + 3, clamp.seconds ? quantity_text(*clamp.seconds, "s", 3) : "\u2013");
        }
        if (scored) table.rows.back().push_back(answers_cell(clamp));
    }
    return table_text(table, look);
}

// Costs of each image, one a column.
std::string image_costs_table(const PredictView& view, Look look) {
    TextTable table;
    table.rows.push_back({"image"});
    table.right.push_back(false);
    for (const LawCost& cost : view.images.front().laws) {
        table.rows.front().push_back(cost.y);
        table.right.push_back(false);
    }
    bool beyond = false;
    for (const SizeCost& image : view.images) {
        table.rows.push_back({size_text(image.size)});
        for (const LawCost& cost : image.laws) {
            table.rows.back().push_back(quantity_text(cost.value, cost.unit, 3) + (cost.beyond ? " *" : ""));
            beyond = beyond || cost.beyond;
        }
    }
    return table_text(table, look) + (beyond ? "* beyond what was measured\n" : "");
}

std::string costs_table(const PredictView& view, Look look) {
    TextTable table;
    table.right = {false, false, false};
    table.rows.push_back({"cost", "with 95 % interval", "law card"});
    for (const LawCost& cost : view.costs) {
        table.rows.push_back({cost.y, quantity_text(cost.value, cost.unit, 3),
                              cost.card + (cost.beyond ? " (beyond what was measured)" : "")});
    }
    return table_text(table, look);
}

std::string render(const PredictView& view, Look look) {
    std::string out;
    if (view.vision) out += paragraph(vision_line(*view.vision)) + "\n" + images_table(view, look) + "\n";
    const VisionModel vision = view.vision.value_or(VisionModel{});
    for (const AspectKnee& knee : view.knees) out += paragraph(knee_line(vision, knee));
    if (!view.clamps.empty()) out += "\nWhat a clamp saves on the largest image\n\n" + clamps_table(view, look);
    if (!view.images.empty() && !view.images.front().laws.empty()) {
        const bool asked = view.n_prompt + view.n_gen > 0;
        out += fmt::format("\nWhat each image costs{}, with 95 % intervals, from {}\n\n",
                           asked ? fmt::format(" with {} text tokens and an answer of {}", count_text(view.n_prompt),
                                               count_text(view.n_gen))
                                 : "",
                           view.images.front().laws.front().card) +
               image_costs_table(view, look);
    }
    if (!view.costs.empty()) {
        out +=
            fmt::format("\n{} text tokens and an answer of {}\n\n", count_text(view.n_prompt), count_text(view.n_gen)) +
            costs_table(view, look);
    }
    for (const std::string& note : view.notes) out += "\n" + paragraph(note);
    return out;
}

nlohmann::json to_json(const LawCost& cost) {
    return {{"y", cost.y},
            {"unit", cost.unit},
            {"value", cost.value.value},
            {"low", cost.value.ci95.low},
            {"high", cost.value.ci95.high},
            {"card", cost.card},
            {"beyond_measured", cost.beyond}};
}

nlohmann::json to_json(const SizeCost& image) {
    nlohmann::json costs = nlohmann::json::array();
    for (const LawCost& cost : image.laws) costs.push_back(to_json(cost));
    return {{"width", image.size.width},
            {"height", image.size.height},
            {"n_tokens", image.cost.n_tokens},
            {"n_marker_tokens", image.cost.n_marker_tokens},
            {"n_patches", image.cost.n_patches},
            {"effective_px", image.cost.effective_px},
            {"resized_width", image.cost.resized.width},
            {"resized_height", image.cost.resized.height},
            {"n_slices", image.cost.n_slices},
            {"costs", std::move(costs)}};
}

nlohmann::json to_json(const AspectKnee& at) {
    nlohmann::json out = {{"aspect", at.aspect}, {"knee", nullptr}};
    if (at.knee) {
        out["knee"] = {{"pixels", at.knee->pixels},
                       {"width", at.knee->size.width},
                       {"height", at.knee->size.height},
                       {"n_tokens", at.knee->n_tokens}};
    }
    return out;
}

nlohmann::json to_json(const ClampCost& clamp) {
    nlohmann::json out = {{"clamp", clamp.name},
                          {"image_max_tokens", clamp.max_tokens},
                          {"n_tokens", clamp.n_tokens},
                          {"saved", clamp.saved}};
    if (clamp.answers && clamp.answers->n_pictures > 0) {
        const Estimate& change = clamp.answers->accuracy_change;
        out["accuracy_change"] = {change.value, change.ci95.low, change.ci95.high};
        out["n_pictures"] = clamp.answers->n_pictures;
        out["not_worse"] = clamp.answers->not_worse;
        out["advised"] = clamp.is_advised;
    }
    if (clamp.seconds) {
        out["seconds"] = {clamp.seconds->value, clamp.seconds->ci95.low, clamp.seconds->ci95.high};
    }
    return out;
}

template <class T>
nlohmann::json list_json(const std::vector<T>& items) {
    nlohmann::json out = nlohmann::json::array();
    for (const T& item : items) out.push_back(to_json(item));
    return out;
}

}  // namespace

std::string predict_text(const PredictView& view) { return render(view, Look::text); }

std::string predict_markdown(const PredictView& view) { return render(view, Look::markdown); }

std::string predict_json(const PredictView& view) {
    nlohmann::json out = {{"images", list_json(view.images)},
                          {"knees", list_json(view.knees)},
                          {"clamps", list_json(view.clamps)},
                          {"n_prompt", view.n_prompt},
                          {"n_gen", view.n_gen},
                          {"costs", list_json(view.costs)},
                          {"notes", view.notes},
                          {"counted_by_libmtmd", view.counted}};
    if (view.vision) {
        out["projector"] = view.vision->projector;
        out["mmproj"] = view.vision->name;
        out["patch_size"] = view.vision->patch_size;
        out["merge"] = view.vision->merge;
        out["min_tokens"] = view.vision->min_tokens;
        out["max_tokens"] = view.vision->max_tokens;
    }
    return out.dump(2) + "\n";
}

}  // namespace landauer
