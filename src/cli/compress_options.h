// The flags of `landauer compress`.
#pragma once

#include <landauer/error.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/meter_options.h"
#include "cli/verdict_options.h"
#include "compress/pipeline.h"

namespace landauer {

struct CompressFlags {
    std::filesystem::path model;
    std::string import_type;  // of a Hugging Face folder's matrices; empty: as they are
    std::string import_pre;
    std::string hf;
    std::filesystem::path out;
    std::string remove;  // "20%" of the blocks' parameters
    std::string format = "stock";
    bool expand = false;
    std::string expand_type = "f16";
    std::string target_bytes;  // of the file: "80M", "75%"
    std::string target;        // of the time or the energy: "decode:1.5x"
    std::string mix = "512:128";
    bool measure_again = false;
    MeterOptions meters;
    std::string quantise;  // "Q4_0": the same shapes in that type
    std::string method = "feedback";
    std::string ways = "neurons,heads,layers";
    std::string types;  // "Q4_0,IQ4_NL": what layers may be stored in instead
    std::string type;   // what all are to be stored in
    std::vector<std::filesystem::path> texts;
    bool no_self = false;
    std::int32_t n_windows = 32;
    std::int32_t n_gradient_windows = 16;
    std::int32_t window_tokens = 512;
    std::int32_t n_threads = 0;
    std::uint64_t seed = 1;
    std::filesystem::path statistics;
    std::filesystem::path work;
    bool profile = false;
    bool dry_run = false;
    bool force = false;
    bool allow_synthetic = false;
    bool allow_compressed = false;
    VerdictFlags verdict;
    std::string heal;  // "5m": the time for it; empty: not healed
    std::filesystem::path report;
    bool json = false;
};

void add_compress_options(CLI::App& command, CompressFlags& flags);

// "20%", "0.2": a share. Invalid: anything else.
[[nodiscard]] Result<double> read_share(const std::string& word);
// "80M", "1.5G", "83886080": bytes, decimal units as disks have them.
[[nodiscard]] Result<std::uint64_t> read_bytes(const std::string& word);

// Flags that contradict each other or lack what they need. Invalid.
[[nodiscard]] Result<void> check_flags(const CompressFlags& flags);

// Reads the texts. Errors as reading files.
[[nodiscard]] Result<CompressSettings> compress_settings(const CompressFlags& flags);

// What factors are stored in, by ggml's name; empty: --type is no such type.
[[nodiscard]] std::string factor_type(const CompressFlags& flags);

// Where the stages are kept.
[[nodiscard]] std::filesystem::path work_folder(const CompressFlags& flags);

}  // namespace landauer
