#include "report/report.h"

#include <fmt/format.h>

#include "cli/analysis_output.h"
#include "cli/command.h"

namespace landauer {
namespace {

struct ReportCommandOptions {
    std::filesystem::path store = "landauer.db";
    std::vector<std::string> runs;
    std::string format;
    std::filesystem::path out;
};

// The format a file name asks for: report.html, table.md, ...
std::string format_of(const std::filesystem::path& file) {
    const std::string extension = file.extension().string();
    const std::string name = extension.empty() ? std::string() : extension.substr(1);
    return find_format(name) ? name : std::string();
}

Result<void> report(const ReportCommandOptions& options) {
    std::string format = options.format.empty() ? format_of(options.out) : options.format;
    if (format.empty()) {
        format = options.out.empty() ? "table" : "html";
    }
    auto runs = analyse_stored(options.store, options.runs);
    if (!runs) {
        return tl::unexpected(runs.error());
    }
    return write_report(*runs, format, options.out);
}

}  // namespace

void add_report_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("report", "Show or write a report of stored runs");
    auto options = std::make_shared<ReportCommandOptions>();
    add_store_option(*command, options->store);
    command->add_option("run", options->runs, "Runs by number or label (default: the last)");
    std::string formats;
    for (const ReportFormat& format : format_table()) {
        formats += fmt::format("{}{}", formats.empty() ? "" : ", ", format.name);
    }
    command->add_option("--format", options->format, "One of: " + formats + " (default: from the file's name)");
    command->add_option("-o,--out", options->out, "File to write (default: stdout)");
    command->footer(
        "Examples:\n"
        "  landauer report                          the last run as a table\n"
        "  landauer report 1 2 -o report.html       two runs in one offline HTML file\n"
        "  landauer report last --format csv        one line a trial, for your own analysis");
    command->callback([options, &context] {
        if (auto done = report(*options); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
