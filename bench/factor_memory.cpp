// Peak memory of a model of factors, against what stock libllama needs for a dense one of no more bytes (the same model
// with fewer layers): at most the file and that need. Each in a process of its own; it says so, or exits with 1.
//   bench_factor_memory DENSE.gguf TYPE SHARE..
// Each SHARE of a matrix's bytes (0.4) gives a file with random factors of TYPE beside DENSE, which should be of that
// type too (landauer synth).
#include <fmt/format.h>
#include <landauer/load_model.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "factor_files.h"
#include "llama.h"
#include "peak_memory.h"

namespace {

using namespace landauer;
using namespace landauer::bench;
namespace fs = std::filesystem;

constexpr int kPrompt = 256;
constexpr int kAnswer = 8;
constexpr int kRepetitions = 2;
constexpr double kMiB = 1024.0 * 1024.0;

// A prompt and an answer; 0: done.
int run(llama_model* model) {
    auto params = llama_context_default_params();
    params.n_ctx = kPrompt + kAnswer;
    params.n_batch = params.n_ubatch = kPrompt;
    params.n_threads = params.n_threads_batch = 2;
    llama_context* context = model == nullptr ? nullptr : llama_init_from_model(model, params);
    if (context == nullptr) return 1;
    std::vector<llama_token> tokens(kPrompt);
    for (int i = 0; i < kPrompt; ++i) tokens[static_cast<std::size_t>(i)] = i * 37 % 1000 + 11;
    bool good = llama_decode(context, llama_batch_get_one(tokens.data(), kPrompt)) == 0;
    for (int i = 0; good && i < kAnswer; ++i) good = llama_decode(context, llama_batch_get_one(tokens.data(), 1)) == 0;
    return good ? 0 : 1;
}

// The least of some runs: what else the machine does moves it up only.
double peak_of(const std::function<llama_model*()>& load) {
    double least = 1e18;
    for (int i = 0; i < kRepetitions; ++i) {
        const double peak = peak_rss_bytes([&] {
            llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
            ggml_backend_load_all();
            llama_backend_init();
            return run(load());
        });
        if (peak < 0.0) give_up("A model could not be run.");
        least = std::min(least, peak);
    }
    return least;
}

// In a process of its own as well, for what a parent has held counts for its children. Nothing: it failed.
void apart(const std::function<bool()>& work) {
    if (peak_rss_bytes([&] { return work() ? 0 : 1; }) < 0.0) give_up("The files could not be written.");
}

bool holds(const fs::path& dense, const std::string& type, double share) {
    const fs::path factors = dense.parent_path() / "bench-memory-factors.gguf";
    const fs::path fewer = dense.parent_path() / "bench-memory-fewer.gguf";
    apart([&] {
        const WeightFile source = must(WeightFile::open(dense));
        write_factors(source, type, share, factors);
        return write_first_layers(source, fs::file_size(factors), fewer) > 0;
    });
    const double file = static_cast<double>(fs::file_size(factors));
    const double ours = peak_of([&] {
        auto params = llama_model_default_params();
        params.n_gpu_layers = 0;
        return load_llama_model(factors, params).value_or(nullptr);
    });
    const double stock = peak_of([&] {
        auto params = llama_model_default_params();
        params.n_gpu_layers = 0;
        return llama_model_load_from_file(fewer.c_str(), params);
    });
    const bool good = ours <= file + stock;
    const double smaller = static_cast<double>(fs::file_size(fewer));
    fmt::print("| {} at {:.0f} % | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {} |\n", type, share * 100.0,
               file / kMiB, ours / kMiB, (ours - file) / kMiB, smaller / kMiB, stock / kMiB, (stock - smaller) / kMiB,
               good ? "yes" : "no");
    fs::remove(factors);
    fs::remove(fewer);
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        fmt::print(stderr, "usage: bench_factor_memory DENSE.gguf TYPE SHARE..\n");
        return 2;
    }
    fmt::print(
        "| MiB | factors | peak RSS | above the file | dense, no larger | stock's peak RSS | above the file | peak at "
        "most "
        "file and stock's |\n|---|---|---|---|---|---|---|---|\n");
    bool all = true;
    for (int i = 3; i < argc; ++i) all = holds(argv[1], argv[2], std::atof(argv[i])) && all;
    return all ? 0 : 1;
}
