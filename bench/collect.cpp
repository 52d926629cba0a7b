// How long statistics of a model take by stage, how much memory, and what was said of it beforehand; beside it the
// bare speed of the matrix products that they are made of.
//   bench_collect MODEL [TEXT [WINDOWS [TOKENS [THREADS [stock]]]]]
#include "compress/collect.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "engine/engine.h"
#include "gguf/weights.h"
#include "grad/decoder.h"
#include "tensor/products.h"

namespace {

using namespace landauer;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

std::vector<std::int32_t> tokens_of(const std::string& model, const std::string& text_file) {
    TrialRequest request;
    request.chat_template = false;
    std::ifstream stream(text_file, std::ios::binary);
    request.text = std::string(std::istreambuf_iterator<char>(stream), {});
    const auto vocabulary = open_vocabulary(model);
    if (!vocabulary) return {};
    return (*vocabulary)->tokenize(request).value_or(std::vector<Token>{});
}

std::vector<std::vector<std::int32_t>> windows_of(const std::string& model, const std::string& text_file,
                                                  std::size_t n_windows, std::size_t n_tokens) {
    std::vector<std::int32_t> tokens = tokens_of(model, text_file);
    std::mt19937 random(1);
    while (tokens.size() < n_windows * n_tokens) tokens.push_back(static_cast<std::int32_t>(random() % 1000));
    std::vector<std::vector<std::int32_t>> windows(n_windows);
    for (std::size_t w = 0; w < n_windows; ++w) {
        const auto first = tokens.begin() + static_cast<std::ptrdiff_t>(w * n_tokens);
        windows[w].assign(first, first + static_cast<std::ptrdiff_t>(n_tokens));
    }
    return windows;
}

// Gflop in a CPU second, of a product as a window of this model has it.
double product_speed(const std::string& model, std::size_t n_tokens) {
    const auto file = WeightFile::open(model);
    const auto shape = file ? decoder_shape(*file) : tl::unexpected(file.error());
    if (!shape) return 0.0;
    const MatrixF in(n_tokens, shape->n_embd);
    const MatrixF weights(shape->n_ff[0], shape->n_embd);
    MatrixF out(n_tokens, shape->n_ff[0]);
    set_product_threads(1);
    const double start = cpu_seconds();
    double n = 0.0;
    for (; cpu_seconds() - start < 2.0; ++n) multiply(in, Turn::No, weights, Turn::Yes, out);
    return 2e-9 * n * static_cast<double>(weights.values().size() * n_tokens) / (cpu_seconds() - start);
}

int measure(const std::vector<std::string>& args) {
    const auto number = [&args](std::size_t i, std::size_t other) {
        return args.size() > i ? std::stoul(args[i]) : other;
    };
    const std::string text = args.size() > 1 ? args[1] : "";
    const std::size_t n_windows = number(2, 16);
    const std::size_t n_tokens = number(3, 512);
    CollectSettings settings;
    settings.n_threads = static_cast<std::int32_t>(number(4, 2));
    settings.all_gradients = args.size() < 6;
    const auto windows = windows_of(args[0], text, n_windows, n_tokens);
    const auto needs =
        collect_needs(args[0], static_cast<std::int64_t>(n_windows), static_cast<std::int64_t>(n_tokens), settings);
    const auto out = std::filesystem::temp_directory_path() / "bench_collect.statistics.gguf";
    std::string stage;
    Clock::time_point start = Clock::now();
    const Clock::time_point begin = start;
    const auto tell = [&](const std::string& next) {
        if (next == stage) return;
        if (!stage.empty()) fmt::print("{:9} {:6.1f} s\n", stage, seconds_since(start));
        stage = next;
        start = Clock::now();
    };
    const double cpu = cpu_seconds();
    const auto done = collect_statistics(args[0], windows, settings, out, {},
                                         [&](const CollectProgress& progress) { tell(progress.stage); });
    tell("end");
    if (!done || !needs) {
        fmt::print("{}\n", done ? needs.error().sentence : done.error().sentence);
        return 1;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double wall = seconds_since(begin);
    const double cpu_used = cpu_seconds() - cpu;
    fmt::print("all       {:6.1f} s, {:.1f} CPU seconds, {} tokens on {} threads\n", wall, cpu_used,
               n_windows * n_tokens, settings.n_threads);
    fmt::print("memory    {:6.0f} MiB at most ({:.0f} said beforehand)\n",
               static_cast<double>(usage.ru_maxrss) / 1024.0, static_cast<double>(needs->memory_bytes) / 1048576.0);
    fmt::print("file      {:6.0f} MB ({:.0f} said beforehand)\n",
               static_cast<double>(std::filesystem::file_size(out)) / 1e6,
               static_cast<double>(needs->file_bytes) / 1e6);
    fmt::print("speed     {:6.1f} Gflop in a CPU second, of {:.2f} Tflop; a bare product makes {:.1f}\n",
               needs->flops / cpu_used / 1e9, needs->flops / 1e12, product_speed(args[0], n_tokens));
    std::filesystem::remove(out);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.empty()) {
        fmt::print("bench_collect MODEL [TEXT [WINDOWS [TOKENS [THREADS [stock]]]]]\n");
        return 2;
    }
    return measure(args);
}
