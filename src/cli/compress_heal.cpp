#include "cli/compress_heal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/heal_page.h"
#include "cli/heal_run.h"
#include "compress/factor_write.h"
#include "compress/quantise_model.h"
#include "platform/available_memory.h"

namespace landauer {
namespace {

// Of the time for healing: floats have the more to learn.
constexpr double kFloatsShare = 0.85;

Result<HealSettings> heal_settings_of(const CompressFlags& flags, const CompressSettings& settings, double share) {
    const auto budget = read_budget(flags.heal);
    if (!budget) return tl::unexpected(budget.error());
    HealSettings heal;
    heal.model = flags.out;
    heal.base = settings.model;
    heal.out = flags.out;
    heal.work = settings.work;
    heal.text = settings.calibration.text;
    heal.self = settings.calibration.self;
    // Windows of compressing, where they were made for it and are long enough to be cut up.
    const bool has_windows = settings.statistics.empty() && (flags.quantise.empty() || flags.method != "plain");
    if (has_windows && settings.calibration.n_tokens >= heal.window_tokens) {
        heal.windows = KeptWindows{settings.calibration, settings.work / "windows.json"};
    }
    heal.budget_seconds = *budget * share;
    heal.budget_share = share;
    heal.n_threads = settings.calibration.n_threads;
    heal.seed = settings.calibration.seed;
    heal.allow_synthetic = settings.allow_synthetic;
    heal.options = fmt::format("heal={} seed={}", flags.heal, heal.seed);
    heal.version = LANDAUER_VERSION;
    return heal;
}

std::string floats_text(const Healed& floats) {
    return fmt::format(
        "Before they were quantised, floats were healed from {:.4f} to {:.4f} nats a token in {} steps\n",
        floats.training.before, floats.stored, floats.n_steps);
}

Result<NarrowSettings> narrow_settings_of(const CompressFlags& flags, const CompressSettings& settings,
                                          const Making& making, std::uint64_t all_values_bytes) {
    auto heal = heal_settings_of(flags, settings, kFloatsShare);
    if (!heal) return tl::unexpected(heal.error());
    heal->trained = Trained::Weights;
    if (all_values_bytes > available_memory_bytes()) {
        heal->trained = Trained::LowRank;
        talk(fmt::format("note: floats are healed by updates of low rank: all their values take {:.1f} GB of memory.\n",
                         static_cast<double>(all_values_bytes) / 1e9));
    }
    return NarrowSettings{*heal, settings.calibration, making, flags.out};
}

Result<std::optional<HealedNarrow>> unless_refused(Result<HealedNarrow> narrow) {
    if (narrow) return std::optional<HealedNarrow>(std::move(*narrow));
    if (narrow.error().kind != ErrorKind::Refused) return tl::unexpected(narrow.error());
    talk(fmt::format("note: {} They are quantised as they are.\n", narrow.error().sentence));
    return std::optional<HealedNarrow>{};
}

bool has_ranks(const std::vector<LayerFactors>& layers) {
    return std::ranges::any_of(layers, [](const LayerFactors& layer) {
        return std::ranges::any_of(layer.ranks, [](std::size_t rank) { return rank > 0; });
    });
}

}  // namespace

bool heals_floats(const CompressFlags& flags, const StockShape& shape, const std::vector<LayerKeep>& keep) {
    if (flags.heal.empty() || !narrows(shape, keep)) return false;
    if (!flags.type.empty() && !fed_back_type(flags.type)) {
        talk(fmt::format("note: floats are not healed before libllama's own quantiser ({}), only scales after it.\n",
                         flags.type));
        return false;
    }
    return true;
}

Result<std::optional<HealedNarrow>> write_healed_floats(const CompressFlags& flags, const CompressSettings& settings,
                                                        const WeightFile& source, const StockShape& shape,
                                                        const std::vector<LayerKeep>& keep,
                                                        const StatisticsFile& statistics, const Making& making,
                                                        const CompressHooks& hooks) {
    const auto how = narrow_settings_of(flags, settings, making, float_healing_bytes(shape, keep));
    if (!how) return tl::unexpected(how.error());
    return unless_refused(heal_narrow(source, shape, keep, statistics, *how, hooks));
}

Result<std::uint64_t> write_factor_file(const CompressFlags& flags, const CompressSettings& settings,
                                        const WeightFile& source, const StockShape& shape,
                                        const std::vector<LayerFactors>& layers, const StatisticsFile& statistics,
                                        const Making& making, const CompressHooks& hooks,
                                        const std::function<void(double)>& done, std::optional<Healed>& healed) {
    if (!flags.heal.empty() && has_ranks(layers)) {
        const auto how = narrow_settings_of(flags, settings, making, factor_healing_bytes(shape, layers));
        if (!how) return tl::unexpected(how.error());
        auto floats = unless_refused(heal_factors(source, shape, layers, statistics, factor_type(flags), *how, hooks));
        if (!floats) return tl::unexpected(floats.error());
        if (std::optional<HealedNarrow>& written = *floats; written) {
            healed = std::move(written->healed);
            return written->out_bytes;
        }
    }
    return write_factors(source, shape, layers, statistics, making, factor_type(flags), flags.out, hooks.abort, done);
}

Result<void> heal_result(const CompressFlags& flags, const CompressSettings& settings,
                         const std::optional<Healed>& floats, const std::string& command, Made& made) {
    auto heal = heal_settings_of(flags, settings, floats ? 1.0 - kFloatsShare : 1.0);
    if (!heal) return tl::unexpected(heal.error());
    if (floats) {
        heal->windows = floats->windows;
        made.text += floats_text(*floats);
        made.json["healing_floats"] = heal_json(*floats, {});
    }
    auto healed = run_healing(*heal);
    // With floats healed there is a result already, whatever time is left for scales.
    const bool kept =
        !healed && (healed.error().kind == ErrorKind::Refused || (floats && healed.error().kind == ErrorKind::Invalid));
    if ((healed || kept) && flags.work.empty()) remove_heal_stages(heal->work);
    if (kept) {
        talk(fmt::format("note: {} It stays as it is.\n", healed.error().sentence));
        return {};
    }
    if (!healed) return tl::unexpected(healed.error());
    for (const std::string& caveat : healed->healed.caveats) talk(fmt::format("note: {}\n", caveat));
    made.outcome.cpu_s += healed->outcome.cpu_s;
    made.outcome.wall_s += healed->outcome.wall_s;
    made.text += heal_text(healed->healed, healed->outcome);
    made.json["healing"] = heal_json(healed->healed, healed->outcome);
    made.healing = heal_page_of(healed->healed, *heal, command);
    if (floats) {
        made.healing->floats = {floats->training.before, floats->stored};
        made.healing->facts.emplace_back("floats before quantising",
                                         fmt::format("{:.4f} to {:.4f} nats a token on held-out text, {} steps",
                                                     floats->training.before, floats->stored, floats->n_steps));
    }
    return {};
}

}  // namespace landauer
