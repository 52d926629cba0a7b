#include "cli/heal_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <system_error>

#include "cli/compare.h"
#include "report/numbers.h"

namespace landauer {
namespace {

using nlohmann::json;

constexpr std::size_t kMostAnswers = 5;

// Columns of the picture of what moved, in a layer's order.
struct MovedPart {
    const char* tensor;  // of "blk.3.ffn_up.weight" or "blk.3.ffn_up.factor_r"
    const char* name;
};
constexpr std::array kMovedParts = {
    MovedPart{"attn_norm", "attn norm"},
    MovedPart{"attn_q", "q"},
    MovedPart{"attn_k", "k"},
    MovedPart{"attn_v", "v"},
    MovedPart{"attn_output", "o"},
    MovedPart{"ffn_norm", "ffn norm"},
    MovedPart{"ffn_gate", "gate"},
    MovedPart{"ffn_up", "up"},
    MovedPart{"ffn_down", "down"},
};

void add_moved(const std::vector<Movement>& movements, HealReport& page) {
    std::map<std::string, double> largest;  // of a matrix's scales, offsets and factors the one that moved most
    std::size_t n_layer = 0;
    for (const Movement& movement : movements) {
        double& at = largest[movement.tensor.substr(0, movement.tensor.rfind('.'))];
        at = std::max(at, movement.moved);
        std::size_t layer = 0;
        if (std::sscanf(movement.tensor.c_str(), "blk.%zu.", &layer) == 1) n_layer = std::max(n_layer, layer + 1);
    }
    for (const MovedPart& part : kMovedParts) page.columns.push_back({part.name, ""});
    for (std::size_t layer = 0; layer < n_layer; ++layer) {
        auto& row = page.moved.emplace_back();
        for (const MovedPart& part : kMovedParts) {
            const auto found = largest.find(fmt::format("blk.{}.{}", layer, part.tensor));
            row.push_back(found == largest.end() ? std::nullopt : std::optional(100.0 * found->second));
        }
    }
}

std::string rate_words(const Training& training) {
    if (training.n_backed_off == 0) return fmt::format("{:g} times the usual", training.rate);
    return fmt::format("{:.2g} times the usual, after backing off {}", training.rate,
                       training.n_backed_off == 1 ? "once" : fmt::format("{} times", training.n_backed_off));
}

// The answers of the two candidates to the same prompts: the healed file first, then what it was.
void add_answers(const ModelComparison& comparison, HealReport& page) {
    if (comparison.pairs.size() < 2) return;
    const auto& healed = comparison.pairs[0].accuracy;
    const auto& before = comparison.pairs[1].accuracy;
    if (!healed || !before) return;
    for (const AnswerPair& answer : healed->answers) {
        const auto same = std::ranges::find(before->answers, answer.prompt_id, &AnswerPair::prompt_id);
        if (same == before->answers.end() || page.answers.size() == kMostAnswers) continue;
        page.answers.push_back({answer.prompt_id, answer.base_answer, same->candidate_answer, answer.candidate_answer});
    }
}

void add_making(const HealOutcome& outcome, const std::optional<MakingEnergy>& energy, HealReport& page, json& said) {
    MakingCost making;
    making.cpu_s = outcome.cpu_s;
    making.wall_s = outcome.wall_s;
    said["making_wh"] = nullptr;
    if (energy) {
        making.energy_wh = energy->wh;
        making.covers = energy->covers;
        making.estimated = energy->estimated;
        said["making_wh"] = {{"value", energy->wh.value}, {"ci95", {energy->wh.ci95.low, energy->wh.ci95.high}}};
        said["making_wh_estimated"] = energy->estimated;
    }
    page.making = making;
}

Result<void> write_page(const HealFlags& flags, const HealReport& page) {
    if (flags.report.empty()) return {};
    if (auto written = write_output(flags.report, write_heal_html(page)); !written) return written;
    std::error_code unused;
    talk(fmt::format("Report: {}\n", std::filesystem::absolute(flags.report, unused).string()));
    return {};
}

Result<void> show_verdict(const HealFlags& flags, HealReport& page, json& said, CommandContext& context) {
    CompareFlags compared = verdict_compare(flags.verdict, {flags.base, flags.out, flags.model});
    compared.report = flags.report;
    compared.bench.meters = flags.meters;
    return run_compare(compared, context, [&](CompareReport& report, const CompareRequest& request) -> Result<void> {
        add_answers(*report.comparison, page);
        report.notes.insert(report.notes.begin(), verdict_words(flags.verdict));
        report.healing = &page;
        if (!flags.json) return write_comparison(report, request, compared);
        const auto format = find_compare_format("json");
        if (!format) return tl::unexpected(format.error());
        said["verdict"] = json::parse(format->write(report, {}));
        return write_comparison_page(report, compared);
    });
}

}  // namespace

HealReport heal_page_of(const Healed& healed, const HealSettings& settings, const std::string& command) {
    HealReport page;
    const Training& training = healed.training;
    page.title = fmt::format("{}, healed from {} by {}", settings.out.filename().string(),
                             settings.model.filename().string(), settings.base.filename().string());
    page.subtitle =
        fmt::format("{:.1f} MB, as before; {} values trained on {} tokens", static_cast<double>(healed.out_bytes) / 1e6,
                    count_text(static_cast<std::int64_t>(healed.n_values)), count_text(training.n_tokens));
    page.before = training.before;
    page.after = healed.stored;
    page.n_held_out_tokens = healed.n_held_out_tokens;
    page.n_tokens = training.n_tokens;
    page.n_values = healed.n_values;
    for (const CurvePoint& point : training.curve) {
        page.curve.push_back({point.n_tokens, point.held_out, point.training});
    }
    add_moved(healed.movements, page);
    page.facts = {{"base sha256", healed.base_sha256},
                  {"model sha256", healed.model_sha256},
                  {"options", settings.options},
                  {"steps", fmt::format("{} of {} tokens", healed.n_steps, 2 * settings.window_tokens)},
                  {"windows", fmt::format("{} tokens of text, {} that the base wrote", count_text(healed.n_text_tokens),
                                          count_text(healed.n_self_tokens))},
                  {"rate", rate_words(training)},
                  {"matrices trained", fmt::format("{} of {}", healed.n_trained, healed.n_matrices)},
                  {"training", fmt::format("{} s", number_text(training.seconds, 3))},
                  {"landauer", settings.version}};
    page.notes = healed.caveats;
    page.command = command;
    page.version = settings.version;
    return page;
}

Result<void> conclude_healing(const HealFlags& flags, const std::optional<MakingEnergy>& energy, HealMade made,
                              CommandContext& context) {
    json said = heal_json(made.healed, made.outcome);
    add_making(made.outcome, energy, made.page, said);
    if (!flags.json) print(heal_text(made.healed, made.outcome));
    const auto done = flags.verdict.none ? write_page(flags, made.page) : show_verdict(flags, made.page, said, context);
    if (flags.json) print(said.dump(2) + "\n");
    return done;
}

}  // namespace landauer
