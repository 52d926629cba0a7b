#include "cli/compress_quantise.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/compress_view.h"
#include "cli/stage_line.h"
#include "compress/quantise_model.h"
#include "core/clock.h"
#include "engine/quantise.h"
#include "platform/available_memory.h"
#include "platform/process_clocks.h"
#include "platform/signals.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFeedback = "feedback";
constexpr const char* kImatrix = "imatrix";
constexpr const char* kPlain = "plain";

bool is_known(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Result<Profile> calibrate(const CompressSettings& settings, StageLine& line) {
    std::error_code problem;
    fs::create_directories(settings.work, problem);
    if (problem) {
        return fail(ErrorKind::Denied,
                    fmt::format("The folder {} cannot be made: {}.", settings.work.string(), problem.message()),
                    "Put the stages elsewhere: --work DIR.");
    }
    CompressHooks hooks;
    hooks.abort = &interrupt_requested;
    hooks.progress = [&line](const std::string& stage, double fraction) { line.show(stage, fraction); };
    hooks.memory = [] { return available_memory_bytes(); };
    auto profile = calibrate_model(settings, hooks);
    line.end();
    if (profile) {
        for (const std::string& caveat : profile->caveats) talk(fmt::format("note: {}\n", caveat));
    }
    return profile;
}

Result<void> with_statistics(const CompressFlags& flags, const CompressSettings& settings, StageLine& line) {
    const auto profile = calibrate(settings, line);
    if (!profile) return tl::unexpected(profile.error());
    const auto source = WeightFile::open(settings.model);
    if (!source) return tl::unexpected(source.error());
    const auto statistics = StatisticsFile::open(profile->statistics_file);
    if (!statistics) return tl::unexpected(statistics.error());
    const std::int32_t n_threads = settings.calibration.n_threads;
    if (flags.method == kImatrix) {
        const auto importance = importance_of(*source, profile->shape, keep_all(profile->shape, {}), *statistics);
        if (!importance) return tl::unexpected(importance.error());
        line.show("quantising", 0.0);
        return quantise(settings.model, flags.quantise, flags.out, n_threads, *importance);
    }
    ModelQuantising how;
    how.type = flags.quantise;
    how.source_sha256 = profile->model_sha256;
    how.n_threads = static_cast<std::size_t>(std::max(1, n_threads));
    how.abort = &interrupt_requested;
    how.done = [&line](double fraction) { line.show("quantising", fraction); };
    const auto bytes = quantise_model(*source, *statistics, how, flags.out);
    if (!bytes) return tl::unexpected(bytes.error());
    return {};
}

CompressOutcome outcome_of(const CompressFlags& flags, std::int64_t begin_ns, std::int64_t begin_cpu_ns) {
    std::error_code problem;
    CompressOutcome outcome;
    outcome.source = flags.model.filename().string();
    outcome.out = flags.out.string();
    outcome.source_bytes = fs::file_size(flags.model, problem);
    outcome.out_bytes = fs::file_size(flags.out, problem);
    outcome.cpu_s = static_cast<double>(read_process_cpu_ns() - begin_cpu_ns) * 1e-9;
    outcome.wall_s = static_cast<double>(system_clock().now_ns() - begin_ns) * 1e-9;
    return outcome;
}

}  // namespace

Result<void> check_quantise_flags(const CompressFlags& flags) {
    if (!flags.remove.empty() || !flags.target_bytes.empty() || !flags.target.empty()) {
        return fail(ErrorKind::Invalid, "A type and a size are asked for at once.",
                    "Give one of --quantise, --remove, --target-bytes and --target.");
    }
    if (flags.method != kFeedback && flags.method != kImatrix && flags.method != kPlain) {
        return fail(ErrorKind::Invalid, fmt::format("The method \"{}\" is not known.", flags.method),
                    "Use feedback, imatrix or plain.");
    }
    if (flags.method == kFeedback && !is_known(fed_back_names(), flags.quantise)) {
        return fail(
            ErrorKind::Invalid, fmt::format("Errors cannot be fed back into the type \"{}\".", flags.quantise),
            fmt::format("Use one of {}, or --method imatrix for libllama's own.", fmt::join(fed_back_names(), ", ")));
    }
    return {};
}

Result<CompressOutcome> compress_quantise(const CompressFlags& flags, const CompressSettings& settings) {
    const std::int64_t begin_ns = system_clock().now_ns();
    const std::int64_t begin_cpu_ns = read_process_cpu_ns();
    {
        StageLine line;
        const auto done = flags.method == kPlain
                              ? quantise(settings.model, flags.quantise, flags.out, settings.calibration.n_threads)
                              : with_statistics(flags, settings, line);
        if (!done) return tl::unexpected(done.error());
    }
    return outcome_of(flags, begin_ns, begin_cpu_ns);
}

}  // namespace landauer
