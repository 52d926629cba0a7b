#include "cli/compress_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/command.h"
#include "cli/compress_watts.h"
#include "cli/table_words.h"
#include "report/numbers.h"

namespace landauer {
namespace {

using nlohmann::json;

constexpr double kBusySpread = 0.1;  // of the times: beyond it something else ran
constexpr double kBusyScale = 0.85;  // matrices slower than the model by more than that: the same
constexpr int kVerifyRounds = 7;

CostsSettings costs_settings(const CompressFlags& flags, const CompressSettings& settings, const CompressHooks& hooks) {
    CostsSettings out;
    out.model = settings.model;
    out.folder = costs_folder();
    out.n_threads = settings.calibration.n_threads;
    out.more = {settings.types, settings.factor_type};
    out.again = flags.measure_again;
    out.memory = hooks.memory;
    return out;
}

std::string mix_words(PromptMix mix) { return fmt::format("{}:{}", mix.n_in, mix.n_out); }

std::string times_words(double ratio) { return fmt::format("{:.2f}x", ratio); }

std::string interval_words(const KernelTime& ratio) {
    return fmt::format("{:.2f}x [{:.2f}, {:.2f}]", ratio.seconds, ratio.low, ratio.high);
}

json interval_json(const KernelTime& value) { return {value.seconds, value.low, value.high}; }

// A ratio of joules is said as what is saved.
std::string target_words(TargetKind kind, double ratio) {
    return kind == TargetKind::Joules ? fmt::format("{:+.0f} %", 100.0 * (1.0 / ratio - 1.0)) : times_words(ratio);
}

// The prompt as a whole from its two parts, each with its own interval: the ends of both together.
KernelTime whole_ratio(const PassComparison& measured, double prefill_weight, double decode_weight) {
    const auto whole = [&](double prefill_ratio, double decode_ratio) {
        const double prefill = prefill_weight * measured.prefill.base.seconds;
        const double decode = decode_weight * measured.decode.base.seconds;
        return (prefill + decode) / (prefill / prefill_ratio + decode / decode_ratio);
    };
    KernelTime ratio;
    ratio.seconds = whole(measured.prefill.ratio.seconds, measured.decode.ratio.seconds);
    ratio.low = whole(measured.prefill.ratio.low, measured.decode.ratio.low);
    ratio.high = whole(measured.prefill.ratio.high, measured.decode.ratio.high);
    return ratio;
}

}  // namespace

Result<void> check_target_flags(const CompressFlags& flags) {
    if (auto mix = read_mix(flags.mix); !mix) return tl::unexpected(mix.error());
    if (flags.target.empty()) return {};
    if (auto target = read_cost_target(flags.target); !target) return tl::unexpected(target.error());
    return {};
}

TargetRun::TargetRun(CostTarget target, PromptMix mix, std::string words, MachineCosts costs, ModelCost model,
                     PassWatts watts)
    : target_(target),
      mix_(mix),
      words_(std::move(words)),
      costs_(std::move(costs)),
      model_(std::move(model)),
      watts_(std::move(watts)) {}

Result<TargetRun> TargetRun::create(const CompressFlags& flags, const CompressSettings& settings,
                                    const CompressHooks& hooks) {
    const auto target = read_cost_target(flags.target);
    if (!target) return tl::unexpected(target.error());
    const auto mix = read_mix(flags.mix);
    if (!mix) return tl::unexpected(mix.error());
    std::string note;
    auto costs = machine_costs(costs_settings(flags, settings, hooks), hooks.abort, hooks.progress, note);
    if (!costs) return tl::unexpected(costs.error());
    if (!note.empty()) talk(fmt::format("note: {}\n", note));
    const auto file = WeightFile::open(settings.model);
    if (!file) return tl::unexpected(file.error());
    const auto shape = stock_shape(*file, parameter_price());
    if (!shape) return tl::unexpected(shape.error());
    PassWatts watts;
    if (target->kind == TargetKind::Joules) {
        auto measured = pass_watts(settings, flags.meters, hooks);
        if (!measured) return tl::unexpected(measured.error());
        watts = std::move(*measured);
    }
    ModelCost model(costs->table, *shape, costs->passes);
    return TargetRun(*target, *mix, flags.target, std::move(*costs), std::move(model), std::move(watts));
}

void TargetRun::set_prices(CompressSettings& settings) const {
    const TargetCost cost(model_, target_.kind, mix_, watts_);
    settings.price = cost.matrix_price();
    settings.factor_price = cost.factor_price();
    settings.head_price = cost.head_price();
}

Result<double> TargetRun::share(const Profile& profile) const {
    return share_for_target(TargetCost(model_, target_.kind, mix_, watts_), target_,
                            profile.units.units.empty() ? profile.factors.units : profile.units.units,
                            profile.shape.block_cost);
}

std::string TargetRun::options_words() const {
    return fmt::format("target={} mix={} costs={}", words_, mix_words(mix_), costs_hash(costs_));
}

double TargetRun::speedup(TargetKind kind, const BlockSums& blocks) const {
    const TargetCost cost(model_, kind, mix_, watts_);
    return cost.base() / cost.cost(blocks);
}

std::string TargetRun::base_text() const {
    const double prefill = model_.prefill_seconds(model_.base(), mix_.n_in);
    const double decode = model_.decode_seconds(model_.base(), mix_.answer_depth());
    std::string text = fmt::format(
        "On this machine with {} threads the model reads a prompt of {} tokens in {} s ({} tokens/s) and writes {} "
        "tokens/s after it ({} {}).",
        costs_.key.at("n_threads"), mix_.n_in, number_text(prefill, 3),
        number_text(static_cast<double>(mix_.n_in) / prefill, 3), number_text(1.0 / decode, 3),
        costs_.kept ? "measured earlier, at" : "measured", costs_.measured_at);
    if (costs_.table.spread > kBusySpread || std::min(model_.scale().decode, model_.scale().prefill) < kBusyScale) {
        text += fmt::format(
            " The times vary by {:.0f} %: something else kept the machine busy. --measure-again on a quiet one makes "
            "the prediction better.",
            100.0 * costs_.table.spread);
    }
    if (target_.kind == TargetKind::Joules) text += " " + watts_.source;
    return paragraph(text);
}

BlockSums TargetRun::blocks(const StockShape& shape, std::span<const LayerFactors> layers,
                            const std::string& factor_type) const {
    return block_sums(shape, model_.table(), layers, factor_type);
}

std::string TargetRun::predicted_text(const BlockSums& blocks) const {
    std::string text =
        fmt::format("Predicted: prefill {}, decode {}, a prompt of {} {}",
                    times_words(speedup(TargetKind::Prefill, blocks)), times_words(speedup(TargetKind::Decode, blocks)),
                    mix_words(mix_), times_words(speedup(TargetKind::Prompt, blocks)));
    if (target_.kind == TargetKind::Joules) {
        text += fmt::format(", its joules {}{}", target_words(TargetKind::Joules, speedup(TargetKind::Joules, blocks)),
                            watts_.measured ? "" : " (an estimate)");
    }
    return paragraph(text + ".");
}

Result<TargetOutcome> TargetRun::measure(const CompressFlags& flags, const CompressSettings& settings,
                                         const BlockSums& blocks, const CompressHooks& hooks) const {
    PassSettings passes;
    passes.n_threads = settings.calibration.n_threads;
    passes.n_rounds = kVerifyRounds;
    passes.memory = hooks.memory;
    auto measured = compare_passes(settings.model, flags.out, mix_.n_in, std::lround(mix_.answer_depth()), passes,
                                   hooks.abort, [&](double fraction) {
                                       if (hooks.progress) hooks.progress("timing both models", fraction);
                                   });
    if (!measured) return tl::unexpected(measured.error());
    TargetOutcome outcome;
    outcome.target = words_;
    outcome.kind = target_.kind;
    outcome.estimated = target_.kind == TargetKind::Joules && !watts_.measured;
    outcome.predicted_prefill = speedup(TargetKind::Prefill, blocks);
    outcome.predicted_decode = speedup(TargetKind::Decode, blocks);
    outcome.predicted_target = speedup(target_.kind, blocks);
    const auto n_out = static_cast<double>(mix_.n_out);
    outcome.measured_target = measured->decode.ratio;
    if (target_.kind == TargetKind::Prefill) outcome.measured_target = measured->prefill.ratio;
    if (target_.kind == TargetKind::Prompt) outcome.measured_target = whole_ratio(*measured, 1.0, n_out);
    if (target_.kind == TargetKind::Joules) {
        outcome.measured_target = whole_ratio(*measured, watts_.prefill, watts_.decode * n_out);
    }
    outcome.measured = std::move(*measured);
    return outcome;
}

std::string TargetOutcome::text() const {
    std::string text = fmt::format("prefill: predicted {}, measured {}\n", times_words(predicted_prefill),
                                   interval_words(measured.prefill.ratio)) +
                       fmt::format("decode: predicted {}, measured {}\n", times_words(predicted_decode),
                                   interval_words(measured.decode.ratio));
    if (kind == TargetKind::Prompt) {
        text += fmt::format("prompt: predicted {}, measured {}\n", times_words(predicted_target),
                            interval_words(measured_target));
    }
    if (kind == TargetKind::Joules) {
        text += fmt::format("joules: predicted {}, by the measured times {} [{}, {}]{}\n",
                            target_words(kind, predicted_target), target_words(kind, measured_target.seconds),
                            target_words(kind, measured_target.high), target_words(kind, measured_target.low),
                            estimated ? " (an estimate)" : "");
    }
    return text;
}

json TargetOutcome::document() const {
    return {{"target", target},
            {"predicted", {{"prefill", predicted_prefill}, {"decode", predicted_decode}, {"target", predicted_target}}},
            {"measured",
             {{"prefill", interval_json(measured.prefill.ratio)},
              {"decode", interval_json(measured.decode.ratio)},
              {"target", interval_json(measured_target)}}},
            {"base_prefill_s", measured.prefill.base.seconds},
            {"base_decode_s", measured.decode.base.seconds},
            {"energy_estimated", estimated}};
}

Result<std::string> target_plan_text(const CompressFlags& flags, const CompressSettings& settings) {
    const auto file = WeightFile::open(settings.model);
    if (!file) return tl::unexpected(file.error());
    const auto shape = stock_shape(*file, parameter_price());
    if (!shape) return tl::unexpected(shape.error());
    const CostKey key = cost_key(*file, settings.calibration.n_threads, {settings.types, settings.factor_type});
    const auto place = costs_file(costs_folder(), key);
    const auto kept = read_costs(place, key);
    if (kept && !flags.measure_again) {
        return paragraph(fmt::format("Costs: measured at {} and kept in {}.", kept->measured_at, place.string()));
    }
    std::size_t n_points = 0;
    const auto lines = cost_lines(*shape, settings.types);
    for (const CostLine& line : lines) n_points += line.points.size();
    const auto chains =
        settings.factor_type.empty() ? std::vector<ChainLine>{} : chain_lines(*shape, settings.factor_type);
    for (const ChainLine& line : chains) n_points += 2 * line.points.size();
    return paragraph(fmt::format(
        "Costs: not measured for this machine and model yet. {} shapes of matrices on {} lines would be timed for one "
        "token and for {}, then the model itself, and kept in {}.",
        n_points, lines.size() + chains.size(), kPrefillTokens, place.string()));
}

}  // namespace landauer
