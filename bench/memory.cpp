// Peak memory of the landauer program above what libllama itself needs for the same work:
// each in a process of its own, peak resident set as the kernel counts it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "llama.h"
#include "parity_reference.h"
#include "peak_memory.h"

namespace {

constexpr int kRepetitions = 3;
constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kLimitMiB = 20.0;

// llama-bench's pp512 and tg64 on bare libllama.
int bare_libllama(const std::string& file) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_model* const model = llama_model_load_from_file(file.c_str(), llama_model_default_params());
    if (model == nullptr) {
        return 1;
    }
    for (const landauer::ReferenceTest& test : {landauer::ReferenceTest{512, 0}, landauer::ReferenceTest{0, 64}}) {
        landauer::Reference reference(model, test);
        if (!reference.is_ready() || reference.repetition(1) == 0) {
            return 1;
        }
    }
    llama_model_free(model);
    return 0;
}

int whole_program(const std::string& program, const std::string& file) {
    const std::string store = std::filesystem::temp_directory_path() / fmt::format("landauer-memory-{}.db", getpid());
    const std::string command = fmt::format(
        "exec '{}' bench -m '{}' --store '{}' --protocol grid -p 512 -n 64 -r 1 -t 1 --idle 1 --idle-cap 1 --cooldown "
        "0 "
        "--contention-limit 100000 >/dev/null 2>&1",
        program, file, store);
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        fmt::print(stderr, "usage: bench_memory LANDAUER MODEL.gguf\n");
        return 2;
    }
    const std::string program = argv[1];
    const std::string model = argv[2];
    double bare = 1e18;
    double whole = 1e18;
    for (int i = 0; i < kRepetitions; ++i) {  // in turn; the least of each: page cache moves it up only
        const double a = landauer::bench::peak_rss_bytes([&] { return bare_libllama(model); });
        const double b = landauer::bench::peak_rss_bytes([&] { return whole_program(program, model); });
        if (a < 0.0 || b < 0.0) {
            fmt::print(stderr, "bench_memory: {} failed\n", a < 0.0 ? "bare libllama" : program);
            return 1;
        }
        bare = std::min(bare, a);
        whole = std::min(whole, b);
    }
    const double above = (whole - bare) / kMiB;
    fmt::print("| pp512 and tg64, one thread | peak RSS, MiB |\n|---|---|\n");
    fmt::print("| bare libllama | {:.1f} |\n| landauer bench | {:.1f} |\n| above | {:.1f} |\n\n", bare / kMiB,
               whole / kMiB, above);
    fmt::print("Under {:.0f} MiB above: {}.\n", kLimitMiB, above < kLimitMiB ? "yes" : "no");
    return above < kLimitMiB ? 0 : 1;
}
