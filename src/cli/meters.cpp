#include <fmt/format.h>

#include "cli/command.h"
#include "cli/meter_options.h"
#include "cli/meters_view.h"

namespace landauer {
namespace {

struct MetersOptions {
    MeterOptions meters;
    std::filesystem::path root = "/";
    double watch_s = 0.5;
    bool explain = false;
    bool grant = false;
    std::string format = "table";
};

Result<void> meters(const MetersOptions& options) {
    auto sources = meter_sources(options.meters, options.root);
    if (!sources) {
        return tl::unexpected(sources.error());
    }
    const MetersView view = view_meters(*sources, options.watch_s, meter_names(options.meters));
    if (options.grant) {
        print(grants_text(view));
    } else if (options.format == "json") {
        print(meters_json(view));
    } else {
        print(meters_text(view, {options.explain}));
    }
    return {};
}

}  // namespace

void add_meters_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("meters", "What can be read on this machine, and what is missing");
    auto options = std::make_shared<MetersOptions>();
    add_meter_option(*command, options->meters);
    command->add_flag("--explain", options->explain,
                      "Every rail: counted or not, and why; every missing meter's reason");
    command->add_flag("--grant", options->grant,
                      "Print (never run) what gives access to denied meters, and what it opens");
    command->add_option("--watch", options->watch_s, "Seconds to watch each energy meter")
        ->check(CLI::Range(0.0, 600.0))
        ->capture_default_str();
    command->add_option("-o,--output", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->add_option("--root", options->root, "Read another system root (for a copied /sys and /proc)")->group("");
    command->footer("Example:\n  landauer meters --explain");
    command->callback([options, &context] {
        if (auto done = meters(*options); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
