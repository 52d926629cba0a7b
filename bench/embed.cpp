// Embeds the lines of a file: how long it takes, and the vectors themselves for what checks them.
//   bench_embed MODEL [--threads N] [--quiet] TEXTS
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "engine/embedder.h"

namespace {

std::vector<std::string> lines_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

int failed(const landauer::Error& error) {
    fmt::print(stderr, "error: {}\nremedy: {}\n", error.sentence, error.remedy);
    return landauer::exit_code(error.kind);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto quiet = std::find(arguments.begin(), arguments.end(), "--quiet");
    const bool prints = quiet == arguments.end();
    if (!prints) arguments.erase(quiet);
    landauer::EmbedderSettings settings;
    if (const auto at = std::find(arguments.begin(), arguments.end(), "--threads"); arguments.end() - at >= 2) {
        settings.n_threads = std::atoi((at + 1)->c_str());
        arguments.erase(at, at + 2);
    }
    if (arguments.size() != 2) {
        fmt::print(stderr, "usage: bench_embed MODEL [--threads N] [--quiet] TEXTS\n");
        return 2;
    }
    settings.model = arguments[0];
    const auto texts = lines_of(arguments[1]);
    const auto embedder = landauer::open_embedder(settings);
    if (!embedder) return failed(embedder.error());
    const auto started = std::chrono::steady_clock::now();
    const auto embeddings = (*embedder)->embed(texts, {});
    if (!embeddings) return failed(embeddings.error());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    int n_left_out = 0;
    for (const auto& embedding : *embeddings) {
        n_left_out += embedding.n_sentences_left_out;
        if (!prints) continue;
        std::string line;
        for (const float value : embedding.values) line += fmt::format("{:.7f} ", value);
        std::puts(line.c_str());
    }
    fmt::print(stderr, "{} texts in {:.3f} s, {} threads, {} sentences left out\n", texts.size(), took.count(),
               settings.n_threads, n_left_out);
    return 0;
}
