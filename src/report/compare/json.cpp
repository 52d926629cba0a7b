// Everything that the comparison holds, for programs.
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/compare/document.h"
#include "report/compare/formats.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json interval(const Interval& one) { return Json::array({number(one.low), number(one.high)}); }
Json estimate(const Estimate& one) { return {{"value", number(one.value)}, {"ci95", interval(one.ci95)}}; }
Json optional(const std::optional<Estimate>& one) { return one ? estimate(*one) : Json(nullptr); }
Json optional(const std::optional<double>& one) { return one ? number(*one) : Json(nullptr); }

Json effect(const Comparison& one) {
    return {{"metric", one.metric->name},
            {"unit", one.metric->unit},
            {"scale", one.scale == EffectScale::ratio ? "ratio" : "difference"},
            {"base", estimate(one.base)},
            {"candidate", estimate(one.candidate)},
            {"effect", estimate(one.effect)},
            {"ci90", interval(one.ci90)},
            {"p", number(one.p)},
            {"p_holm", number(one.p_holm)},
            {"verdict", verdict_word(one.verdict)},
            {"n_pairs", one.n_pairs},
            {"n_prompts", one.n_prompts},
            {"n_turns", one.n_turns}};
}

Json caveats(const std::vector<Caveat>& list) {
    Json out = Json::array();
    for (const Caveat& caveat : list) {
        out.push_back({{"code", clean_text(caveat.code)},
                       {"severity", severity_word(caveat.severity)},
                       {"sentence", clean_text(caveat.sentence)},
                       {"remedy", clean_text(caveat.remedy)}});
    }
    return out;
}

Json accuracy(const Accuracy& one) {
    Json answers = Json::array();
    for (const AnswerPair& pair : one.answers) {
        answers.push_back({{"prompt", clean_text(pair.prompt_id)},
                           {"base", number(pair.base)},
                           {"candidate", number(pair.candidate)},
                           {"base_answer", clean_text(pair.base_answer, Lines::many)},
                           {"candidate_answer", clean_text(pair.candidate_answer, Lines::many)},
                           {"base_defect", clean_text(pair.base_defect)},
                           {"candidate_defect", clean_text(pair.candidate_defect)},
                           {"is_outlier", pair.is_outlier},
                           {"why", clean_text(pair.why)}});
    }
    return {{"raw", effect(one.raw)},
            {"trimmed", one.trimmed ? effect(*one.trimmed) : Json(nullptr)},
            {"n_unscored", one.n_unscored},
            {"n_defects_base", one.n_defects_base},
            {"n_defects_candidate", one.n_defects_candidate},
            {"answers", std::move(answers)}};
}

Json laws(const RunAnalysis& run) {
    Json out = Json::array();
    for (const Law1& law : run.laws) {
        for (const LawFit& fit : law.fits) {
            if (fit.chosen) {
                out.push_back({{"y", clean_text(law.y)},
                               {"chosen", Json::parse(to_json(fit.card))},
                               {"paper_form", Json::parse(to_json(law.paper_form.card))}});
            }
        }
    }
    for (const Law2& law : run.image_laws) {
        out.push_back({{"y", clean_text(law.y)}, {"chosen", Json::parse(to_json(law.card))}});
    }
    return out;
}

Json contender(const Contender& one) {
    const RunRecord& run = one.run->data->run;
    Json out = {{"name", clean_text(one.name)},
                {"run", run.id},
                {"uuid", run.uuid},
                {"model", clean_text(run.model.name)},
                {"type", clean_text(run.model.type)},
                {"file", clean_text(run.model.path)},
                {"sha256", clean_text(run.model.sha256)},
                {"size_bytes", run.model.size_bytes},
                {"n_params", run.model.n_params},
                {"is_control", one.is_control},
                {"making_wh", optional(one.making_wh)},
                {"energy_covers", clean_text(one.run->energy.covers)},
                {"energy_provenance", clean_text(one.run->energy.provenance)},
                {"laws", laws(*one.run)}};
    out["scores"] = one.scores == nullptr ? Json(nullptr)
                                          : Json({{"references", clean_text(one.scores->references)},
                                                  {"references_sha256", one.scores->references_sha256},
                                                  {"embedder", clean_text(one.scores->embedder)},
                                                  {"embedder_sha256", one.scores->embedder_sha256},
                                                  {"rule", clean_text(one.scores->rule)},
                                                  {"n_without_reference", one.scores->n_without_reference}});
    out["text"] = one.text == nullptr ? Json(nullptr)
                                      : Json({{"text_sha256", one.text->text_sha256},
                                              {"n_ctx", one.text->n_ctx},
                                              {"n_tokens", one.text->n_tokens},
                                              {"perplexity", estimate(one.text->perplexity)},
                                              {"ln_ppl_ratio", optional(one.text->ln_ppl_ratio)},
                                              {"kl_mean", optional(one.text->kl_mean)},
                                              {"kl_p99", optional(one.text->kl_p99)},
                                              {"same_top", optional(one.text->same_top)}});
    return out;
}

