#include <fmt/format.h>
#include <landauer/meter.h>

#include "cli/command.h"

namespace landauer {
namespace {

struct MetersOptions {
    std::filesystem::path root = "/";
};

std::string describe(const Meter& meter) {
    const MeterInfo& info = meter.info();
    std::string channels;
    for (const Channel& channel : info.channels) {
        channels += fmt::format("{}{}", channels.empty() ? "" : ", ", channel.name);
    }
    std::string out = fmt::format("{:<10} {}\n           {}\n", info.name, info.covers, channels);
    return out;
}

std::string explain(const std::string& name, const Error& why) {
    return fmt::format("{:<10} {}: {}\n           {}\n", name, landauer::name(why.kind), why.sentence, why.remedy);
}

void meters(const MetersOptions& options) {
    const auto probes = probe_meters(options.root);
    std::string readable;
    std::string missing;
    bool any_energy = false;
    for (const MeterProbe& probe : probes) {
        if (probe.meter) {
            readable += describe(**probe.meter);
            any_energy = any_energy || (*probe.meter)->info().is_energy();
        } else {
            missing += explain(probe.name, probe.meter.error());
        }
    }
    print("Readable here:\n" + readable);
    if (!missing.empty()) {
        print("\nNot readable here:\n" + missing);
    }
    if (!any_energy) {
        print("\nThis machine shows no energy meter, so a bench reports time, CPU and memory and no joules.\n");
    }
}

}  // namespace

void add_meters_command(CLI::App& app, CommandContext& /*context*/) {
    auto* const command = app.add_subcommand("meters", "What can be read on this machine, and what is missing");
    auto options = std::make_shared<MetersOptions>();
    command->add_option("--root", options->root, "Read another system root (for a copied /sys and /proc)")->group("");
    command->footer("Example:\n  landauer meters");
    command->callback([options] { meters(*options); });
}

}  // namespace landauer
