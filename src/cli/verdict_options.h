// How commands that make a model hold it against others at their end.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/compare_options.h"

namespace landauer {

struct VerdictFlags {
    bool none = false;
    std::string ladder = "quick";  // or "full", or how many of its prompts
    double contention_percent = 25.0;
    std::filesystem::path text;
};

// `against`: what the result is held against, for the help.
void add_verdict_options(CLI::App& command, const std::string& against, VerdictFlags& flags);

// A comparison of those models, base first: of a few prompts once each, or all of the ladder.
[[nodiscard]] CompareFlags verdict_compare(const VerdictFlags& flags, const std::vector<std::filesystem::path>& models);

// What it ran, for the page.
[[nodiscard]] std::string verdict_words(const VerdictFlags& flags);

}  // namespace landauer
