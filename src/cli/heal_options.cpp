#include "cli/heal_options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "cli/texts.h"
#include "platform/topology.h"

namespace landauer {
namespace {

Trained trained_of(const std::string& word) {
    if (word == "channels") return Trained::Channels;
    if (word == "weights") return Trained::Weights;
    return word == "low-rank" ? Trained::LowRank : Trained::Scales;
}

}  // namespace

void add_heal_options(CLI::App& command, HealFlags& flags) {
    command.add_option("-m,--model", flags.model, "The model to heal: a quantised GGUF file")->required();
    command.add_option("--base", flags.base, "The model that it was made from, whose answers it is brought nearer to")
        ->required();
    command.add_option("-o,--out", flags.out, "The healed file: same types, same size")->required();
    command.add_option("--budget", flags.budget, "Time until the healed file is there: 90s, 5m, 1h")
        ->capture_default_str();
    command.add_option("--tokens", flags.n_tokens, "Train on so many tokens instead of by the clock")
        ->check(CLI::PositiveNumber);
    command
        .add_option(
            "--train", flags.train,
            "scales: those of every block, and the norms' gains; channels: a factor for each output channel, "
            "and the gains; low-rank: scales, and an update of rank 32 for the matrices that are F16, BF16 or F32; "
            "weights: all their values")
        ->check(CLI::IsMember({"scales", "channels", "low-rank", "weights"}))
        ->capture_default_str();
    command.add_option("--rate", flags.rate, "Times the usual rate")->capture_default_str();
    command.add_option("--text", flags.texts, "Text to heal on; several are read one after the other")->group("Texts");
    command.add_flag("--no-self", flags.no_self, "The text alone, not what the base writes as well")->group("Texts");
    command.add_option("--window-tokens", flags.window_tokens, "Tokens of a window")
        ->check(CLI::Range(16, 8192))
        ->capture_default_str()
        ->group("Texts");
    command.add_option("--held-out", flags.held_out, "Windows that are not trained on, by which it is judged")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str()
        ->group("Texts");
    command.add_option("--seed", flags.seed, "Of what the base writes")->capture_default_str()->group("Texts");
    command.add_option("-t,--threads", flags.n_threads, "Threads; default: all physical cores");
    command.add_option("--work", flags.work,
                       "Folder of the stages, kept; default: beside the output, removed at the end");
    command.add_flag("--force", flags.force, "Replace the output file");
    add_meter_option(command, flags.meters);
    add_verdict_options(command, "the base and what it was", flags.verdict);
    command.add_option("--report", flags.report, "Also write an HTML page: learning curve, what moved, the verdict");
    command.add_flag("--json", flags.json, "Print JSON");
    command.add_flag("--allow-synthetic", flags.allow_synthetic, "Heal random weights too, for costs");
}

Result<double> read_budget(const std::string& word) {
    constexpr std::array kUnits = {std::pair{"s", 1.0}, std::pair{"m", 60.0}, std::pair{"min", 60.0},
                                   std::pair{"h", 3600.0}};
    double value = 0.0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    const std::string unit(end, word.data() + word.size());
    for (const auto& [name, factor] : kUnits) {
        if (problem == std::errc{} && unit == name && std::isfinite(value) && value > 0.0) return value * factor;
    }
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no time to heal in.", word), "Write it like 90s, 5m or 1h.");
}

Result<HealSettings> heal_settings(const HealFlags& flags) {
    HealSettings settings;
    const auto budget = read_budget(flags.budget);
    if (!budget) return tl::unexpected(budget.error());
    std::error_code ignored;
    for (const auto* source : {&flags.model, &flags.base}) {
        if (!std::filesystem::exists(*source, ignored)) {
            return fail(ErrorKind::Invalid, fmt::format("There is no {}.", source->string()),
                        "Check the name, and that the file is there.");
        }
        if (!std::filesystem::equivalent(*source, flags.out, ignored)) continue;
        return fail(ErrorKind::Invalid, fmt::format("{} cannot be written onto itself.", source->string()),
                    "Write to another file.");
    }
    if (std::filesystem::exists(flags.out, ignored) && !flags.force) {
        return fail(ErrorKind::Invalid, fmt::format("{} is there already.", flags.out.string()),
                    "Choose another name, or say --force.");
    }
    auto text = read_texts(flags.texts);
    if (!text) return tl::unexpected(text.error());
    settings.model = flags.model;
    settings.base = flags.base;
    settings.out = flags.out;
    settings.work = flags.work.empty() ? std::filesystem::path(flags.out.string() + ".work") : flags.work;
    settings.text = std::move(*text);
    settings.self = !flags.no_self;
    settings.window_tokens = flags.window_tokens;
    settings.held_out = flags.held_out;
    settings.n_tokens = flags.n_tokens;
    settings.budget_seconds = *budget;
    settings.trained = trained_of(flags.train);
    settings.rate = flags.rate;
    settings.n_threads = flags.n_threads > 0 ? flags.n_threads : read_topology().usable_cores();
    settings.seed = flags.seed;
    settings.allow_synthetic = flags.allow_synthetic;
    settings.version = LANDAUER_VERSION;
    settings.options = fmt::format(
        "train={} rate={} {} window={} held_out={} seed={}{}", flags.train, flags.rate,
        flags.n_tokens > 0 ? fmt::format("tokens={}", flags.n_tokens) : fmt::format("budget={}", flags.budget),
        flags.window_tokens, flags.held_out, flags.seed, flags.no_self ? " no-self" : "");
    return settings;
}

}  // namespace landauer
