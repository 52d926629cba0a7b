// What on this machine would spoil a measurement, and what to do about it.
#pragma once

#include <landauer/caveat.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace landauer {

struct DoctorOptions {
    std::filesystem::path root = "/";
    double observe_s = 0.5;                     // how long other programs are watched; 0: not at all
    std::string compiler;                       // that llama.cpp was built with, "GCC 12.2.0"; empty: unknown
    std::function<void(double seconds)> sleep;  // empty: sleeps on the system's clock
};

// Findings, most severe first; none means that nothing was found. `note` is worth knowing,
// `warning` costs accuracy, `spoiled` makes figures wrong.
[[nodiscard]] std::vector<Caveat> diagnose(const DoctorOptions& options = {});

}  // namespace landauer
