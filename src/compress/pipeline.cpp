#include "compress/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>

#include "compress/collect.h"
#include "compress/factor_losses.h"
#include "compress/kept_losses.h"
#include "platform/sha256.h"

namespace landauer {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

void say(const CompressHooks& hooks, const std::string& stage, double fraction) {
    if (hooks.progress) hooks.progress(stage, fraction);
}

bool wants_ranks(const CompressSettings& settings) {
    return settings.ranks || settings.format == CompressFormat::Factors;
}

std::int64_t tokens_in(std::span<const TokenWindow> windows) {
    std::int64_t n = 0;
    for (const TokenWindow& window : windows) n += static_cast<std::int64_t>(window.size());
    return n;
}

bool needs_all_gradients(const CompressSettings& settings) { return wants_ranks(settings) || !settings.types.empty(); }

CollectSettings collect_settings(const CompressSettings& settings, const Calibration& calibration,
                                 const std::string& model_sha256) {
    CollectSettings collect;
    collect.n_threads = settings.calibration.n_threads;
    collect.seed = settings.calibration.seed;
    collect.all_gradients = needs_all_gradients(settings);
    collect.n_gradient_windows = settings.n_gradient_windows;
    collect.n_text_tokens = calibration.n_text_tokens;
    collect.model_sha256 = model_sha256;
    return collect;
}

Result<void> check_memory(const CompressSettings& settings, const CollectSettings& collect,
                          const Calibration& calibration, const CompressHooks& hooks) {
    if (!hooks.memory) return {};
    const auto needs = collect_needs(settings.model, static_cast<std::int64_t>(calibration.windows.size()),
                                     settings.calibration.n_tokens, collect);
    if (!needs) return tl::unexpected(needs.error());
    const std::uint64_t there = hooks.memory();
    if (needs->memory_bytes <= there) return {};
    return fail(ErrorKind::Failed,
                fmt::format("Collecting statistics of {} takes {:.1f} GiB of memory, and {:.1f} GiB are free.",
                            settings.model.string(), static_cast<double>(needs->memory_bytes) / kGib,
                            static_cast<double>(there) / kGib),
                "Use fewer or shorter windows (--windows, --window-tokens), or a machine with more memory.");
}

// The file of an earlier attempt, when it is what would be collected now.
std::optional<StatisticsFile> kept_statistics(const std::filesystem::path& file, const CollectSettings& collect,
                                              const std::vector<TokenWindow>& windows) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return std::nullopt;
    auto opened = StatisticsFile::open(file);
    if (!opened) return std::nullopt;
    const StatisticsInfo& info = opened->info();
    const std::size_t n_gradient = collect.n_gradient_windows < 0
                                       ? windows.size()
                                       : std::min(windows.size(), static_cast<std::size_t>(collect.n_gradient_windows));
    const bool same = info.model_sha256 == collect.model_sha256 && info.seed == collect.seed &&
                      info.n_tokens == tokens_in(windows) &&
                      info.n_gradient_tokens == tokens_in(std::span(windows).first(n_gradient)) &&
                      (info.all_gradients || !collect.all_gradients);
    if (!same) return std::nullopt;
    return std::move(*opened);
}

Result<StatisticsFile> given_statistics(const CompressSettings& settings, const std::string& model_sha256) {
    auto opened = StatisticsFile::open(settings.statistics);
    if (!opened || opened->info().model_sha256 == model_sha256) return opened;
    return fail(ErrorKind::Invalid,
                fmt::format("{} holds the statistics of another model than {}.", settings.statistics.string(),
                            settings.model.string()),
                "Leave --statistics out: they are collected anew.");
}

