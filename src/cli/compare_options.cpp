#include "cli/compare_options.h"

#include <fmt/format.h>

#include <cmath>

namespace landauer {
namespace {

void add_worth(CLI::App& command, CompareFlags& f) {
    command.add_option(
        "--references", f.references,
        "JSONL file of reference answers (default: those that the built-in prompts and pictures come with)");
    command.add_option(
        "--embedder", f.embedder,
        "Sentence-embedding GGUF that scores answers (default: LANDAUER_EMBEDDER, else the cached all-MiniLM-L6-v2)");
    command.add_flag("--no-score", f.no_score, "Compare costs alone");
    command.add_option("--text", f.text, "Text file: perplexity of each model, and its divergence from the base");
    command
        .add_option("--quantised", f.quantised,
                    "Also run the base in these stock types, quantised here: Q4_K_M,Q3_K_M (comma list)")
        ->delimiter(',');
    command.add_flag("--with-quantised-control", f.with_control,
                     "Also run the base in a stock type of the candidate's size, quantised here");
}

void add_judging(CLI::App& command, CompareFlags& f) {
    command.add_option("--margin", f.margin_percent, "Costs that differ by less are equivalent, in %")
        ->transform(without_percent_sign())
        ->check(CLI::Range(0.01, 50.0, std::string()))
        ->type_name("PERCENT")
        ->capture_default_str();
    command.add_option("--margin-accuracy", f.margin_accuracy, "The same of accuracy, in points")
        ->check(CLI::Range(0.01, 100.0, std::string()))
        ->capture_default_str();
    command.add_option("--fail-if", f.fail_if,
                       "Exit with 3 when this holds, e.g. 'wh_per_prompt>+5%' or 'accuracy<-1' (repeatable)");
    command.add_option("--fail-if-certain", f.fail_if_certain,
                       "The same, only where the whole 95 % interval lies beyond the limit (repeatable)");
    std::string pairs;
    for (const PublishedPair& pair : published_pairs()) {
        pairs += (pairs.empty() ? "" : ", ") + pair.name;
    }
    command.add_option("--paper", f.paper, "Show a published pair's figures beside: " + pairs);
}

void add_use(CLI::App& command, CompareFlags& f) {
    command.add_option("--prompts-per-day", f.prompts_per_day, "Use to reckon a year of: kWh, and what follows");
    command.add_option("--price", f.price, "Price of a kWh, in any currency");
    command.add_option("--battery", f.battery_wh, "Battery in Wh: prompts a charge");
    command.add_option("--co2", f.co2_g, "Carbon of a kWh, in grams of CO2");
    command.add_option("--co2-source", f.co2_source, "Where that figure is from; said beside it");
    command.add_option("--making-wh", f.making_wh, "Energy that making each candidate took, in Wh (comma list)")
        ->delimiter(',');
}

Result<std::optional<Use>> use_of(const CompareFlags& f) {
    if (!f.prompts_per_day) {
        if (f.price || f.battery_wh || f.co2_g) {
            return fail(ErrorKind::Invalid, "--price, --battery and --co2 need to know how much is asked.",
                        "Add --prompts-per-day N.");
        }
        return std::optional<Use>();
    }
    for (const auto& [flag, value] : {std::pair{"--prompts-per-day", f.prompts_per_day}, std::pair{"--price", f.price},
                                      std::pair{"--battery", f.battery_wh}, std::pair{"--co2", f.co2_g}}) {
        if (value && !(std::isfinite(*value) && *value >= 0.0)) {
            return fail(ErrorKind::Invalid, fmt::format("{} {:g} makes no sense.", flag, *value),
                        fmt::format("Give {} a number of 0 or more.", flag));
        }
    }
    return std::optional<Use>(Use{*f.prompts_per_day, f.price, f.battery_wh, f.co2_g, f.co2_source});
}

Result<void> check_making(const CompareFlags& f) {
    if (!f.making_wh.empty() && f.making_wh.size() + 1 > f.inputs.size()) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("--making-wh has {} values for {} candidates.", f.making_wh.size(), f.inputs.size() - 1),
            "Give at most one for each candidate, in their order.");
    }
    for (const double wh : f.making_wh) {
        if (!(std::isfinite(wh) && wh >= 0.0)) {
            return fail(ErrorKind::Invalid, fmt::format("--making-wh {:g} makes no sense.", wh),
                        "Give watt-hours of 0 or more.");
        }
    }
    return {};
}

}  // namespace

void add_compare_options(CLI::App& command, CompareFlags& f) {
    command.add_option("inputs", f.inputs,
                       "BASE CANDIDATE..: model files (run now, taking turns) and stored runs (number, label or uuid "
                       "of --store, or STORE.db:RUN)");
    command.option_defaults()->group("What the answers are worth");
    add_worth(command, f);
    command.option_defaults()->group("Judging");
    add_judging(command, f);
    command.option_defaults()->group("Use");
    add_use(command, f);
    add_run_options(command, f.bench);
    std::string formats;
    for (const CompareFormat& format : compare_format_table()) {
        formats += fmt::format("{}{}", formats.empty() ? "" : ", ", format.name);
    }
    command.add_option("-o,--output", f.format, "Output format: " + formats)->capture_default_str();
    command.add_option("--out", f.out, "File for that output (default: stdout)");
    command.add_option("--report", f.report, "Also write the verdict page, HTML, there");
    // A list-valued flag must not take the models that stand behind its value.
    for (CLI::Option* option : command.get_options()) {
        if (!option->get_positional() && option->get_items_expected_max() > 1) {
            option->allow_extra_args(false);
        }
    }
}

Result<CompareRequest> read_request(const CompareFlags& f) {
    if (f.inputs.empty() || f.inputs.size() + f.quantised.size() < 2) {
        return fail(ErrorKind::Invalid, "A comparison needs a base and at least one candidate.",
                    "Name two model files or stored runs: landauer compare BASE CANDIDATE, or let landauer make the "
                    "candidates: landauer compare BASE.gguf --quantised Q4_K_M,Q3_K_M.");
    }
    CompareRequest out;
    auto format = find_compare_format(f.format);
    if (!format) {
        return tl::unexpected(format.error());
    }
    out.format = *format;
    for (const auto& [texts, gates] :
         {std::pair{&f.fail_if, &out.gates}, std::pair{&f.fail_if_certain, &out.certain_gates}}) {
        for (const std::string& text : *texts) {
            auto gate = parse_gate(text);
            if (!gate) {
                return tl::unexpected(gate.error());
            }
            gates->push_back(std::move(*gate));
        }
    }
    if (!f.paper.empty()) {
        auto pair = find_published_pair(f.paper);
        if (!pair) {
            return tl::unexpected(pair.error());
        }
        out.published = std::move(*pair);
    }
    auto use = use_of(f);
    if (!use) {
        return tl::unexpected(use.error());
    }
    out.use = std::move(*use);
    if (auto making = check_making(f); !making) {
        return tl::unexpected(making.error());
    }
    out.options.margin = 0.01 * f.margin_percent;
    out.options.margin_accuracy = f.margin_accuracy;
    out.options.seed = f.bench.seed;
    out.options.strict = f.bench.strict;
    return out;
}

}  // namespace landauer
