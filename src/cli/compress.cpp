#include <fmt/format.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/compress_expand.h"
#include "cli/compress_factors_view.h"
#include "cli/compress_heal.h"
#include "cli/compress_options.h"
#include "cli/compress_page.h"
#include "cli/compress_profile_view.h"
#include "cli/compress_quantise.h"
#include "cli/compress_target.h"
#include "cli/compress_typed.h"
#include "cli/compress_verdict.h"
#include "cli/compress_view.h"
#include "cli/import_base.h"
#include "cli/stage_line.h"
#include "compress/factor_write.h"
#include "compress/pipeline.h"
#include "compress/stock_write.h"
#include "core/clock.h"
#include "gguf/hf/folder.h"
#include "platform/available_memory.h"
#include "platform/process_clocks.h"
#include "platform/scratch.h"
#include "platform/signals.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

// The share of what the blocks cost that must go for a file of that size. Invalid: not smaller than it is.
Result<double> share_for(const CompressFlags& flags, const Profile& profile, std::uint64_t source_bytes) {
    if (!flags.remove.empty()) return read_share(flags.remove);
    const auto target = read_bytes(flags.target_bytes);
    if (!target) return tl::unexpected(target.error());
    if (*target > source_bytes) {
        return fail(ErrorKind::Invalid, fmt::format("{} has {} bytes already.", flags.model.string(), source_bytes),
                    "Ask for a smaller size.");
    }
    return static_cast<double>(source_bytes - *target) / profile.shape.block_cost;
}

std::string type_words(const CompressFlags& flags) {
    return (flags.types.empty() ? "" : " types=" + flags.types) + (flags.type.empty() ? "" : " type=" + flags.type);
}

// The options that decide what is written, without paths.
std::string options_words(const CompressFlags& flags, const std::optional<TargetRun>& target) {
    std::string size = flags.remove.empty() ? "target-bytes=" + flags.target_bytes : "remove=" + flags.remove;
    if (target) size = target->options_words();
    return fmt::format("{}{} ways={}{}{} windows={}x{} gradient-windows={} texts={} self={} seed={}",
                       flags.format == "factors" ? "factors " : "", size, flags.ways, type_words(flags),
                       flags.heal.empty() ? "" : " heal=" + flags.heal, flags.n_windows, flags.window_tokens,
                       flags.n_gradient_windows, flags.texts.size(), !flags.no_self, flags.seed);
}

Making making_of(const CompressFlags& flags, const std::optional<TargetRun>& target, const Profile& profile,
                 const GgufSummary& source, double removed, double predicted_loss) {
    Making making;
    making.source_name = source.name;
    making.source_sha256 = profile.model_sha256;
    making.statistics_sha256 = profile.statistics.text_sha256;
    making.command = options_words(flags, target);
    making.version = LANDAUER_VERSION;
    making.removed = removed;
    making.predicted_loss = predicted_loss;
    return making;
}

std::vector<LayerFactors> as_layers(const std::vector<LayerKeep>& keep) {
    std::vector<LayerFactors> layers;
    layers.reserve(keep.size());
    for (const LayerKeep& layer : keep) layers.push_back({layer, {}, {}});
    return layers;
}

class Compression {
   public:
    Compression(const CompressFlags& flags, CompressSettings settings, std::string command)
        : flags_(flags), settings_(std::move(settings)), command_(std::move(command)) {}

    // Prints what was chosen.
    Result<Made> run();
    // Prints it, and writes its page.
    Result<void> profile();

   private:
    Result<void> make_folder();
    Result<Profile> profiled();
    Result<Made> stock(const Profile& profile, double remove);
    Result<Made> factors(const Profile& profile, double remove);
    using Write = std::function<Result<std::uint64_t>(const WeightFile& source, const StatisticsFile& statistics,
                                                      const std::function<void(double)>& done)>;
    Result<CompressOutcome> write(const Profile& profile, const Write& how);
    using AddToPage = std::function<void(const WeightFile& source, CompressReport& page)>;
    [[nodiscard]] Result<CompressReport> page_of(const Profile& profile, CompressFormat format,
                                                 const AddToPage& add) const;
    CompressHooks hooks();

    Result<void> take_target();
    Result<void> hold_target(const BlockSums& blocks, Made& made);
    // As the target counts them; nothing without one.
    [[nodiscard]] BlockSums blocks_of(const Profile& profile, std::span<const LayerFactors> layers) const;

