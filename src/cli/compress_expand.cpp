#include "cli/compress_expand.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/compress_factors_view.h"
#include "cli/stage_line.h"
#include "compress/expand_factors.h"
#include "core/clock.h"
#include "gguf/factor_format.h"
#include "gguf/hf/folder.h"
#include "gguf/summary.h"
#include "platform/process_clocks.h"
#include "platform/signals.h"
#include "platform/topology.h"
#include "tensor/products.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

bool has_size(const CompressFlags& flags) {
    return !flags.remove.empty() || !flags.target_bytes.empty() || !flags.target.empty() || !flags.quantise.empty();
}

// Options that say how a model is made smaller, of which nothing is left to say.
std::vector<const char*> out_of_place(const CompressFlags& flags) {
    const CompressFlags usual;
    const std::array<std::pair<const char*, bool>, 20> given = {{
        {"--remove", !flags.remove.empty()},
        {"--target-bytes", !flags.target_bytes.empty()},
        {"--target", !flags.target.empty()},
        {"--quantise", !flags.quantise.empty()},
        {"--heal", !flags.heal.empty()},
        {"--types", !flags.types.empty()},
        {"--type", !flags.type.empty()},
        {"--ways", flags.ways != usual.ways},
        {"--text", !flags.texts.empty()},
        {"--no-self", flags.no_self},
        {"--windows", flags.n_windows != usual.n_windows},
        {"--window-tokens", flags.window_tokens != usual.window_tokens},
        {"--gradient-windows", flags.n_gradient_windows != usual.n_gradient_windows},
        {"--statistics", !flags.statistics.empty()},
        {"--work", !flags.work.empty()},
        {"--profile", flags.profile},
        {"--dry-run", flags.dry_run},
        {"--report", !flags.report.empty()},
        {"--verdict", flags.verdict.ladder != usual.verdict.ladder},
        {"--meter", !flags.meters.meters.empty() && !wants_no_joules(flags.meters)},
    }};
    std::vector<const char*> names;
    for (const auto& [name, is_given] : given) {
        if (is_given) names.push_back(name);
    }
    return names;
}

Result<void> check(const CompressFlags& flags) {
    if (const auto names = out_of_place(flags); !names.empty()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is multiplied out as it is, so {} {} nothing here.", flags.model.string(),
                                fmt::join(names, ", "), names.size() == 1 ? "does" : "do"),
                    "landauer compress -m FACTORS.gguf --expand -o DENSE.gguf, with --expand-type f32 where wanted.");
    }
    if (flags.out.empty()) {
        return fail(ErrorKind::Invalid, "No file to write is named.",
                    "landauer compress -m FACTORS.gguf --expand -o DENSE.gguf");
    }
    std::error_code ignored;
    if (fs::equivalent(flags.model, flags.out, ignored)) {
        return fail(ErrorKind::Invalid, fmt::format("{} cannot be written onto itself.", flags.model.string()),
                    "Write to another file.");
    }
    return {};
}

Result<std::uint64_t> expand_to(const WeightFile& source, const CompressFlags& flags) {
    set_product_threads(flags.n_threads > 0 ? flags.n_threads : std::max(1, read_topology().usable_cores()));
    StageLine line;
    Expanding how;
    how.type = flags.expand_type;
    how.replace = flags.force;
    how.abort = &interrupt_requested;
    how.done = [&line](double share) { line.show("multiplying out", share); };
    auto bytes = expand_factors(source, how, flags.out);
    line.end();
    return bytes;
}

}  // namespace

bool expands_file(const CompressFlags& flags) {
    if (!flags.expand || is_hf_folder(flags.model)) return false;
    const auto summary = inspect_gguf(flags.model);
    return summary ? has_factors(*summary) : !has_size(flags) && !flags.profile && !flags.dry_run;
}

Result<void> expand_file(const CompressFlags& flags) {
    const std::int64_t begin_ns = system_clock().now_ns();
    const std::int64_t begin_cpu_ns = read_process_cpu_ns();
    if (auto good = check(flags); !good) return good;
    const auto source = WeightFile::open(flags.model);
    if (!source) return tl::unexpected(source.error());
    const auto bytes = expand_to(*source, flags);
    if (!bytes) return tl::unexpected(bytes.error());
    CompressOutcome outcome;
    outcome.source = flags.model.filename().string();
    outcome.out = flags.out.string();
    outcome.source_bytes = source->summary().file_bytes;
    outcome.out_bytes = *bytes;
    outcome.cpu_s = static_cast<double>(read_process_cpu_ns() - begin_cpu_ns) * 1e-9;
    outcome.wall_s = static_cast<double>(system_clock().now_ns() - begin_ns) * 1e-9;
    if (!flags.json) {
        print(factors_outcome_text(outcome, true));
        return {};
    }
    const nlohmann::json said = {{"source", outcome.source},
                                 {"out", outcome.out},
                                 {"expanded", true},
                                 {"type", flags.expand_type},
                                 {"source_bytes", outcome.source_bytes},
                                 {"out_bytes", outcome.out_bytes},
                                 {"cpu_s", outcome.cpu_s},
                                 {"wall_s", outcome.wall_s}};
    print(said.dump(2) + "\n");
    return {};
}

}  // namespace landauer
