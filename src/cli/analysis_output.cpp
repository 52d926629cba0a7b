#include "cli/analysis_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/command.h"
#include "platform/terminal.h"

namespace landauer {
namespace {

constexpr int kPlainWidth = 100;
constexpr const char* kSeeList = "See: landauer runs list";

Result<std::int64_t> find_run(const std::vector<RunSummary>& all, const std::string& name) {
    if (all.empty()) {
        return fail(ErrorKind::Invalid, "The store holds no run yet.", "Measure one with: landauer bench -m MODEL.gguf");
    }
    if (name == "last") {
        return std::max_element(all.begin(), all.end(),
                                [](const RunSummary& a, const RunSummary& b) { return a.run.id < b.run.id; })
            ->run.id;
    }
    std::int64_t id = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), id);
    const bool is_number = problem == std::errc() && end == name.data() + name.size();
    std::vector<std::int64_t> found;
    for (const RunSummary& summary : all) {
        if (is_number ? summary.run.id == id : summary.run.label == name) {
            found.push_back(summary.run.id);
        }
    }
    if (found.size() == 1) {
        return found.front();
    }
    if (found.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("The store holds no run \"{}\".", name), kSeeList);
    }
    return fail(ErrorKind::Invalid, fmt::format("{} runs carry the label \"{}\".", found.size(), name),
                fmt::format("Give the run's number. {}", kSeeList));
}

}  // namespace

Result<std::vector<std::int64_t>> find_runs(Store& store, const std::vector<std::string>& names) {
    auto all = store.list_runs();
    if (!all) {
        return tl::unexpected(all.error());
    }
    std::vector<std::int64_t> ids;
    for (const std::string& name : names.empty() ? std::vector<std::string>{"last"} : names) {
        auto id = find_run(*all, name);
        if (!id) {
            return tl::unexpected(id.error());
        }
        ids.push_back(*id);
    }
    return ids;
}

Result<AnalysedRuns> analyse_runs(Store& store, const std::vector<std::int64_t>& run_ids,
                                  const AnalysisOptions& options) {
    AnalysedRuns runs;
    for (const std::int64_t id : run_ids) {
        auto data = store.read_run(id);
        if (!data) {
            return tl::unexpected(data.error());
        }
        runs.data.push_back(std::move(*data));
    }
    for (const RunData& data : runs.data) {
        auto analysis = analyse_run(data, options);
        if (!analysis) {
            return tl::unexpected(analysis.error());
        }
        runs.analyses.push_back(std::move(*analysis));
    }
    return runs;
}

ReportOptions report_options(const std::filesystem::path& out) {
    ReportOptions options;
    const bool to_stdout = out.empty() || out == "-";
    options.colour = to_stdout && wants_colour(Stream::out);
    options.width = to_stdout ? terminal_width(Stream::out, kPlainWidth) : kPlainWidth;
    return options;
}

Result<void> write_report(const AnalysedRuns& runs, const std::string& format, const std::filesystem::path& out) {
    auto found = find_format(format);
    if (!found) {
        return tl::unexpected(found.error());
    }
    return write_output(out, found->write(runs.analyses, report_options(out)));
}

}  // namespace landauer
