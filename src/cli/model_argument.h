// -m PATH and -hf ORG/REPO[:QUANT]: which file is meant. Never downloads.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace landauer {

// An environment variable's value; empty if unset.
using Getenv = std::function<std::string(const std::string& name)>;

// Folders that hold downloaded models, best first, in the order the common tools use.
[[nodiscard]] std::vector<std::filesystem::path> model_caches(const Getenv& getenv);

// The GGUF file of "org/repo" or "org/repo:quant" in those caches; without a quant
// Q4_K_M, else the only or first one. Absent if no cache holds it, Invalid if malformed.
[[nodiscard]] Result<std::filesystem::path> find_hf_model(const std::string& name, const Getenv& getenv);

// Comma lists and repeated flags to single paths.
[[nodiscard]] std::vector<std::string> split_commas(const std::vector<std::string>& given);

}  // namespace landauer
