// Perplexity of a text under a model, and of candidates against it, printed as llama-perplexity words its figures.
//   bench_text_score MODEL TEXT [--threads N] [--ctx N] [--chunks N] [CANDIDATE..]
//   bench_text_score --quantise MODEL TYPE OUT
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/quantise.h"
#include "engine/text_score.h"

namespace {

int failed(const landauer::Error& error) {
    fmt::print(stderr, "error: {}\nremedy: {}\n", error.sentence, error.remedy);
    return landauer::exit_code(error.kind);
}

double error_of(const landauer::Estimate& estimate) { return (estimate.ci95.high - estimate.value) / 1.96; }

void print(const landauer::TextScore& score) {
    const auto& ppl = score.perplexity;
    fmt::print("PPL = {:.4f} +/- {:.5f}\n", ppl.value, error_of(ppl));
    if (!score.kl_mean) return;
    fmt::print("Mean PPL(Q) : {:.6f} +/- {:.6f}\n", ppl.value, error_of(ppl));
    fmt::print("Mean ln(PPL(Q)/PPL(base)) : {:.6f} +/- {:.6f}\n", score.ln_ppl_ratio->value,
               error_of(*score.ln_ppl_ratio));
    fmt::print("Mean KLD: {:.6f} +/- {:.6f}\n", score.kl_mean->value, error_of(*score.kl_mean));
    fmt::print("99.0% KLD: {:.6f}\n", *score.kl_p99);
    fmt::print("Same top p: {:.3f} +/- {:.3f} %\n", 100.0 * score.same_top->value, 100.0 * error_of(*score.same_top));
}

int usage() {
    fmt::print(stderr,
               "usage: bench_text_score MODEL TEXT [--threads N] [--ctx N] [--chunks N] [CANDIDATE..]\n"
               "       bench_text_score --quantise MODEL TYPE OUT\n");
    return 2;
}

int score(const std::vector<std::string>& arguments) {
    landauer::TextScoreSettings settings;
    std::vector<std::filesystem::path> files;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        std::int32_t* number = word == "--threads"  ? &settings.n_threads
                               : word == "--ctx"    ? &settings.n_ctx
                               : word == "--chunks" ? &settings.n_chunks
                                                    : nullptr;
        if (number == nullptr) {
            files.emplace_back(word);
        } else if (++i < arguments.size()) {
            *number = std::atoi(arguments[i].c_str());
        }
    }
    if (files.size() < 2) return usage();
    std::ifstream file(files[1], std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto started = std::chrono::steady_clock::now();
    const auto scores = landauer::score_text(files[0], std::span(files).subspan(2), text, settings, {}, {});
    if (!scores) return failed(scores.error());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    print(scores->base);
    for (const auto& candidate : scores->candidates) {
        if (!candidate) return failed(candidate.error());
        print(*candidate);
    }
    fmt::print(stderr, "{} tokens scored in {:.3f} s\n", scores->base.n_tokens, took.count());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 4 || arguments[0] != "--quantise") return score(arguments);
    const auto done = landauer::quantise(arguments[1], arguments[2], arguments[3], 2);
    return done ? 0 : failed(done.error());
}
