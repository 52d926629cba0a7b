// What every command shares: the common options, how results and errors reach the user.
#pragma once

#include <landauer/error.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace landauer {

struct CommandContext {
    int exit_code = 0;
    bool verbose = false;
    std::string command_line;  // as typed, quoted for a shell
};

// stdout is data, stderr is talk.
void print(std::string_view text);
void talk(std::string_view text);
// One sentence and a remedy on stderr; sets the exit code of the error's kind.
void report_error(CommandContext& context, const Error& error);

// Options that mean the same in every command that has them.
void add_store_option(CLI::App& command, std::filesystem::path& store);
void add_verbose_option(CLI::App& command, CommandContext& context);

// Text to `file`, or to stdout when it is empty or "-". Never leaves half a file behind.
[[nodiscard]] Result<void> write_output(const std::filesystem::path& file, std::string_view text);

// One command each; the table of commands is in commands.cpp.
void add_bench_command(CLI::App& app, CommandContext& context);
void add_compare_command(CLI::App& app, CommandContext& context);
void add_compress_command(CLI::App& app, CommandContext& context);
void add_heal_command(CLI::App& app, CommandContext& context);
void add_import_command(CLI::App& app, CommandContext& context);
void add_laws_command(CLI::App& app, CommandContext& context);
void add_predict_command(CLI::App& app, CommandContext& context);
void add_score_command(CLI::App& app, CommandContext& context);
void add_report_command(CLI::App& app, CommandContext& context);
void add_runs_command(CLI::App& app, CommandContext& context);
void add_meters_command(CLI::App& app, CommandContext& context);
void add_doctor_command(CLI::App& app, CommandContext& context);
void add_selftest_command(CLI::App& app, CommandContext& context);
void add_synth_command(CLI::App& app, CommandContext& context);
void add_completion_command(CLI::App& app, CommandContext& context);
void add_man_command(CLI::App& app, CommandContext& context);
void add_all_commands(CLI::App& app, CommandContext& context);

}  // namespace landauer
