#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/command_words.h"
#include "platform/signals.h"

namespace {

int run(int argc, char** argv) {
    landauer::install_signal_handlers();
    CLI::App app{"What a prompt costs on your own CPU: measured, explained, predicted.", "landauer"};
    app.set_version_flag("--version", "landauer " LANDAUER_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Start with: landauer bench -m MODEL.gguf --report report.html\nHelp on a command: landauer bench --help");
    landauer::CommandContext context;
    context.command_line = landauer::quoted_command_line(argc, argv);
    landauer::add_all_commands(app, context);
    std::vector<std::string> words;  // last first, as CLI11 wants them
    for (int i = argc - 1; i > 0; --i) {
        words.push_back(landauer::long_form(argv[i]));
    }
    try {
        app.parse(std::move(words));
    } catch (const CLI::Success& wanted) {  // --help, --version
        return app.exit(wanted);
    } catch (const CLI::ParseError& wrong) {
        landauer::report_error(
            context, {landauer::ErrorKind::Invalid, wrong.what(), "See: landauer --help, or landauer COMMAND --help"});
    }
    return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& problem) {  // out of memory, say: everything measured is committed
        std::fprintf(stderr, "landauer: %s\n          What was measured is kept; the same command continues.\n",
                     problem.what());
    } catch (...) {
        std::fputs("landauer: something failed that has no name\n", stderr);
    }
    return 1;
}
