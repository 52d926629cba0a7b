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

void doctor(DoctorOptions& options) {
    const auto facts = make_llama_engine()->facts();
    const auto compiler = facts.find("llama_compiler");
    options.compiler = compiler == facts.end() ? std::string() : compiler->second;
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