Json paper(const PairDocument& pair) {
    Json out = Json::array();
    for (const PaperRow& row : pair.paper) {
        out.push_back({{"name", row.name},
                       {"base", row.base},
                       {"candidate", row.candidate},
                       {"change", row.change},
                       {"published", row.published}});
    }
    return out;
}

Json pair_json(const PairComparison& pair, const PairDocument& words) {
    Json costs = Json::array();
    for (const Comparison& cost : pair.costs) {
        costs.push_back(effect(cost));
    }
    Json quality = Json::array();
    for (const Comparison& one : pair.quality) {
        quality.push_back(effect(one));
    }
    return {{"base", words.base},
            {"candidate", words.candidate},
            {"is_control", words.is_control},
            {"verdict", words.verdict},
            {"costs", std::move(costs)},
            {"accuracy", pair.accuracy ? accuracy(*pair.accuracy) : Json(nullptr)},
            {"quality", std::move(quality)},
            {"paper", paper(words)},
            {"break_even_prompts", optional(pair.break_even_prompts)},
            {"caveats", caveats(pair.caveats)}};
}

Json gates(const CompareReport& report) {
    Json out = Json::array();
    for (const GateOutcome& gate : report.gates) {
        out.push_back({{"gate", clean_text(gate.result.gate.text)},
                       {"metric", clean_text(gate.result.gate.metric)},
                       {"candidate", contender_name(*report.comparison, gate.result.candidate)},
                       {"change", number(gate.result.change)},
                       {"ci95", interval(gate.result.ci95)},
                       {"limit", number(gate.result.gate.limit)},
                       {"is_relative", gate.result.gate.is_relative},
                       {"only_when_certain", gate.only_when_certain},
                       {"is_certain", gate.result.is_certain},
                       {"failed", gate.failed()}});
    }
    return out;
}

Json use(const CompareReport& report) {
    if (!report.use) {
        return nullptr;
    }
    Json years = Json::array();
    for (std::size_t i = 0; i < report.years.size(); ++i) {
        const auto& year = report.years[i];
        years.push_back({{"name", contender_name(*report.comparison, i)},
                         {"kwh", year ? estimate(year->kwh) : Json(nullptr)},
                         {"price", year ? optional(year->price) : Json(nullptr)},
                         {"co2_kg", year ? optional(year->co2_kg) : Json(nullptr)},
                         {"prompts_per_charge", year ? optional(year->prompts_per_charge) : Json(nullptr)}});
    }
    return {{"prompts_per_day", number(report.use->prompts_per_day)},
            {"price_per_kwh", optional(report.use->price_per_kwh)},
            {"co2_g_per_kwh", optional(report.use->co2_g_per_kwh)},
            {"co2_source", clean_text(report.use->co2_source)},
            {"battery_wh", optional(report.use->battery_wh)},
            {"a_year", std::move(years)}};
}

Json pareto(const ModelComparison& comparison) {
    Json points = Json::array();
    for (const ParetoPoint& point : comparison.pareto) {
        points.push_back({{"name", contender_name(comparison, point.contender)},
                          {"cost", estimate(point.cost)},
                          {"accuracy", estimate(point.accuracy)},
                          {"on_front", point.on_front}});
    }
    return {{"cost_metric", comparison.cost_metric == nullptr ? Json(nullptr) : Json(comparison.cost_metric->name)},
            {"points", std::move(points)}};
}

}  // namespace

std::string write_compare_json(const CompareReport& report, const ReportOptions& /*options*/) {
    const ModelComparison& comparison = *report.comparison;
    const CompareDocument document = make_compare_document(report);
    Json contenders = Json::array();
    for (const Contender& one : comparison.contenders) {
        contenders.push_back(contender(one));
    }
    Json pairs = Json::array();
    for (std::size_t i = 0; i < comparison.pairs.size(); ++i) {
        pairs.push_back(pair_json(comparison.pairs[i], document.pairs[i]));
    }
    const Json out = {{"format", "landauer comparison"},
                      {"version", 1},
                      {"title", document.title},
                      {"margin", number(report.options.margin)},
                      {"margin_accuracy", number(report.options.margin_accuracy)},
                      {"seed", report.options.seed},
                      {"contenders", std::move(contenders)},
                      {"pairs", std::move(pairs)},
                      {"pareto", pareto(comparison)},
                      {"gates", gates(report)},
                      {"use", use(report)},
                      {"published", document.paper_source},
                      {"notes", document.notes},
                      {"caveats", caveats(document.caveats)},
                      {"commands", document.commands}};
    return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace landauer
