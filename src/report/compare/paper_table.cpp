// The quantities of arXiv 2512.16531 for a pair, each with its interval, and what was published beside them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/run_image_laws.h"
#include "report/compare/document.h"

namespace landauer {
namespace {

constexpr std::string_view kNoMeter = "no energy meter";
constexpr std::string_view kNone = "\u2013";

using Value = std::optional<Estimate>;

Value total(const RunAnalysis& run, const char* name) {
    const auto found = run.totals.find(name);
    return found == run.totals.end() ? std::nullopt : Value(found->second);
}

Value over(const Value& value, double divisor) {
    return value && divisor > 0.0 ? Value(scaled(*value, divisor)) : std::nullopt;
}

std::vector<Estimate> of_prompts(const RunAnalysis& run, const char* name) {
    std::vector<Estimate> out;
    for (const PromptFigures& prompt : run.prompts) {
        if (const auto found = prompt.figures.find(name); found != prompt.figures.end()) {
            out.push_back(found->second);
        }
    }
    return out;
}

Value largest_prompt(const RunAnalysis& run, const char* name) {
    const std::vector<Estimate> all = of_prompts(run, name);
    const auto most = std::max_element(all.begin(), all.end(),
                                       [](const Estimate& a, const Estimate& b) { return a.value < b.value; });
    return most == all.end() ? std::nullopt : Value(*most);
}

double tokens_out(const RunAnalysis& run) {
    double sum = 0.0;
    for (const PromptFigures& prompt : run.prompts) {
        sum += prompt.figures.contains("net_energy_j") ? static_cast<double>(prompt.n_gen) : 0.0;
    }
    return sum;
}

// Half-widths that are independent add as squares.
Value quotient(const Value& above, const Estimate& below) {
    if (!above || !(below.value > 0.0) || above->value == 0.0) {
        return std::nullopt;
    }
    const auto relative = [](const Estimate& e) { return 0.5 * (e.ci95.high - e.ci95.low) / std::abs(e.value); };
    const double value = above->value / below.value;
    const double half = std::abs(value) * std::hypot(relative(*above), relative(below));
    return Estimate{value, {value - half, value + half}};
}

// The paper's line through the cost of a run: over prompt tokens, or over what Law 2's card is a function of.
struct Line {
    Value intercept;
    Value slope;
    std::string unit;
    std::string x;
};

Line line_of(const RunAnalysis& run, std::string_view y) {
    Line line;
    const LawCard* card = nullptr;
    for (const Law1& law : run.laws) {
        if (law.y == y) {
            card = &law.paper_form.card;
            line.x = law.paper_form.form == "n_out" ? "token out" : "token";
        }
    }
    for (const Law2& law : run.image_laws) {
        if (law.y == y) {
            card = &law.card;
            line.x = law.card.x == "image_tokens" ? "image token" : "pixel";
        }
    }
    if (card == nullptr) {
        return line;
    }
    line.unit = card->y_unit;
    for (const LawTerm& term : card->terms) {
        (term.name == "intercept" ? line.intercept : line.slope) = term.coefficient;
        if (term.name != "intercept") {
            break;
        }
    }
    return line;
}

std::string change_text(const Comparison* cost) {
    return cost == nullptr ? std::string(kNone) : amount_text(percent_change(cost->effect), "%");
}

std::string published_text(const PublishedPair* pair, std::string_view name) {
    const PublishedFigure* const figure = pair == nullptr ? nullptr : pair->find(name);
    if (figure == nullptr) {
        return {};
    }
    std::string out;
    if (figure->change_percent) {
        out = fmt::format("{:g} %", *figure->change_percent);
    } else if (figure->ratio) {
        out = fmt::format("{:.1f}\u00d7", *figure->ratio);
    } else if (figure->base && figure->candidate) {
        const int decimals = *figure->base < 10.0 ? 2 : 1;
        out = fmt::format("{:.{}f} \u2192 {:.{}f}", *figure->base, decimals, *figure->candidate, decimals);
    }
    return figure->where.empty() ? out : fmt::format("{} ({})", out, figure->where);
}

class Rows {
   public:
    Rows(const ModelComparison& comparison, const PairComparison& pair, const PublishedPair* published)
        : base_(*comparison.contenders.front().run),
          candidate_(*comparison.contenders.at(pair.candidate).run),
          pair_(pair),
          published_(published) {}

    std::vector<PaperRow> all() {
        add_paired("CPU AUC", "cpu_auc_pct_s", "cpu_auc");
        add_paired("RAM AUC", "ram_auc_gib_s", "ram_auc");
        add_speed();
        add_joules("Wh a prompt, mean", mean_wh(base_), mean_wh(candidate_), "Wh", "wh_per_prompt", "wh");
        add_joules("Wh a prompt, largest", largest_prompt(base_, "wh"), largest_prompt(candidate_, "wh"), "Wh", "", "");
        add_joules("Wh a run", total(base_, "wh"), total(candidate_, "wh"), "Wh", "wh_per_run", "");
        add_accuracy();
        add_joules("J per token out", over(total(base_, "net_energy_j"), tokens_out(base_)),
                   over(total(candidate_, "net_energy_j"), tokens_out(candidate_)), "J/token", "", "");
        add_joules("J per token in and out", per_token(base_), per_token(candidate_), "J/token", "", "j_per_token");
        add_intelligence();
        add_lines("cpu_auc_pct_s");
        add_lines("seconds");
        add_lines("net_energy_j");
        return std::move(rows_);
    }

