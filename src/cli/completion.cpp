#include <fmt/format.h>

#include <array>

#include "cli/command.h"

// Shell completion, made from the commands and options as they are declared, so that it
// cannot fall behind them.
namespace landauer {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::string option_words(const CLI::App& command) {
    std::string words;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words += "--" + name + " ";
        }
        for (const std::string& name : option->get_snames()) {
            words += "-" + name + " ";
        }
    }
    return words;
}

std::string command_words(const CLI::App& app) {
    std::string words;
    for (const CLI::App* command : commands_of(app)) {
        words += command->get_name() + " ";
    }
    return words;
}

std::string bash(const CLI::App& app) {
    std::string cases;
    for (const CLI::App* command : commands_of(app)) {
        cases += fmt::format("        {}) words='{}{}' ;;\n", command->get_name(), command_words(*command),
                             option_words(*command));
    }
    return fmt::format(
        "_landauer() {{\n"
        "    local current=${{COMP_WORDS[COMP_CWORD]}} words\n"
        "    case ${{COMP_WORDS[1]}} in\n{}"
        "        *) words='{}{}' ;;\n"
        "    esac\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        "}}\n"
        "complete -o default -F _landauer landauer\n",
        cases, command_words(app), option_words(app));
}

// zsh reads bash's completions through its own compatibility layer.
std::string zsh(const CLI::App& app) { return "autoload -U +X bashcompinit && bashcompinit\n" + bash(app); }

std::string fish(const CLI::App& app) {
    std::string out;
    for (const CLI::App* command : commands_of(app)) {
        out += fmt::format("complete -c landauer -n __fish_use_subcommand -a {} -d '{}'\n", command->get_name(),
                           command->get_description());
        for (const CLI::Option* option : command->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                out += fmt::format("complete -c landauer -n '__fish_seen_subcommand_from {}' -l {}\n",
                                   command->get_name(), name);
            }
        }
    }
    return out;
}

struct Shell {
    const char* name;
    std::string (*script)(const CLI::App& app);
};
constexpr std::array kShells = {Shell{"bash", bash}, Shell{"zsh", zsh}, Shell{"fish", fish}};

}  // namespace

void add_completion_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("completion", "Print a completion script for bash, zsh or fish");
    auto shell = std::make_shared<std::string>();
    command->add_option("shell", *shell, "bash, zsh or fish")->required();
    command->footer("Example:\n  landauer completion bash > ~/.local/share/bash-completion/completions/landauer");
    command->callback([shell, &app, &context] {
        for (const Shell& known : kShells) {
            if (*shell == known.name) {
                print(known.script(app));
                return;
            }
        }
        report_error(context, {ErrorKind::Invalid, fmt::format("There is no completion for \"{}\".", *shell),
                               "Choose one of: bash, zsh, fish."});
    });
}

}  // namespace landauer
