#include "report/compare/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr std::string_view kNone = "\u2013";

Caveat cleaned(const Caveat& caveat) {
    return {clean_text(caveat.code), caveat.severity, clean_text(caveat.sentence), clean_text(caveat.remedy)};
}

std::string score_text(double value) { return std::isfinite(value) ? fixed_text(value, 1) : std::string("not scored"); }

std::vector<AnswerRow> answer_rows(const Accuracy& accuracy) {
    std::vector<AnswerRow> out;
    out.reserve(accuracy.answers.size());
    for (const AnswerPair& pair : accuracy.answers) {
        out.push_back({clean_text(pair.prompt_id), score_text(pair.base), score_text(pair.candidate),
                       clean_text(pair.base_answer, Lines::many), clean_text(pair.candidate_answer, Lines::many),
                       clean_text(pair.base_defect), clean_text(pair.candidate_defect),
                       pair.is_outlier ? clean_text(pair.why.empty() ? "outlier" : pair.why) : std::string()});
    }
    return out;
}

std::string plural(int n, std::string_view word) { return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s"); }

std::string pairing_words(const PairComparison& pair) {
    if (pair.costs.empty()) {
        return "No cost could be paired.";
    }
    const auto most = std::max_element(pair.costs.begin(), pair.costs.end(),
                                       [](const Comparison& a, const Comparison& b) { return a.n_pairs < b.n_pairs; });
    return fmt::format("{}, {}, {}.", plural(most->n_prompts, "prompt"), plural(most->n_pairs, "pair"),
                       most->n_turns > 1 ? fmt::format("in {} turns of both models", most->n_turns)
                                         : std::string("one model after the other, not interleaved"));
}

std::vector<EffectRow> quality_rows(const PairComparison& pair, const CompareOptions& options) {
    std::vector<EffectRow> out;
    if (pair.accuracy) {
        out.push_back(effect_row(pair.accuracy->raw, options));
        if (pair.accuracy->trimmed) {
            out.push_back(effect_row(*pair.accuracy->trimmed, options));
            out.back().header += ", trimmed";
        }
    }
    for (const Comparison& one : pair.quality) {
        out.push_back(effect_row(one, options));
    }
    return out;
}

PairDocument pair_document(const CompareReport& report, const PairComparison& pair) {
    const ModelComparison& comparison = *report.comparison;
    PairDocument out;
    out.base = contender_name(comparison, 0);
    out.candidate = contender_name(comparison, pair.candidate);
    out.is_control = comparison.contenders.at(pair.candidate).is_control;
    out.verdict = verdict_sentence(comparison, pair, report.options);
    out.pairing = pairing_words(pair);
    for (const Comparison& cost : pair.costs) {
        out.costs.push_back(effect_row(cost, report.options));
    }
    out.quality = quality_rows(pair, report.options);
    out.paper = paper_rows(comparison, pair, report.published ? &*report.published : nullptr);
    if (pair.accuracy) {
        out.answers = answer_rows(*pair.accuracy);
    }
    if (pair.break_even_prompts) {
        out.break_even = fmt::format("Its making is paid back after {} prompts.",
                                     count_text(std::llround(std::ceil(*pair.break_even_prompts))));
    } else if (const auto& making_wh = comparison.contenders.at(pair.candidate).making_wh) {
        out.break_even =
            fmt::format("Its making took {}, {}.", quantity_text(*making_wh, "Wh", 3),
                        pair.cost("wh") == nullptr ? "and without joules nothing tells when that is paid back"
                                                   : "which these prompts never pay back");
    }
    std::transform(pair.caveats.begin(), pair.caveats.end(), std::back_inserter(out.caveats), cleaned);
    return out;
}

std::vector<Fact> model_facts(const Contender& contender) {
    std::vector<Fact> out = {{"name", clean_text(contender.name)}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            out.push_back({name, clean_text(value)});
        }
    };
    const RunRecord& run = contender.run->data->run;
    add("model", run.model.name);
    add("type", run.model.type);
    add("file", run.model.path);
    add("sha256", run.model.sha256);
    if (run.model.size_bytes > 0) {
        add("tensors", quantity_text(static_cast<double>(run.model.size_bytes), "B", 4));
    }
    if (run.model.n_params > 0) {
        add("parameters", number_text(static_cast<double>(run.model.n_params) * 1e-6, 4) + " M");
    }
    add("run", fmt::format("{}, {}", run.id, run.created_utc));
    add("made with", contender.making_wh ? quantity_text(*contender.making_wh, "Wh", 3) : std::string());
    if (contender.scores != nullptr) {
        add("references", contender.scores->references);
        add("embedder", contender.scores->embedder);
    }
    return out;
}