Result<StatisticsFile> statistics_of(const CompressSettings& settings, const CompressHooks& hooks, Profile& profile) {
    if (!settings.statistics.empty()) {
        profile.statistics_file = settings.statistics;
        return given_statistics(settings, profile.model_sha256);
    }
    const auto calibration =
        calibration_windows(settings.model, profile.model_sha256, settings.calibration, settings.work / "windows.json",
                            hooks.abort, [&](double fraction) { say(hooks, "calibration text", fraction); });
    if (!calibration) return tl::unexpected(calibration.error());
    profile.caveats = calibration->caveats;
    profile.statistics_file = settings.work / fmt::format("statistics-{}.gguf", calibration->sha256.substr(0, 12));
    const CollectSettings collect = collect_settings(settings, *calibration, profile.model_sha256);
    if (auto kept = kept_statistics(profile.statistics_file, collect, calibration->windows); kept) {
        return std::move(*kept);
    }
    if (auto room = check_memory(settings, collect, *calibration, hooks); !room) return tl::unexpected(room.error());
    const auto began = std::chrono::steady_clock::now();
    const auto info = collect_statistics(
        settings.model, calibration->windows, collect, profile.statistics_file, hooks.abort,
        [&](const CollectProgress& progress) { say(hooks, "statistics: " + progress.stage, progress.fraction); });
    if (!info) return tl::unexpected(info.error());
    profile.collecting_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    return StatisticsFile::open(profile.statistics_file);
}

std::size_t threads_of(const CompressSettings& settings) {
    return static_cast<std::size_t>(std::max(1, settings.calibration.n_threads));
}

bool is_float(const std::string& type) { return type == "f32" || type == "f16" || type == "bf16"; }

// Of everything that losses hang on, beside the types.
std::string losses_key(const Profile& profile) {
    const StatisticsInfo& info = profile.statistics;
    return fmt::format("1 {} {} {} {} {}", profile.model_sha256, info.text_sha256, info.n_tokens,
                       info.n_gradient_tokens, info.seed);
}

Result<TypeLosses> types_of(const WeightFile& file, const CompressSettings& settings, const StatisticsFile& statistics,
                            const CompressHooks& hooks, const Profile& profile) {
    const std::filesystem::path kept = settings.work / "losses-types.json";
    const std::string key = fmt::format("{} {}", losses_key(profile), fmt::join(settings.types, " "));
    if (auto known = kept_type_losses(kept, key)) return std::move(*known);
    auto types = type_losses(file, profile.shape, statistics, settings.types, threads_of(settings), hooks.abort,
                             [&](double fraction) { say(hooks, "types", fraction); });
    if (types && !settings.types.empty()) keep_losses(kept, key, *types);
    return types;
}

Result<std::vector<PartLosses>> factors_of(const WeightFile& file, const CompressSettings& settings,
                                           const StatisticsFile& statistics, const CompressHooks& hooks,
                                           const Profile& profile) {
    const std::filesystem::path kept = settings.work / "losses-factors.json";
    const std::string key = fmt::format("{} {}", losses_key(profile), settings.factor_type);
    if (auto known = kept_factor_losses(kept, key)) return std::move(*known);
    auto losses = factor_losses(file, profile.shape, statistics, settings.factor_type, threads_of(settings),
                                hooks.abort, [&](double fraction) { say(hooks, "factors", fraction); });
    if (losses) keep_losses(kept, key, *losses);
    return losses;
}

// What few bits lose, of whole matrices and of factors.
Result<void> add_bits(const WeightFile& file, const CompressSettings& settings, const StatisticsFile& statistics,
                      const CompressHooks& hooks, const Profile& profile, FactorOptions& options) {
    auto types = types_of(file, settings, statistics, hooks, profile);
    if (!types) return tl::unexpected(types.error());
    options.types = std::move(*types);
    if (settings.factor_type.empty()) return {};
    options.type = settings.factor_type;
    if (is_float(options.type)) return {};
    auto losses = factors_of(file, settings, statistics, hooks, profile);
    if (!losses) return tl::unexpected(losses.error());
    options.losses = std::move(*losses);
    return {};
}

Result<void> add_factors(const WeightFile& file, const CompressSettings& settings, const StatisticsFile& statistics,
                         const CompressHooks& hooks, Profile& profile) {
    if (settings.format != CompressFormat::Factors && !statistics.info().all_gradients) {
        profile.caveats.emplace_back(
            "These statistics were collected for stock shapes, without the gradients of all matrices, so that ranks "
            "are not known: leave --statistics out to collect them anew.");
        return {};
    }
    auto ranks = rank_curves(file, profile.shape, statistics, hooks.abort,
                             [&](double fraction) { say(hooks, "ranks", fraction); });
    if (!ranks) return tl::unexpected(ranks.error());
    profile.ranks = std::move(*ranks);
    FactorOptions options;
    if (settings.format == CompressFormat::Factors) {
        if (auto known = add_bits(file, settings, statistics, hooks, profile, options); !known) return known;
    }
    profile.factors = factor_units(file, profile.shape, profile.curves, profile.ranks, options);
    return {};
}

