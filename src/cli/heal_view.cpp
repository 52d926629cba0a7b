#include "cli/heal_view.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "cli/progress.h"
#include "cli/table_words.h"
#include "report/numbers.h"

namespace landauer {
namespace {

using nlohmann::json;

std::string kind_word(ParameterKind kind) {
    switch (kind) {
        case ParameterKind::Gain:
            return "gain";
        case ParameterKind::Channel:
            return "channel";
        case ParameterKind::Scale:
            return "scale";
        case ParameterKind::Offset:
            return "offset";
        case ParameterKind::Weight:
            return "weight";
        case ParameterKind::UpdateA:
        case ParameterKind::UpdateB:
            return "update";
    }
    return {};
}

std::string curve_text(const Training& training) {
    TextTable table;
    table.rows = {{"step", "tokens", "training, nats", "held out, nats"}};
    table.right = {true, true, true, true};
    for (const CurvePoint& point : training.curve) {
        table.rows.push_back({fmt::format("{}", point.step), count_text(point.n_tokens),
                              point.training ? fmt::format("{:.4f}", *point.training) : std::string("-"),
                              fmt::format("{:.4f}", point.held_out)});
    }
    return table_text(table, Look::text);
}

}  // namespace

std::string heal_text(const Healed& healed, const HealOutcome& outcome) {
    const Training& training = healed.training;
    std::string text = curve_text(training);
    text += paragraph(fmt::format(
        "Divergence from the base on {} held-out tokens: {:.4f} nats a token before, {:.4f} as the file is stored "
        "({:.0f} % less). {} values were trained on {} tokens.",
        count_text(healed.n_held_out_tokens), training.before, healed.stored,
        100.0 * (1.0 - healed.stored / training.before), count_text(static_cast<std::int64_t>(healed.n_values)),
        count_text(training.n_tokens)));
    if (training.n_backed_off > 0) {
        text += paragraph(fmt::format(
            "The divergence rose: it went back to the best parameters {}, and on at {:.2g} of the usual rate.",
            training.n_backed_off == 1 ? "once" : fmt::format("{} times", training.n_backed_off), training.rate));
    }
    const bool in_place = std::filesystem::path(outcome.out).filename() == outcome.source;
    return text + fmt::format("{}: {:.1f} MB, as large as {}; healed in {} with {} of CPU time\n", outcome.out,
                              static_cast<double>(healed.out_bytes) / 1e6, in_place ? "before" : outcome.source,
                              duration_words(outcome.wall_s), duration_words(outcome.cpu_s));
}

json heal_json(const Healed& healed, const HealOutcome& outcome) {
    const Training& training = healed.training;
    json curve = json::array();
    for (const CurvePoint& point : training.curve) {
        curve.push_back({{"step", point.step},
                         {"tokens", point.n_tokens},
                         {"training_nats", point.training ? json(*point.training) : json(nullptr)},
                         {"held_out_nats", point.held_out}});
    }
    json movements = json::array();
    for (const Movement& movement : healed.movements) {
        movements.push_back(
            {{"tensor", movement.tensor}, {"kind", kind_word(movement.kind)}, {"moved", movement.moved}});
    }
    return {{"source", outcome.source},
            {"out", outcome.out},
            {"source_bytes", outcome.source_bytes},
            {"out_bytes", healed.out_bytes},
            {"held_out_nats_before", training.before},
            {"held_out_nats_after", healed.stored},
            {"held_out_tokens", healed.n_held_out_tokens},
            {"tokens", training.n_tokens},
            {"steps", healed.n_steps},
            {"rate", training.rate},
            {"backed_off", training.n_backed_off},
            {"training_s", training.seconds},
            {"cpu_s", outcome.cpu_s},
            {"wall_s", outcome.wall_s},
            {"values", healed.n_values},
            {"matrices_trained", healed.n_trained},
            {"matrices", healed.n_matrices},
            {"caveats", healed.caveats},
            {"curve", curve},
            {"movements", movements}};
}

}  // namespace landauer
