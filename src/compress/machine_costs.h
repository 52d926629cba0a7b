// What a model's passes cost on this machine, measured once and kept.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compress/kernel_costs.h"
#include "compress/model_passes.h"

namespace landauer {

// What the times hold for: the processor, its flags, the threads, llama.cpp's build, the model's shapes and types.
using CostKey = std::map<std::string, std::string>;
// What is measured beside the model's own shapes in its own types.
struct CostsOf {
    std::vector<std::string> types;  // ggml's names
    std::string factor_type;         // empty: no factors
};
[[nodiscard]] CostKey cost_key(const WeightFile& file, std::int32_t n_threads, const CostsOf& more = {});

struct MachineCosts {
    CostKey key;
    CostTable table;
    ModelPasses passes;
    std::string measured_at;  // UTC
    bool kept = false;        // from an earlier run
};

inline constexpr int kCostsVersion = 2;

// $XDG_CACHE_HOME/landauer/costs.
[[nodiscard]] std::filesystem::path costs_folder();
[[nodiscard]] std::filesystem::path costs_file(const std::filesystem::path& folder, const CostKey& key);

// Absent: no such file. Invalid: damaged, of another machine or model, from the future.
[[nodiscard]] Result<MachineCosts> read_costs(const std::filesystem::path& file, const CostKey& key);
// Whole or not at all. Denied, Failed: the file cannot be written.
[[nodiscard]] Result<void> write_costs(const std::filesystem::path& file, const MachineCosts& costs);

// 12 digits that name these times: of all that is written but when.
[[nodiscard]] std::string costs_hash(const MachineCosts& costs);

struct CostsSettings {
    std::filesystem::path model;
    std::filesystem::path folder;  // where they are kept
    std::int32_t n_threads = 1;
    CostsOf more;
    bool again = false;  // measure although there are some
    std::function<std::uint64_t()> memory;
};
// Kept ones, or measured now and kept. A file that cannot be read or written is said in `note` and costs only time.
[[nodiscard]] Result<MachineCosts> machine_costs(const CostsSettings& settings, const std::function<bool()>& abort,
                                                 const std::function<void(const std::string&, double)>& progress,
                                                 std::string& note);

}  // namespace landauer
