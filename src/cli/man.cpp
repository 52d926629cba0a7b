#include <fmt/format.h>

#include "cli/command.h"

// The man page, made from the commands and options as they are declared.
namespace landauer {
namespace {

// Text as roff wants it: backslashes and hyphens escaped, no line that starts as a request.
std::string roff(const std::string& text) {
    std::string out;
    bool at_line_start = true;
    for (const char c : text) {
        if (at_line_start && (c == '.' || c == '\'')) {
            out += "\\&";
        }
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        at_line_start = c == '\n';
    }
    return out;
}

std::string options_section(const CLI::App& command) {
    std::string out;
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_group().empty()) {
            continue;
        }
        out +=
            fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(option->get_name(false, true)), roff(option->get_description()));
    }
    return out;
}

std::string command_section(const CLI::App& command) {
    std::string out = fmt::format(".SS landauer {}\n{}.\n", roff(command.get_name()), roff(command.get_description()));
    out += options_section(command);
    if (!command.get_footer().empty()) {
        out += fmt::format(".PP\n.nf\n{}\n.fi\n", roff(command.get_footer()));
    }
    return out;
}

std::string page(const CLI::App& app) {
    std::string out = fmt::format(
        ".TH LANDAUER 1 \"\" \"landauer {}\" \"User Commands\"\n"
        ".SH NAME\nlandauer \\- what a prompt costs on your own CPU\n"
        ".SH SYNOPSIS\n.B landauer\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
        ".SH DESCRIPTION\n{}\n.SH COMMANDS\n",
        LANDAUER_VERSION, roff(app.get_description()));
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        out += command_section(*command);
    }
    out +=
        ".SH EXIT STATUS\n0: done. 1: something failed. 2: bad usage or input. 3: a gate said no. 130: interrupted.\n"
        ".SH ENVIRONMENT\nNO_COLOR: no colour. HF_HUB_CACHE, HF_HOME, LLAMA_CACHE, XDG_CACHE_HOME: where models are "
        "looked for.\n";
    return out;
}

}  // namespace

void add_man_command(CLI::App& app, CommandContext& /*context*/) {
    auto* const command = app.add_subcommand("man", "Print the manual page");
    command->footer("Example:\n  landauer man | man -l -");
    command->callback([&app] { print(page(app)); });
}

}  // namespace landauer