    const CompressFlags& flags_;
    CompressSettings settings_;
    std::string command_;
    std::optional<TargetRun> target_;
    StageLine line_;
    std::int64_t begin_ns_ = system_clock().now_ns();
    std::int64_t begin_cpu_ns_ = read_process_cpu_ns();
};

CompressHooks Compression::hooks() {
    CompressHooks hooks;
    hooks.abort = &interrupt_requested;
    hooks.progress = [this](const std::string& stage, double fraction) { line_.show(stage, fraction); };
    hooks.memory = [] { return available_memory_bytes(); };
    return hooks;
}

Result<void> Compression::make_folder() {
    std::error_code problem;
    fs::create_directories(settings_.work, problem);
    if (!problem) return {};
    return fail(ErrorKind::Denied,
                fmt::format("The folder {} cannot be made: {}.", settings_.work.string(), problem.message()),
                "Put the stages elsewhere: --work DIR.");
}

Result<CompressReport> Compression::page_of(const Profile& profile, CompressFormat format, const AddToPage& add) const {
    const auto source = WeightFile::open(settings_.model);
    if (!source) return tl::unexpected(source.error());
    CompressReport page = compress_page_of(flags_, profile, options_words(flags_, target_), command_);
    if (!flags_.report.empty()) add_curve(*source, profile, format, page);
    add(*source, page);
    return page;
}

Result<void> Compression::profile() {
    const auto profile = profiled();
    if (!profile) return tl::unexpected(profile.error());
    const auto plans = profile_plans(flags_, *profile);
    if (!plans) return tl::unexpected(plans.error());
    print(flags_.json ? profile_json(*profile, *plans).dump(2) + "\n" : profile_text(*profile, *plans));
    talk(fmt::format("Statistics: {}\n", profile->statistics_file.string()));
    if (flags_.report.empty()) return {};
    const auto page = page_of(*profile, profile->ranks.empty() ? CompressFormat::Stock : CompressFormat::Factors,
                              [&](const WeightFile& /*source*/, CompressReport& own) {
                                  for (const FactorChoice& plan : *plans) add_plan(*profile, plan, own);
                              });
    return page ? write_compression_page(flags_, *page) : tl::unexpected(page.error());
}

Result<CompressOutcome> Compression::write(const Profile& profile, const Write& how) {
    const auto source = WeightFile::open(settings_.model);
    if (!source) return tl::unexpected(source.error());
    const auto statistics = StatisticsFile::open(profile.statistics_file);
    if (!statistics) return tl::unexpected(statistics.error());
    const auto bytes = how(*source, *statistics, [this](double fraction) { line_.show("writing", fraction); });
    line_.end();
    if (!bytes) return tl::unexpected(bytes.error());
    CompressOutcome outcome;
    outcome.source = flags_.model.filename().string();
    outcome.out = flags_.out.string();
    outcome.source_bytes = source->summary().file_bytes;
    outcome.out_bytes = *bytes;
    outcome.cpu_s = static_cast<double>(read_process_cpu_ns() - begin_cpu_ns_) * 1e-9;
    outcome.wall_s = static_cast<double>(system_clock().now_ns() - begin_ns_) * 1e-9;
    return outcome;
}

Result<Made> Compression::stock(const Profile& profile, double remove) {
    auto choice = choose_stock(profile, remove);
    if (!choice) return tl::unexpected(choice.error());
    const StockChoice on_axis = *choice;
    choice->removed = parameters_removed(profile.shape, choice->keep);
    if (!flags_.json) print(choice_text(profile, *choice));
    const BlockSums blocks = blocks_of(profile, as_layers(choice->keep));
    if (!flags_.json && target_) print(target_->predicted_text(blocks));
    std::optional<Healed> healed_floats;
    const auto outcome = write(profile,
                               [&](const WeightFile& source, const StatisticsFile& statistics,
                                   const std::function<void(double)>& done) -> Result<std::uint64_t> {
                                   const Making making = making_of(flags_, target_, profile, source.summary(),
                                                                   choice->removed, choice->allocation.loss);
                                   if (heals_floats(flags_, profile.shape, choice->keep)) {
                                       auto narrow = write_healed_floats(flags_, settings_, source, profile.shape,
                                                                         choice->keep, statistics, making, hooks());
                                       if (!narrow) return tl::unexpected(narrow.error());
                                       if (*narrow) {
                                           healed_floats = std::move((*narrow)->healed);
                                           return (*narrow)->out_bytes;
                                       }
                                   }
                                   return write_typed(flags_, settings_, source, profile.shape, choice->keep,
                                                      statistics, making, {&interrupt_requested, done});
                               });
    if (!outcome) return tl::unexpected(outcome.error());
    auto page = page_of(profile, settings_.format, [&](const WeightFile& /*source*/, CompressReport& own) {
        add_choice(profile, on_axis, outcome->out_bytes, own);
    });
    if (!page) return tl::unexpected(page.error());
    Made made{*outcome, outcome_text(*outcome), outcome_json(profile, *choice, *outcome), std::move(*page)};
    made.healed_floats = std::move(healed_floats);
    if (auto held = hold_target(blocks, made); !held) return tl::unexpected(held.error());
    return made;
}

