#include "meters/doctor.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "engine/engine.h"
#include "platform/terminal.h"

namespace landauer {
namespace {

struct SeverityLook {
    const char* word;
    const char* colour;
};

SeverityLook look_of(Severity severity) {
    switch (severity) {
        case Severity::spoiled:
            return {"spoils", "\x1b[31m"};
        case Severity::warning:
            return {"warning", "\x1b[33m"};
        case Severity::note:
            return {"note", "\x1b[36m"};
    }
    return {"note", ""};
}

std::string words(const Caveat& finding, bool colour) {
    const SeverityLook look = look_of(finding.severity);
    return fmt::format("{}{:<8}{} {}\n         {}\n", colour ? look.colour : "", look.word, colour ? "\x1b[0m" : "",
                       finding.sentence, finding.remedy);
}

// "GCC 12.2.0" out of "c++ (Debian 12.2.0-14) 12.2.0, native, ...", the first line of the
// compiler's --version; empty for clang and for builds that nobody recorded.
std::string gcc_version(const std::string& llama_build) {
    const std::size_t end = llama_build.find(") ");
    if (llama_build.find("clang") != std::string::npos || end == std::string::npos) {
        return {};
    }
    const std::string rest = llama_build.substr(end + 2);
    return "GCC " + rest.substr(0, rest.find(','));
}

void doctor(DoctorOptions& options) {
    const auto facts = make_llama_engine()->facts();
    if (const auto build = facts.find("llama_build"); build != facts.end()) {
        options.compiler = gcc_version(build->second);
    }
    const std::vector<Caveat> findings = diagnose(options);
    const bool colour = wants_colour(Stream::out);
    for (const Caveat& finding : findings) {
        print(words(finding, colour));
    }
    print(findings.empty()
              ? "Nothing here would spoil a measurement.\n"
              : fmt::format("\n{} findings. A bench stores those that touch it with its results.\n", findings.size()));
}

}  // namespace

void add_doctor_command(CLI::App& app, CommandContext& /*context*/) {
    auto* const command =
        app.add_subcommand("doctor", "What on this machine would spoil a measurement, and the remedy");
    auto options = std::make_shared<DoctorOptions>();
    command->add_option("--watch", options->observe_s, "Seconds to watch for other busy programs")
        ->capture_default_str();
    command->add_option("--root", options->root, "Look at another system root")->group("");
    command->footer("Example:\n  landauer doctor");
    command->callback([options] { doctor(*options); });
}

}  // namespace landauer
