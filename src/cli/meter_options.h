// --meter, with one meaning in every command that has it.
#pragma once

#include <landauer/meter.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace landauer {

struct MeterOptions {
    std::vector<std::string> meters;  // NAME or NAME:ARGUMENT; "none": no joules
};

void add_meter_option(CLI::App& command, MeterOptions& options);

[[nodiscard]] bool wants_no_joules(const MeterOptions& options);
// Requests of the named meters; Invalid for unknown names, or "none" beside others.
[[nodiscard]] Result<MeterSources> meter_sources(const MeterOptions& options, const std::filesystem::path& root = "/");
// The names alone, in the order given: what an analysis prefers.
[[nodiscard]] std::vector<std::string> meter_names(const MeterOptions& options);

}  // namespace landauer