BlockSums Compression::blocks_of(const Profile& profile, std::span<const LayerFactors> layers) const {
    return target_ ? target_->blocks(profile.shape, layers, settings_.factor_type) : BlockSums{};
}

// What was aimed at, if something was, against what came of it.
Result<void> Compression::hold_target(const BlockSums& blocks, Made& made) {
    if (!target_) return {};
    const auto met = target_->measure(flags_, settings_, blocks, hooks());
    line_.end();
    if (!met) return tl::unexpected(met.error());
    made.text += met->text();
    made.json["target"] = met->document();
    return {};
}

// Before anything else, because it says what the blocks cost.
Result<void> Compression::take_target() {
    auto target = TargetRun::create(flags_, settings_, hooks());
    line_.end();
    if (!target) return tl::unexpected(target.error());
    target_ = std::move(*target);
    target_->set_prices(settings_);
    talk(target_->base_text());
    return {};
}

Result<Made> Compression::factors(const Profile& profile, double remove) {
    auto choice = choose_factors(profile, remove);
    if (!choice) return tl::unexpected(choice.error());
    const FactorChoice on_axis = *choice;
    choice->removed = parameters_removed(profile.shape, choice->layers);
    if (!flags_.json) print(factors_text(profile, *choice));
    const BlockSums blocks = blocks_of(profile, choice->layers);
    if (!flags_.json && target_) print(target_->predicted_text(blocks));
    std::optional<Healed> healed_floats;
    const auto outcome = write(profile, [&](const WeightFile& source, const StatisticsFile& statistics,
                                            const std::function<void(double)>& done) {
        const Making making =
            making_of(flags_, target_, profile, source.summary(), choice->removed, choice->allocation.loss);
        if (flags_.expand) {
            return write_expanded(source, profile.shape, choice->layers, statistics, making, flags_.expand_type,
                                  flags_.out, &interrupt_requested, done);
        }
        return write_factor_file(flags_, settings_, source, profile.shape, choice->layers, statistics, making, hooks(),
                                 done, healed_floats);
    });
    if (!outcome) return tl::unexpected(outcome.error());
    auto page = page_of(profile, settings_.format,
                        [&](const WeightFile& /*source*/, CompressReport& own) { add_choice(profile, on_axis, own); });
    if (!page) return tl::unexpected(page.error());
    Made made{*outcome, factors_outcome_text(*outcome, flags_.expand),
              factors_json(profile, *choice, *outcome, flags_.expand), std::move(*page)};
    made.healed_floats = std::move(healed_floats);
    if (auto held = hold_target(blocks, made); !held) return tl::unexpected(held.error());
    return made;
}

Result<Profile> Compression::profiled() {
    if (auto made = make_folder(); !made) return tl::unexpected(made.error());
    if (!flags_.target.empty()) {
        if (auto taken = take_target(); !taken) return tl::unexpected(taken.error());
    }
    auto profile = profile_model(settings_, hooks());
    line_.end();
    if (!profile) return profile;
    for (const std::string& caveat : profile->caveats) talk(fmt::format("note: {}\n", caveat));
    return profile;
}

Result<Made> Compression::run() {
    const auto profile = profiled();
    if (!profile) return tl::unexpected(profile.error());
    std::error_code problem;
    const std::uint64_t source_bytes = fs::file_size(settings_.model, problem);
    const auto share = target_ ? target_->share(*profile) : share_for(flags_, *profile, source_bytes);
    if (!share) return tl::unexpected(share.error());
    const bool factorised = settings_.format == CompressFormat::Factors;
    auto made = factorised ? factors(*profile, *share) : stock(*profile, *share);
    if (made && !factorised) made->statistics = profile->statistics_file;
    return made;
}

