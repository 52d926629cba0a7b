#include <fmt/format.h>

#include <memory>
#include <utility>

#include "cli/command.h"
#include "cli/heal_options.h"
#include "cli/heal_page.h"
#include "cli/heal_run.h"
#include "cli/making_meter.h"

namespace landauer {
namespace {

Result<void> heal(const HealFlags& flags, CommandContext& context) {
    const auto settings = heal_settings(flags);
    if (!settings) return tl::unexpected(settings.error());
    auto meter = MakingMeter::start(flags.meters);
    if (!meter) return tl::unexpected(meter.error());
    auto run = run_healing(*settings);
    if (!run) return tl::unexpected(run.error());
    for (const std::string& caveat : run->healed.caveats) talk(fmt::format("note: {}\n", caveat));
    if (flags.work.empty()) remove_heal_stages(settings->work);
    HealReport page = heal_page_of(run->healed, *settings, context.command_line);
    return conclude_healing(flags, meter->stop(), {std::move(run->healed), std::move(run->outcome), std::move(page)},
                            context);
}

}  // namespace

void add_heal_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("heal", "A smaller model nearer to its base: same types, same size");
    auto flags = std::make_shared<HealFlags>();
    add_heal_options(*command, *flags);
    add_verbose_option(*command, context);
    command->footer(
        "The codes stay; the scales of their blocks and the norms' gains are trained so that the model says what its\n"
        "base would say (--train weights: floats too). The result has the same tensors, types, size and speed: a "
        "stock\n"
        "file of a stock file, factors of factors.\n\n"
        "Examples:\n"
        "  landauer heal -m model-Q3_K_M.gguf --base model-F16.gguf -o healed.gguf --budget 5m --text manual.txt\n"
        "  landauer heal -m small.gguf --base base.gguf -o healed.gguf --tokens 25000 --work stages\n"
        "  landauer heal -m pruned-F16.gguf --base base.gguf -o healed.gguf --train weights --budget 30m");
    command->callback([flags, &context] {
        if (auto done = heal(*flags, context); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