Result<void> add_stock(const WeightFile& file, const CompressSettings& settings, const StatisticsFile& statistics,
                       const CompressHooks& hooks, Profile& profile) {
    auto types = types_of(file, settings, statistics, hooks, profile);
    if (!types) return tl::unexpected(types.error());
    profile.types = std::move(*types);
    auto units = stock_units(profile.shape, profile.curves, profile.types, settings.ways);
    if (!units) return tl::unexpected(units.error());
    profile.units = std::move(*units);
    return {};
}

void add_statistics_caveats(Profile& profile) {
    std::size_t widest = 0;
    for (const std::size_t n_ff : profile.shape.decoder.n_ff) widest = std::max(widest, n_ff);
    if (profile.statistics.n_tokens < static_cast<std::int64_t>(widest)) {
        profile.caveats.push_back(
            fmt::format("{} tokens are fewer than the {} columns of the widest matrix, so that a ridge decides part of "
                        "the correction: use more text.",
                        profile.statistics.n_tokens, widest));
    }
}

struct Shared {
    Allocation allocation;
    double removed = 0.0;
};

// What the units may cost when `remove` of the blocks goes.
Result<Shared> share(const std::vector<Unit>& units, double block_cost, double remove) {
    if (!(remove >= 0.0 && remove < 1.0)) {
        return fail(ErrorKind::Invalid, fmt::format("{:.4g} % of the blocks cannot be removed.", remove * 100.0),
                    "Ask for 0 % or more, and less than 100 %.");
    }
    double least = 0.0;
    for (const Unit& unit : units) {
        double cheapest = unit.choices.front().cost;
        for (const Choice& choice : unit.choices) cheapest = std::min(cheapest, choice.cost);
        least += cheapest;
    }
    const double budget = block_cost * (1.0 - remove);
    if (budget < least) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{:.4g} % of the blocks cannot be removed: some of the model stays.", remove * 100.0),
                    fmt::format("Ask for {:.1f} % or less.", std::floor((1.0 - least / block_cost) * 1000.0) / 10.0));
    }
    auto allocation = allocate(units, budget);
    if (!allocation) return tl::unexpected(allocation.error());
    const double removed = 1.0 - allocation->cost / block_cost;
    return Shared{std::move(*allocation), removed};
}

}  // namespace

void remove_stages(const std::filesystem::path& work) {
    std::error_code ignored;
    std::vector<std::filesystem::path> stages;
    for (const auto& entry : std::filesystem::directory_iterator(work, ignored)) {
        const std::string name = entry.path().filename().string();
        for (const char* stage : {"windows.json", "statistics-", "control-", "losses-"}) {
            if (name.starts_with(stage)) stages.push_back(entry.path());
        }
    }
    for (const auto& stage : stages) std::filesystem::remove(stage, ignored);
    std::filesystem::remove(work, ignored);  // fails, as it should, where something else is left
}

Result<void> check_source(const GgufSummary& summary, const CompressSettings& settings) {
    if (summary.synthetic && !settings.allow_synthetic) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} has synthetic weights: what compression keeps of noise says nothing.",
                                summary.path.string()),
                    "Compress the real model, or say --allow-synthetic to measure costs.");
    }
    const bool compressed = summary.metadata.contains(kCompressedKey);
    if (compressed && !settings.allow_compressed) {
        return fail(ErrorKind::Invalid, fmt::format("{} was made by compression already.", summary.path.string()),
                    "Compress the original once to the size you want, or say --allow-compressed.");
    }
    return {};
}