Result<void> dry_run(const CompressFlags& flags, const CompressSettings& settings) {
    const auto plan = plan_compression(settings);
    if (!plan) return tl::unexpected(plan.error());
    if (flags.target.empty() || flags.json) {
        print(flags.json ? plan_json(*plan) : plan_text(*plan));
        return {};
    }
    const auto costs = target_plan_text(flags, settings);
    if (!costs) return tl::unexpected(costs.error());
    print(plan_text(*plan) + *costs);
    return {};
}

Result<Made> quantised(const CompressFlags& flags, const CompressSettings& settings, const CommandContext& context) {
    const auto outcome = compress_quantise(flags, settings);
    if (!outcome) return tl::unexpected(outcome.error());
    return Made{*outcome, outcome_text(*outcome), quantised_json(*outcome, flags.quantise, flags.method),
                quantised_page(flags, context.command_line)};
}

// A folder becomes a GGUF file first, which stays: the verdict and later runs need it.
Result<void> import_base(CompressFlags& flags, std::optional<ScratchFolder>& scratch) {
    const auto plan = plan_import({flags.model, flags.import_type, flags.import_pre, LANDAUER_VERSION});
    if (!plan) return tl::unexpected(plan.error());
    if (flags.work.empty() && flags.out.empty()) flags.work = plan->name + ".compress.work";
    const fs::path base = base_path(flags.out, flags.work);
    if (flags.dry_run && !is_import_of(*plan, base)) {
        auto folder = ScratchFolder::create();
        if (!folder) return tl::unexpected(folder.error());
        scratch = std::move(*folder);
        flags.model = scratch->path() / base.filename();
        return write_header_only(*plan, flags.model);
    }
    flags.model = base;
    return make_base(*plan, base, flags.force || !flags.work.empty());
}

Result<void> compress(CompressFlags flags, CommandContext& context) {
    if (expands_file(flags)) return expand_file(flags);
    if (auto good = check_flags(flags); !good) return good;
    std::optional<ScratchFolder> scratch;
    if (is_hf_folder(flags.model)) {
        if (auto good = import_base(flags, scratch); !good) return good;
    }
    const auto settings = compress_settings(flags);
    if (!settings) return tl::unexpected(settings.error());
    if (flags.dry_run) return dry_run(flags, *settings);
    if (flags.profile) return Compression(flags, *settings, context.command_line).profile();
    auto meter = MakingMeter::start(flags.meters);
    if (!meter) return tl::unexpected(meter.error());
    auto made = flags.quantise.empty() ? Compression(flags, *settings, context.command_line).run()
                                       : quantised(flags, *settings, context);
    if (!made) return tl::unexpected(made.error());
    if (!flags.heal.empty()) {
        if (auto healed = heal_result(flags, *settings, made->healed_floats, context.command_line, *made); !healed)
            return healed;
    }
    const auto concluded = conclude(flags, meter->stop(), std::move(*made), context);
    if (flags.work.empty()) remove_stages(settings->work);
    return concluded;
}

}  // namespace

void add_compress_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("compress", "A smaller model of stock shapes, and what it loses");
    auto flags = std::make_shared<CompressFlags>();
    add_compress_options(*command, *flags);
    add_verbose_option(*command, context);
    command->footer(
        "Feed-forward neurons and attention heads that matter least go, layer by layer as one allocation decides, and\n"
        "what stays is corrected. The result is a GGUF file that every llama.cpp program runs.\n\n"
        "Examples:\n"
        "  landauer compress -m base.gguf --profile                        what each layer would lose\n"
        "  landauer compress -m base.gguf -o small.gguf --remove 20% --text manual.txt\n"
        "  landauer compress -m base.gguf -o small.gguf --target-bytes 80M --work stages   keep the statistics\n"
        "  landauer compress -m SmolLM2-135M -o small.gguf --remove 20%    a Hugging Face folder; its GGUF is kept "
        "beside\n"
        "  landauer compress -m base.gguf -o small.gguf --target decode:1.5x   as much as that takes on this machine\n"
        "  landauer compress -m base.gguf -o factors.gguf --format factors --remove 20%   lower ranks, for landauer "
        "alone\n"
        "  landauer compress -m factors.gguf -o dense.gguf --expand        the same for any program");
    command->callback([flags, &context] {
        if (auto done = compress(*flags, context); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
