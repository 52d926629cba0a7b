#include "cli/compress_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "cli/compare.h"
#include "cli/compress_control.h"
#include "engine/quantise.h"
#include "gguf/summary.h"
#include "platform/topology.h"
#include "report/numbers.h"

namespace landauer {
namespace {

using nlohmann::json;

// Why no stock type has the result's size; empty: one has.
std::string without_control(const CompressFlags& flags) {
    const auto header = inspect_gguf(flags.out);
    if (!header) return header.error().sentence;
    const auto type = type_of_size(flags.model, header->tensor_bytes);
    return type ? std::string() : type.error().sentence;
}

CompareFlags compare_flags(const CompressFlags& flags, const CompressReport& page) {
    CompareFlags out = verdict_compare(flags.verdict, {flags.model, flags.out});
    out.report = flags.report;
    out.bench.meters = flags.meters;
    if (page.making && page.making->energy_wh) out.making_wh = {std::max(0.0, page.making->energy_wh->value)};
    return out;
}

Estimate exponential(const Estimate& ln) {
    return {std::exp(ln.value), {std::exp(ln.ci95.low), std::exp(ln.ci95.high)}};
}

double file_megabytes(const Contender& contender) {
    std::error_code problem;
    const auto bytes = std::filesystem::file_size(contender.run->data->run.model.path, problem);
    return problem ? 0.0 : static_cast<double>(bytes) * 1e-6;
}

// Perplexities on the verdict's text, where it had one.
void add_measured(const ModelComparison& comparison, CompressReport& page) {
    for (std::size_t i = 1; i < comparison.contenders.size(); ++i) {
        const Contender& contender = comparison.contenders[i];
        if (contender.text == nullptr || !contender.text->ln_ppl_ratio) continue;
        MeasuredSize point;
        point.name = contender.name;
        point.is_control = contender.is_control;
        point.file_mb = file_megabytes(contender);
        point.perplexity_ratio = exponential(*contender.text->ln_ppl_ratio);
        if (!contender.is_control && page.chosen) point.removed = page.chosen->removed;
        page.measured.push_back(std::move(point));
    }
}

void add_payback(const ModelComparison& comparison, CompressReport& page) {
    const PairComparison& pair = comparison.pairs.front();
    if (const Comparison* const cpu = pair.cost("cpu_s"); cpu != nullptr && page.making) {
        page.payback.push_back(payback_of(page.making->cpu_s, "CPU s", *cpu));
    }
    if (const Comparison* const wh = pair.cost("wh"); wh != nullptr && page.making && page.making->energy_wh) {
        page.payback.push_back(payback_of(page.making->energy_wh->value, "Wh", *wh));
        page.payback.back().estimated = page.making->estimated;
    }
}

json interval_json(const Estimate& one) { return json{{"value", one.value}, {"ci95", {one.ci95.low, one.ci95.high}}}; }

json payback_json(const CompressReport& page) {
    json all = json::array();
    for (const Payback& one : page.payback) {
        all.push_back({{"unit", one.unit},
                       {"spent", one.spent},
                       {"estimated", one.estimated},
                       {"saved_a_prompt", interval_json(one.saved)},
                       {"paid_back_after_prompts", one.prompts ? interval_json(*one.prompts) : json(nullptr)}});
    }
    return all;
}

void add_making(const CompressOutcome& outcome, const std::optional<MakingEnergy>& energy, Made& made) {
    MakingCost making;
    making.cpu_s = outcome.cpu_s;
    making.wall_s = outcome.wall_s;
    made.json["making_wh"] = nullptr;
    if (energy) {
        making.energy_wh = energy->wh;
        making.covers = energy->covers;
        making.estimated = energy->estimated;
        made.json["making_wh"] = interval_json(energy->wh);
        made.json["making_wh_estimated"] = energy->estimated;
        made.text += fmt::format("Making it took {} net of idle ({}{})\n", quantity_text(energy->wh, "Wh", 3),
                                 energy->estimated ? "an estimate, not measured: " : "", energy->covers);
    }
    made.page.making = making;
}

// Against what of the same bytes: quantised under the same statistics, else libllama's nearest type. Returns what there
// is to say of it.
Result<std::string> add_control(const CompressFlags& flags, const Made& made, CompareFlags& compared) {
    if (!made.statistics.empty()) {
        const auto control = fed_back_control(flags.model, flags.out, made.statistics, work_folder(flags),
                                              flags.n_threads > 0 ? flags.n_threads : read_topology().usable_cores());
        if (!control) return tl::unexpected(control.error());
        if (const std::optional<std::filesystem::path>& file = *control; file) {
            compared.controls = {*file};
            return std::string(
                "The control takes nothing away and is quantised by error feedback under the same statistics.");
        }
    }
    const std::string no_control = without_control(flags);
    compared.with_control = no_control.empty();
    return no_control.empty() ? std::string() : "There is no control beside: " + no_control;
}

Result<void> show_verdict(const CompressFlags& flags, Made& made, CommandContext& context) {
    CompareFlags compared = compare_flags(flags, made.page);
    const auto said = add_control(flags, made, compared);
    if (!said) return tl::unexpected(said.error());
    return run_compare(compared, context, [&](CompareReport& report, const CompareRequest& request) -> Result<void> {
        add_measured(*report.comparison, made.page);
        add_payback(*report.comparison, made.page);
        report.notes.insert(report.notes.begin(), verdict_words(flags.verdict));
        if (!said->empty()) report.notes.push_back(*said);
        report.compression = &made.page;
        if (made.healing) report.healing = &*made.healing;
        if (!flags.json) return write_comparison(report, request, compared);
        const auto format = find_compare_format("json");
        if (!format) return tl::unexpected(format.error());
        made.json["payback"] = payback_json(made.page);
        made.json["verdict"] = json::parse(format->write(report, {}));
        return write_comparison_page(report, compared);
    });
}

}  // namespace

Result<void> write_compression_page(const CompressFlags& flags, const CompressReport& page,
                                    const std::optional<HealReport>& healing) {
    if (flags.report.empty()) return {};
    const std::string html = healing ? write_healed_compression_html(page, *healing) : write_compress_html(page);
    if (auto written = write_output(flags.report, html); !written) return written;
    std::error_code unused;
    talk(fmt::format("Report: {}\n", std::filesystem::absolute(flags.report, unused).string()));
    return {};
}

Result<void> conclude(const CompressFlags& flags, const std::optional<MakingEnergy>& energy, Made made,
                      CommandContext& context) {
    add_making(made.outcome, energy, made);
    made.page.files = {static_cast<double>(made.outcome.source_bytes) * 1e-6,
                       static_cast<double>(made.outcome.out_bytes) * 1e-6};
    if (made.healing) made.page.healed = {made.healing->before, made.healing->after};
    if (!flags.json) print(made.text);
    const auto done = flags.verdict.none ? write_compression_page(flags, made.page, made.healing)
                                         : show_verdict(flags, made, context);
    if (flags.json) {
        print(made.json.dump(2) + "\n");
    } else {
        for (const Payback& one : made.page.payback) print(payback_sentence(one) + "\n");
    }
    return done;
}

}  // namespace landauer
