// The flags of `landauer heal`.
#pragma once

#include <landauer/error.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/meter_options.h"
#include "cli/verdict_options.h"
#include "compress/heal/heal.h"

namespace landauer {

struct HealFlags {
    std::filesystem::path model;
    std::filesystem::path base;
    std::filesystem::path out;
    std::string budget = "5m";
    std::int64_t n_tokens = 0;
    std::string train = "scales";
    double rate = 1.0;
    std::vector<std::filesystem::path> texts;
    bool no_self = false;
    std::int32_t window_tokens = 256;
    std::int32_t held_out = 4;
    std::uint64_t seed = 1;
    std::int32_t n_threads = 0;
    std::filesystem::path work;
    bool force = false;
    bool allow_synthetic = false;
    MeterOptions meters;
    VerdictFlags verdict;
    std::filesystem::path report;
    bool json = false;
};

void add_heal_options(CLI::App& command, HealFlags& flags);

// "90s", "5m", "1h": seconds. Invalid: anything else, or none.
[[nodiscard]] Result<double> read_budget(const std::string& word);

// Reads the texts. Invalid: flags that contradict each other. Errors as reading files.
[[nodiscard]] Result<HealSettings> heal_settings(const HealFlags& flags);

}  // namespace landauer