void add_use(const CompareReport& report, CompareDocument& out) {
    if (!report.use) {
        return;
    }
    const Use& use = *report.use;
    out.use_words = fmt::format("{:g} prompts a day", use.prompts_per_day);
    out.use_words += use.price_per_kwh ? fmt::format(", {:g} a kWh", *use.price_per_kwh) : "";
    out.use_words += use.co2_g_per_kwh
                         ? fmt::format(", {:g} g CO2 a kWh ({})", *use.co2_g_per_kwh,
                                       use.co2_source.empty() ? "source not named" : clean_text(use.co2_source))
                         : "";
    out.use_words += use.battery_wh ? fmt::format(", a battery of {:g} Wh", *use.battery_wh) : "";
    out.use_words += "; energy net of idle, as these prompts cost it.";
    for (std::size_t i = 0; i < report.years.size(); ++i) {
        UseRow row{contender_name(*report.comparison, i), "no energy meter", std::string(kNone), std::string(kNone),
                   std::string(kNone)};
        if (const auto& year = report.years[i]; year) {
            row.kwh = estimate_text(year->kwh, 3);
            row.price = year->price ? estimate_text(*year->price, 3) : std::string(kNone);
            row.co2 = year->co2_kg ? estimate_text(*year->co2_kg, 3) : std::string(kNone);
            row.prompts_per_charge =
                year->prompts_per_charge ? estimate_text(*year->prompts_per_charge, 3) : std::string(kNone);
        }
        out.use.push_back(std::move(row));
    }
}

void add_gates(const CompareReport& report, CompareDocument& out) {
    for (const GateOutcome& gate : report.gates) {
        const GateResult& result = gate.result;
        const double factor = result.gate.is_relative ? 0.01 : 1.0;
        const Estimate change = scaled({result.change, result.ci95}, factor);
        GateRow row;
        row.gate = clean_text(result.gate.text);
        row.candidate = contender_name(*report.comparison, result.candidate);
        row.change = (change.value > 0.0 ? "+" : "") +
                     (result.gate.is_relative ? amount_text(change, "%") : estimate_text(change, 3));
        row.failed = gate.failed();
        row.outcome = row.failed      ? (result.is_certain ? "failed, certainly" : "failed")
                      : result.failed ? "passed: beyond the limit, but not certainly"
                                      : "passed";
        out.gates.push_back(std::move(row));
    }
}

std::string pareto_words(const ModelComparison& comparison) {
    std::string front;
    std::string others;
    for (const ParetoPoint& point : comparison.pareto) {
        std::string& list = point.on_front ? front : others;
        list += (list.empty() ? "" : ", ") + contender_name(comparison, point.contender);
    }
    if (front.empty() || comparison.cost_metric == nullptr) {
        return {};
    }
    return fmt::format(
        "By their mean accuracy and {} a prompt, taken without their intervals, no other model here is better in both "
        "than: {}.{}",
        bare_header(*comparison.cost_metric), front, others.empty() ? "" : fmt::format(" Beaten in both: {}.", others));
}

std::string rules(const CompareOptions& options, const ModelComparison& comparison) {
    const bool has_accuracy = std::any_of(comparison.pairs.begin(), comparison.pairs.end(),
                                          [](const PairComparison& pair) { return pair.accuracy.has_value(); });
    return fmt::format(
        "Ratios are candidate over base, the median over pairs of the same prompt and repetition, with 95 % "
        "intervals. Better and worse need p below 0.05 after Holm's correction over all metrics; equivalent means "
        "that the 90 % interval lies within {:g} %{}; otherwise the two are not separated, which is not the same as "
        "equal.",
        100.0 * options.margin, has_accuracy ? fmt::format(" ({:g} points of accuracy)", options.margin_accuracy) : "");
}

std::string energy_words(const ModelComparison& comparison) {
    std::string out;
    std::set<std::string> said;
    for (const Contender& contender : comparison.contenders) {
        if (std::string sentence = energy_sentence(*contender.run); said.insert(sentence).second) {
            out += (out.empty() ? "" : " ") + sentence;
        }
    }
    return out;
}

