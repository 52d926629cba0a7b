// What a model of factors runs at, against the dense one that it stands for, in one run and in turns.
//   bench_factors DENSE.gguf TYPE SHARE.. [--rounds N] [--threads N] [--prompt N] [--answer N]
// Each SHARE of a matrix's bytes (0.4) gives a file with random factors of TYPE beside DENSE, which should be of that
// type too (landauer synth). Wanted: decode at 0.9 of the ratio of bytes at least, prefill at 0.9 of that of products.
#include <fmt/format.h>
#include <landauer/load_model.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "factor_files.h"
#include "llama.h"

namespace {

using namespace landauer;
using namespace landauer::bench;
namespace fs = std::filesystem;

struct Options {
    fs::path dense;
    std::string type;
    std::vector<double> shares;
    int rounds = 5;
    int threads = 2;
    int prompt = 256;
    int answer = 32;
};

struct FreeModel {
    void operator()(llama_model* model) const { llama_model_free(model); }
};
struct FreeContext {
    void operator()(llama_context* context) const { llama_free(context); }
};

class Runner {
   public:
    Runner(const fs::path& file, const Options& how) : how_(how) {
        auto params = llama_model_default_params();
        params.n_gpu_layers = 0;
        model_.reset(must(load_llama_model(file, params)));
        auto context = llama_context_default_params();
        context.n_ctx = static_cast<std::uint32_t>(how.prompt + how.answer + 8);
        context.n_batch = context.n_ubatch = static_cast<std::uint32_t>(std::max(how.prompt, 8));
        context.n_threads = context.n_threads_batch = how.threads;
        context_.reset(llama_init_from_model(model_.get(), context));
        if (!context_) give_up("There is no memory for a context.");
    }

    // Tokens a second: of the prompt, of the answer.
    std::pair<double, double> run() {
        llama_memory_clear(llama_get_memory(context_.get()), true);
        std::vector<llama_token> tokens(static_cast<std::size_t>(how_.prompt));
        for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<llama_token>(i * 37 % 1000 + 11);
        const double prompt = seconds([&] { decode(tokens.data(), how_.prompt); });
        const double answer = seconds([&] {
            for (int i = 0; i < how_.answer; ++i) decode(tokens.data() + i, 1);
        });
        return {how_.prompt / prompt, how_.answer / answer};
    }

   private:
    template <class Work>
    double seconds(const Work& work) {
        const auto began = std::chrono::steady_clock::now();
        work();
        llama_synchronize(context_.get());
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    }
    void decode(llama_token* tokens, int n) {
        if (llama_decode(context_.get(), llama_batch_get_one(tokens, n)) != 0) give_up("llama_decode failed.");
    }

    const Options& how_;
    std::unique_ptr<llama_model, FreeModel> model_;
    std::unique_ptr<llama_context, FreeContext> context_;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void compare(const Options& how, const fs::path& file, double share) {
    const Written cost = write_factors(must(WeightFile::open(how.dense)), how.type, share, file);
    Runner dense(how.dense, how);
    Runner small(file, how);
    dense.run();
    small.run();
    std::vector<double> prefill;
    std::vector<double> decode;
    for (int round = 0; round < how.rounds; ++round) {
        const bool dense_first = round % 2 == 0;
        auto a = dense_first ? dense.run() : small.run();
        auto b = dense_first ? small.run() : dense.run();
        if (!dense_first) std::swap(a, b);
        prefill.push_back(b.first / a.first);
        decode.push_back(b.second / a.second);
    }
    const double products = cost.dense.products / cost.small.products;
    const double bytes = cost.dense.bytes / cost.small.bytes;
    fmt::print(
        "{} at {:.0f} % of a matrix: prefill {:.2f} of {:.2f} by products ({:.2f}), decode {:.2f} of {:.2f} by bytes "
        "({:.2f}); ranges {:.2f} to {:.2f}, {:.2f} to {:.2f}\n",
        how.type, share * 100.0, median(prefill), products, median(prefill) / products, median(decode), bytes,
        median(decode) / bytes, *std::ranges::min_element(prefill), *std::ranges::max_element(prefill),
        *std::ranges::min_element(decode), *std::ranges::max_element(decode));
}

Options options_of(int argc, char** argv) {
    Options how;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const auto number = [&] { return i + 1 < argc ? std::atoi(argv[++i]) : 0; };
        if (word == "--rounds") {
            how.rounds = number();
        } else if (word == "--threads") {
            how.threads = number();
        } else if (word == "--prompt") {
            how.prompt = number();
        } else if (word == "--answer") {
            how.answer = number();
        } else if (how.dense.empty()) {
            how.dense = word;
        } else if (how.type.empty()) {
            how.type = word;
        } else {
            how.shares.push_back(std::atof(word.c_str()));
        }
    }
    if (how.shares.empty()) give_up("bench_factors DENSE.gguf TYPE SHARE.. [--rounds N] [--threads N]");
    return how;
}

}  // namespace

int main(int argc, char** argv) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    ggml_backend_load_all();
    llama_backend_init();
    const Options how = options_of(argc, argv);
    const fs::path file = how.dense.parent_path() / "bench-factors.gguf";
    for (const double share : how.shares) compare(how, file, share);
    fs::remove(file);
}
