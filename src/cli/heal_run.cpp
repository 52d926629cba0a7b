#include "cli/heal_run.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/stage_line.h"
#include "core/clock.h"
#include "platform/available_memory.h"
#include "platform/process_clocks.h"
#include "platform/signals.h"

namespace landauer {

Result<RunHealing> run_healing(const HealSettings& settings) {
    std::error_code problem;
    std::filesystem::create_directories(settings.work, problem);
    if (problem) {
        return fail(ErrorKind::Denied,
                    fmt::format("The folder {} cannot be made: {}.", settings.work.string(), problem.message()),
                    "Put the stages elsewhere: --work DIR.");
    }
    const std::int64_t begin_ns = system_clock().now_ns();
    const std::int64_t begin_cpu_ns = read_process_cpu_ns();
    StageLine line;
    CompressHooks hooks;
    hooks.abort = &interrupt_requested;
    hooks.progress = [&line](const std::string& stage, double fraction) { line.show(stage, fraction); };
    hooks.memory = [] { return available_memory_bytes(); };
    auto healed = heal_model(settings, hooks);
    line.end();
    if (!healed) return tl::unexpected(healed.error());
    RunHealing run{std::move(*healed), {}};
    run.outcome.source = settings.model.filename().string();
    run.outcome.out = settings.out.string();
    run.outcome.source_bytes = run.healed.out_bytes;
    run.outcome.cpu_s = static_cast<double>(read_process_cpu_ns() - begin_cpu_ns) * 1e-9;
    run.outcome.wall_s = static_cast<double>(system_clock().now_ns() - begin_ns) * 1e-9;
    return run;
}

}  // namespace landauer
