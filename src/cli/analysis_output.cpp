#include "cli/analysis_output.h"

#include "cli/command.h"
#include "platform/terminal.h"

namespace landauer {
namespace {

constexpr int kPlainWidth = 100;

Result<std::vector<std::int64_t>> find_runs(Store& store, const std::vector<std::string>& names) {
    std::vector<std::int64_t> ids;
    for (const std::string& name : names.empty() ? std::vector<std::string>{"last"} : names) {
        auto id = store.find_run(name);
        if (!id) {
            return tl::unexpected(id.error());
        }
        ids.push_back(*id);
    }
    return ids;
}

}  // namespace

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

Result<AnalysedRuns> analyse_stored(const std::filesystem::path& store_file, const std::vector<std::string>& names) {
    auto store = Store::open_existing(store_file);
    if (!store) {
        return tl::unexpected(store.error());
    }
    auto ids = find_runs(*store, names);
    if (!ids) {
        return tl::unexpected(ids.error());
    }
    return analyse_runs(*store, *ids);
}

Result<AnalysedRuns> analyse_image_runs(const std::filesystem::path& store_file, const std::string& model) {
    auto store = Store::open_existing(store_file);
    if (!store) {
        return tl::unexpected(store.error());
    }
    const auto all = store->list_runs();
    if (!all) {
        return tl::unexpected(all.error());
    }
    std::vector<std::int64_t> ids;
    for (const RunSummary& summary : *all) {
        const RunRecord& run = summary.run;
        if (run.settings.contains("image") && (model.empty() || run.model.name == model)) {
            ids.push_back(run.id);
        }
    }
    AnalysisOptions coarse;  // what is asked of them is their answers, not their costs' intervals
    coarse.bootstrap = 100;
    return analyse_runs(*store, ids, coarse);
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