void add_caveats(const ModelComparison& comparison, CompareDocument& out) {
    const auto add = [&](const Caveat& caveat, const std::string& who) {
        Caveat clean = cleaned(caveat);
        clean.sentence = who.empty() ? clean.sentence : fmt::format("{}: {}", who, clean.sentence);
        if (std::find(out.caveats.begin(), out.caveats.end(), clean) == out.caveats.end()) {
            out.caveats.push_back(std::move(clean));
        }
    };
    for (const Caveat& caveat : comparison.caveats) {
        add(caveat, "");
    }
    for (std::size_t i = 0; i < comparison.contenders.size(); ++i) {
        const Contender& contender = comparison.contenders[i];
        for (const Caveat& caveat : contender.run->caveats) {
            const bool is_shared =
                std::all_of(comparison.contenders.begin(), comparison.contenders.end(), [&](const Contender& other) {
                    return std::find(other.run->caveats.begin(), other.run->caveats.end(), caveat) !=
                           other.run->caveats.end();
                });
            add(caveat, is_shared ? "" : contender_name(comparison, i));
        }
        if (contender.scores != nullptr) {
            for (const Caveat& caveat : contender.scores->caveats) {
                add(caveat, contender_name(comparison, i));
            }
        }
    }
}

void add_commands(const CompareReport& report, CompareDocument& out) {
    const auto add = [&](const std::string& command) {
        const std::string text = clean_text(command, Lines::many);
        if (!text.empty() && std::find(out.commands.begin(), out.commands.end(), text) == out.commands.end()) {
            out.commands.push_back(text);
        }
    };
    add(report.command);
    for (const Contender& contender : report.comparison->contenders) {
        add(contender.run->data->run.command);
    }
}

std::string synthetic_notice(const ModelComparison& comparison) {
    const bool any = std::any_of(comparison.contenders.begin(), comparison.contenders.end(), [](const Contender& c) {
        const auto mark = c.run->data->run.model.metadata.find("landauer.synthetic");
        return mark != c.run->data->run.model.metadata.end() && mark->second == "true";
    });
    return any ? "Synthetic weights: costs are compared, answers mean nothing and are not scored." : std::string();
}

std::string subtitle(const ModelComparison& comparison) {
    const RunData& data = *comparison.contenders.front().run->data;
    std::string out = clean_text(data.run.protocol);
    const auto threads = data.run.settings.find("n_threads");
    out += threads == data.run.settings.end()
               ? ""
               : " \u00b7 " + clean_text(threads->second) + (threads->second == "1" ? " thread" : " threads");
    if (!data.sessions.empty()) {
        const auto& environment = data.sessions.front().session.environment;
        const auto cpu = environment.find("cpu_model");
        out += cpu == environment.end() ? "" : " \u00b7 " + clean_text(cpu->second);
        out += " \u00b7 " + clean_text(data.sessions.front().session.started_utc);
    }
    return out;
}

}  // namespace

CompareDocument make_compare_document(const CompareReport& report) {
    const ModelComparison& comparison = *report.comparison;
    CompareDocument out;
    for (std::size_t i = 1; i < comparison.contenders.size(); ++i) {
        out.title += (i == 1 ? "" : ", ") + contender_name(comparison, i);
    }
    out.title += " against " + contender_name(comparison, 0);
    out.subtitle = subtitle(comparison);
    out.notice = synthetic_notice(comparison);
    out.rules = rules(report.options, comparison);
    out.energy = energy_words(comparison);
    for (const PairComparison& pair : comparison.pairs) {
        out.pairs.push_back(pair_document(report, pair));
    }
    if (report.published) {
        const PublishedPair& pair = *report.published;
        out.paper_source =
            fmt::format("{}: {} to {} on {}. {}", pair.source, pair.base, pair.candidate, pair.machine, pair.note);
    }
    add_use(report, out);
    add_gates(report, out);
    out.pareto = pareto_words(comparison);
    std::transform(report.notes.begin(), report.notes.end(), std::back_inserter(out.notes),
                   [](const std::string& note) { return clean_text(note); });
    add_caveats(comparison, out);
    for (const Contender& contender : comparison.contenders) {
        out.models.push_back(model_facts(contender));
    }
    add_commands(report, out);
    return out;
}

}  // namespace landauer
