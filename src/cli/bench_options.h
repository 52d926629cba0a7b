// The flags of `landauer bench`; llama-bench's names and meanings where it has them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/image_options.h"
#include "cli/meter_options.h"
#include "engine/engine.h"
#include "plan/plan.h"

namespace landauer {

struct BenchOptions {
    std::vector<std::string> models;
    std::vector<std::string> hf_models;
    std::string protocol = "quick";
    std::filesystem::path prompts;
    int ladder = 0;  // so many of the built-in prompts, spread over their lengths; 0: all
    ImageOptions images;
    bool no_chat_template = false;
    bool stop_at_end = false;
    bool prefix_cache = false;

    std::vector<std::string> n_prompt;
    std::vector<std::string> n_gen;
    std::vector<std::string> pairs;
    std::vector<std::string> n_depth;
    std::vector<std::string> n_batch;
    std::vector<std::string> n_ubatch;
    std::vector<std::string> n_threads;
    std::vector<std::string> flash_attn;
    std::vector<std::string> type_k;
    std::vector<std::string> type_v;
    std::vector<std::string> load_mode;
    std::int32_t n_ctx = 0;
    bool no_repack = false;
    std::optional<int> repetitions;  // else the protocol's
    int pieces = 1;
    int least_turns = 0;  // of a model over all repetitions, as far as the prompts allow; 0: `pieces` says it
    int priority = 0;
    std::optional<double> delay_s;  // else the protocol's
    bool no_warmup = false;

    float temperature = 0.0F;
    int top_k = 40;
    float top_p = 0.95F;
    std::uint32_t seed = 1;

    std::optional<double> rate_hz;  // else the protocol's
    std::optional<double> idle_s;
    std::optional<double> idle_cap_s;
    double cooldown_s = 5.0;
    int max_attempts = 3;
    double contention_percent = 25.0;
    bool strict = false;
    MeterOptions meters;
    bool staircase = false;
    std::optional<double> target_error_percent;
    bool rerun = false;
    bool dry_run = false;

    std::filesystem::path store = "landauer.db";
    std::string label;
    std::string format = "table";
    std::filesystem::path out;
    std::filesystem::path report;
    bool progress = false;
};

void add_bench_options(CLI::App& command, BenchOptions& options);
// All of them but the models and what is written of the results; leaves the group "Output" open.
void add_run_options(CLI::App& command, BenchOptions& options);
// For options that take "2%" and "2" alike.
[[nodiscard]] CLI::Validator without_percent_sign();

// The settings of every combination of the list-valued flags, for one model file.
[[nodiscard]] Result<std::vector<EngineSettings>> settings_of(const BenchOptions& options,
                                                              const std::filesystem::path& model,
                                                              std::int32_t default_threads);
// What distinguishes two runs of one model, under llama-bench's field names.
[[nodiscard]] std::map<std::string, std::string> settings_fields(const EngineSettings& settings,
                                                                 const BenchOptions& options);
// The plan's request but for its models; Invalid for flags that contradict the protocol. `pictures`: null, or the
// image ladder that takes the prompts' place.
[[nodiscard]] Result<PlanRequest> plan_request_of(const BenchOptions& options, const Protocol& protocol,
                                                  const ImageLadder* pictures);

}  // namespace landauer