Result<Profile> calibrate_model(const CompressSettings& settings, const CompressHooks& hooks) {
    const auto file = WeightFile::open(settings.model);
    if (!file) return tl::unexpected(file.error());
    if (auto fit = check_source(file->summary(), settings); !fit) return tl::unexpected(fit.error());
    Profile profile;
    auto shape = stock_shape(*file, settings.price, settings.head_price);
    if (!shape) return tl::unexpected(shape.error());
    profile.shape = std::move(*shape);
    profile.shape.factor_price = settings.factor_price;
    say(hooks, "reading the model", 0.0);
    auto sha256 = sha256_file(settings.model, hooks.abort);
    if (!sha256) return tl::unexpected(sha256.error());
    profile.model_sha256 = std::move(*sha256);
    const auto statistics = statistics_of(settings, hooks, profile);
    if (!statistics) return tl::unexpected(statistics.error());
    profile.statistics = statistics->info();
    add_statistics_caveats(profile);
    return profile;
}

Result<Profile> profile_model(const CompressSettings& settings, const CompressHooks& hooks) {
    auto calibrated = calibrate_model(settings, hooks);
    if (!calibrated) return calibrated;
    Profile& profile = *calibrated;
    const auto file = WeightFile::open(settings.model);
    if (!file) return tl::unexpected(file.error());
    const auto statistics = StatisticsFile::open(profile.statistics_file);
    if (!statistics) return tl::unexpected(statistics.error());
    auto curves = stock_curves(*file, profile.shape, *statistics, hooks.abort,
                               [&](double fraction) { say(hooks, "sensitivity", fraction); });
    if (!curves) return tl::unexpected(curves.error());
    profile.curves = std::move(*curves);
    if (settings.format == CompressFormat::Stock) {
        if (auto added = add_stock(*file, settings, *statistics, hooks, profile); !added) {
            return tl::unexpected(added.error());
        }
    }
    if (wants_ranks(settings)) {
        if (auto added = add_factors(*file, settings, *statistics, hooks, profile); !added) {
            return tl::unexpected(added.error());
        }
    }
    return calibrated;
}

Result<CompressPlan> plan_compression(const CompressSettings& settings) {
    const auto file = WeightFile::open(settings.model);
    if (!file) return tl::unexpected(file.error());
    if (auto fit = check_source(file->summary(), settings); !fit) return tl::unexpected(fit.error());
    const auto shape = stock_shape(*file, parameter_price());
    if (!shape) return tl::unexpected(shape.error());
    CollectSettings collect;
    collect.n_threads = settings.calibration.n_threads;
    collect.all_gradients = needs_all_gradients(settings);
    collect.n_gradient_windows = settings.n_gradient_windows;
    const auto needs =
        collect_needs(settings.model, settings.calibration.n_windows, settings.calibration.n_tokens, collect);
    if (!needs) return tl::unexpected(needs.error());
    double least = 0.0;
    const bool depth = settings.ways.layers && (shape->uneven || !settings.ways.neurons);
    for (std::size_t layer = 0; layer < (depth ? 1 : shape->decoder.n_layer); ++layer) {
        least += shape->ffn_cost(layer, std::min(shape->layers[layer].neuron_step, shape->decoder.n_ff[layer]));
        if (!shape->uneven) least += shape->attention_cost(layer, shape->decoder.n_head_kv[layer]);
    }
    CompressPlan plan;
    plan.model = settings.model.filename().string();
    plan.file_bytes = file->summary().file_bytes;
    plan.block_parameters = static_cast<std::uint64_t>(shape->block_cost);
    plan.memory_bytes = needs->memory_bytes;
    plan.statistics_bytes = needs->file_bytes;
    plan.flops = needs->flops;
    plan.most_removable = 1.0 - least / shape->block_cost;
    return plan;
}

Result<StockChoice> choose_stock(const Profile& profile, double remove) {
    auto shared = share(profile.units.units, profile.shape.block_cost, remove);
    if (!shared) return tl::unexpected(shared.error());
    StockChoice choice;
    choice.keep = kept_by(profile.shape, profile.curves, profile.units, shared->allocation);
    choice.removed = shared->removed;
    choice.allocation = std::move(shared->allocation);
    return choice;
}

Result<FactorChoice> choose_factors(const Profile& profile, double remove) {
    auto shared = share(profile.factors.units, profile.shape.block_cost, remove);
    if (!shared) return tl::unexpected(shared.error());
    FactorChoice choice;
    choice.layers = factors_by(profile.shape, profile.curves, profile.factors, shared->allocation);
    choice.removed = shared->removed;
    choice.allocation = std::move(shared->allocation);
    return choice;
}

}  // namespace landauer
