#include "cli/compress_heal.h"

#include <fmt/format.h>

#include "cli/heal_page.h"
#include "cli/heal_run.h"

namespace landauer {

Result<void> heal_result(const CompressFlags& flags, const CompressSettings& settings, const std::string& command,
                         Made& made) {
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
    if (has_windows && settings.calibration.n_tokens >= heal.window_tokens) heal.calibrated = settings.calibration;
    heal.budget_seconds = *budget;
    heal.n_threads = settings.calibration.n_threads;
    heal.seed = settings.calibration.seed;
    heal.allow_synthetic = settings.allow_synthetic;
    heal.options = fmt::format("heal={} seed={}", flags.heal, heal.seed);
    heal.version = LANDAUER_VERSION;
    auto healed = run_healing(heal);
    if (!healed && healed.error().kind == ErrorKind::Refused) {
        talk(fmt::format("note: {} It stays as it is.\n", healed.error().sentence));
        return {};
    }
    if (!healed) return tl::unexpected(healed.error());
    if (flags.work.empty()) remove_heal_stages(heal.work);
    for (const std::string& caveat : healed->healed.caveats) talk(fmt::format("note: {}\n", caveat));
    made.outcome.cpu_s += healed->outcome.cpu_s;
    made.outcome.wall_s += healed->outcome.wall_s;
    made.text += heal_text(healed->healed, healed->outcome);
    made.json["healing"] = heal_json(healed->healed, healed->outcome);
    made.healing = heal_page_of(healed->healed, heal, command);
    return {};
}

}  // namespace landauer
