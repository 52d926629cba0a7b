#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "platform/signals.h"

namespace {

// A command line that a shell reads back as the same words.
std::string quoted(int argc, char** argv) {
    std::string line;
    for (int i = 0; i < argc; ++i) {
        const std::string word = i == 0 ? "landauer" : argv[i];
        const bool plain = !word.empty() && word.find_first_not_of(
                                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                "0123456789_-./=,:+@%") == std::string::npos;
        line += i == 0 ? "" : " ";
        if (plain) {
            line += word;
            continue;
        }
        line += '\'';
        for (const char c : word) {
            line += c == '\'' ? std::string("'\\''") : std::string(1, c);
        }
        line += '\'';
    }
    return line;
}

// llama.cpp's flags of several letters after one dash, which CLI11 would read as -p g.
std::string long_form(std::string_view word) {
    constexpr std::array<std::string_view, 7> kFlags = {"-pg", "-ub", "-fa", "-ctk", "-ctv", "-lm", "-hf"};
    for (const std::string_view flag : kFlags) {
        if (word == flag || word.substr(0, flag.size() + 1) == std::string(flag) + "=") {
            return "-" + std::string(word);
        }
    }
    return std::string(word);
}

}  // namespace

int main(int argc, char** argv) {
    landauer::install_signal_handlers();
    CLI::App app{"What a prompt costs on your own CPU: measured, explained, predicted.", "landauer"};
    app.set_version_flag("--version", "landauer " LANDAUER_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Start with: landauer bench -m MODEL.gguf --report report.html\nHelp on a command: landauer bench --help");
    landauer::CommandContext context;
    context.command_line = quoted(argc, argv);
    landauer::add_all_commands(app, context);
    std::vector<std::string> words;  // last first, as CLI11 wants them
    for (int i = argc - 1; i > 0; --i) {
        words.push_back(long_form(argv[i]));
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