   private:
    static Value mean_wh(const RunAnalysis& run) {
        return over(total(run, "wh"), static_cast<double>(of_prompts(run, "wh").size()));
    }
    static Value per_token(const RunAnalysis& run) {
        const Value tokens = total(run, "tokens");
        return tokens ? over(total(run, "net_energy_j"), tokens->value) : std::nullopt;
    }
    static std::string value_text(const Value& value, std::string_view unit) {
        return value ? amount_text(*value, unit) : std::string(kNone);
    }

    void add(std::string name, std::string base, std::string candidate, std::string change, std::string_view key) {
        rows_.push_back({std::move(name), std::move(base), std::move(candidate), std::move(change),
                         published_text(published_, key)});
    }

    void add_paired(const char* name, const char* metric, const char* key) {
        const Comparison* const cost = find_cost(pair_, metric);
        if (cost != nullptr) {
            add(name, amount_text(cost->base, cost->metric->unit), amount_text(cost->candidate, cost->metric->unit),
                change_text(cost), key);
        } else {
            add(name, std::string(kNone), std::string(kNone), std::string(kNone), key);
        }
    }

    void add_speed() {
        const Comparison* const decode = find_cost(pair_, "decode_ts");
        if (decode == nullptr) {
            add("decode t/s", std::string(kNone), std::string(kNone), std::string(kNone), "speed");
            return;
        }
        add("decode t/s", estimate_text(decode->base, 3), estimate_text(decode->candidate, 3),
            ratio_text(decode->effect), "speed");
    }

    // A run without joules says so: the row stays.
    void add_joules(std::string name, const Value& base, const Value& candidate, std::string_view unit,
                    std::string_view key, std::string_view metric) {
        const auto text = [&](const RunAnalysis& run, const Value& value) {
            return value ? amount_text(*value, unit) : std::string(run.energy.empty() ? kNoMeter : kNone);
        };
        std::string change = change_text(metric.empty() ? nullptr : find_cost(pair_, metric));
        if (change == kNone && base && candidate && base->value > 0.0) {
            change = number_text(100.0 * (candidate->value / base->value - 1.0), 3) + " %";
        }
        add(std::move(name), text(base_, base), text(candidate_, candidate), std::move(change), key);
    }

    void add_accuracy() {
        if (!pair_.accuracy) {
            add("accuracy, raw", "not scored", "not scored", std::string(kNone), "accuracy");
            return;
        }
        const auto one = [&](const char* name, const Comparison& c, std::string_view key) {
            add(name, estimate_text(c.base, 3), estimate_text(c.candidate, 3), signed_text(c.effect, 3) + " points",
                key);
        };
        one("accuracy, raw", pair_.accuracy->raw, "accuracy");
        if (pair_.accuracy->trimmed) {
            one("accuracy, trimmed", *pair_.accuracy->trimmed, "");
        }
    }

    // Joules of a prompt over its points of accuracy.
    void add_intelligence() {
        const auto prompt_j = [](const RunAnalysis& run) {
            return over(total(run, "net_energy_j"), static_cast<double>(of_prompts(run, "net_energy_j").size()));
        };
        const auto per_point = [&](const RunAnalysis& run, bool is_base) -> Value {
            if (!pair_.accuracy) {
                return std::nullopt;
            }
            return quotient(prompt_j(run), is_base ? pair_.accuracy->raw.base : pair_.accuracy->raw.candidate);
        };
        add_joules("J per point of accuracy", per_point(base_, true), per_point(candidate_, false), "J", "", "");
    }

    void add_lines(const char* y) {
        const Metric* const metric = find_metric(y);
        const bool is_energy = std::string_view(y) == "net_energy_j";
        const Line base = line_of(base_, y);
        const Line candidate = line_of(candidate_, y);
        if (!is_energy && !base.intercept && !candidate.intercept) {
            return;
        }
        const std::string unit(metric->unit);
        const std::string x = base.x.empty() ? (candidate.x.empty() ? "token" : candidate.x) : base.x;
        const auto row = [&](const std::string& name, const Value& a, const Value& b) {
            if (is_energy) {
                add_joules(name, a, b, unit, "", "");
            } else {
                const bool both = a && b && a->value > 0.0;
                add(name, value_text(a, unit), value_text(b, unit),
                    both ? number_text(100.0 * (b->value / a->value - 1.0), 3) + " %" : std::string(kNone), "");
            }
        };
        row(fmt::format("{}: intercept", bare_header(*metric)), base.intercept, candidate.intercept);
        row(fmt::format("{}: slope a {}", bare_header(*metric), x), base.slope, candidate.slope);
    }

    const RunAnalysis& base_;
    const RunAnalysis& candidate_;
    const PairComparison& pair_;
    const PublishedPair* published_;
    std::vector<PaperRow> rows_;
};

}  // namespace

std::vector<PaperRow> paper_rows(const ModelComparison& comparison, const PairComparison& pair,
                                 const PublishedPair* published) {
    return Rows(comparison, pair, published).all();
}

}  // namespace landauer
