#include "cli/command.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "platform/terminal.h"

namespace landauer {

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void talk(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

void report_error(CommandContext& context, const Error& error) {
    const bool colour = wants_colour(Stream::err);
    talk(fmt::format("{}landauer: {}{}\n", colour ? "\x1b[31m" : "", error.sentence, colour ? "\x1b[0m" : ""));
    if (!error.remedy.empty()) {
        talk(fmt::format("          {}\n", error.remedy));
    }
    context.exit_code = exit_code(error.kind);
}

void add_store_option(CLI::App& command, std::filesystem::path& store) {
    command.add_option("--store", store, "SQLite file that holds the measurements")->capture_default_str();
}

void add_verbose_option(CLI::App& command, CommandContext& context) {
    command.add_flag("-v,--verbose", context.verbose, "Show the engine's own log on stderr");
}

Result<void> write_output(const std::filesystem::path& file, std::string_view text) {
    if (file.empty() || file == "-") {
        errno = 0;
        const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
        if (!whole && errno != EPIPE) {  // a reader that went away (head, less) wanted no more
            return fail(ErrorKind::Failed, fmt::format("The output cannot be written: {}.", std::strerror(errno)),
                        "Free some space there, or name a file elsewhere with --out. What was measured is kept.");
        }
        return {};
    }
    // Beside its place first: a full disk must not cost an older report.
    const std::filesystem::path part = file.string() + ".part";
    {
        std::ofstream out(part, std::ios::binary | std::ios::trunc);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.flush();
        if (!out) {
            const std::string why = std::strerror(errno);
            std::error_code ignored;
            std::filesystem::remove(part, ignored);
            return fail(ErrorKind::Failed, fmt::format("{} cannot be written: {}.", file.string(), why),
                        "Choose another folder with --out, or free some space there.");
        }
    }
    std::error_code problem;
    std::filesystem::rename(part, file, problem);
    if (problem) {
        return fail(ErrorKind::Failed, fmt::format("{} cannot be replaced: {}.", file.string(), problem.message()),
                    "Choose another file name.");
    }
    return {};
}

}  // namespace landauer
