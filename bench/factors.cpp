// What a model of factors runs at, against the dense one that it stands for, in one run and in turns.
//   bench_factors DENSE.gguf TYPE SHARE.. [--rounds N] [--threads N] [--prompt N] [--answer N]
//       [--mib N]
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
    int rounds = 12;
    int threads = 2;
    int prompt = 128;
    int answer = 16;
    std::uint64_t mib = 0;  // only as many of the first layers as fit in it; 0: all
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
        for (int i = 0; i < how.prompt; ++i) tokens_.push_back(i * 37 % 1000 + 11);
    }

    // Seconds of a prompt, and of one more token after it.
    double prompt() {
        llama_memory_clear(llama_get_memory(context_.get()), true);
        return seconds([&] { decode(tokens_.data(), how_.prompt); });
    }
    double token() {
        return seconds([&] { decode(tokens_.data(), 1); });
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
    std::vector<llama_token> tokens_;
};

// Seconds of both in turns: what else the machine does falls on neighbours alike.
struct Pairs {
    std::vector<double> dense;
    std::vector<double> small;

    template <class Dense, class Small>
    void add(int round, const Dense& of_dense, const Small& of_small) {
        if (round % 2 == 0) dense.push_back(of_dense());
        small.push_back(of_small());
        if (round % 2 == 1) dense.push_back(of_dense());
    }
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return (values[values.size() / 2] + values[(values.size() - 1) / 2]) / 2.0;
}

std::string words(const Pairs& pairs, double n_tokens, double wanted, const char* of) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < pairs.dense.size(); ++i) ratios.push_back(pairs.dense[i] / pairs.small[i]);
    std::sort(ratios.begin(), ratios.end());
    // Of the ranks between which the median lies in 95 of 100 cases (binomial, by its normal approximation).
    const auto n = static_cast<double>(ratios.size());
    const auto low = static_cast<std::size_t>(std::max(0.0, std::floor(n / 2.0 - 0.98 * std::sqrt(n))));
    const double ratio = median(ratios);
    return fmt::format("{:.2f} [{:.2f}, {:.2f}] of {:.2f} by {}: {:.2f} ({:.1f} tokens/s dense)", ratio, ratios[low],
                       ratios[ratios.size() - 1 - low], wanted, of, ratio / wanted, n_tokens / median(pairs.dense));
}

void compare(const Options& how, const fs::path& file, double share) {
    const Written cost = write_factors(must(WeightFile::open(how.dense)), how.type, share, file);
    Runner dense(how.dense, how);
    Runner small(file, how);
    dense.prompt();
    small.prompt();
    Pairs prefill;
    Pairs decode;
    for (int round = 0; round < how.rounds; ++round) {
        prefill.add(round, [&] { return dense.prompt(); }, [&] { return small.prompt(); });
        for (int i = 0; i < how.answer; ++i) {
            decode.add(i, [&] { return dense.token(); }, [&] { return small.token(); });
        }
    }
    fmt::print("{} at {:.0f} % of a matrix\n  prefill {}\n  decode {}\n", how.type, share * 100.0,
               words(prefill, how.prompt, cost.dense.products / cost.small.products, "products"),
               words(decode, 1.0, cost.dense.bytes / cost.small.bytes, "bytes"));
    std::fflush(stdout);
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
        } else if (word == "--mib") {
            how.mib = static_cast<std::uint64_t>(number());
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
    Options how = options_of(argc, argv);
    const fs::path cut = how.dense.parent_path() / "bench-factors-dense.gguf";
    if (how.mib > 0) {
        if (write_first_layers(must(WeightFile::open(how.dense)), how.mib << 20U, cut) == 0) {
            give_up("Not one layer fits in that.");
        }
        how.dense = cut;
    }
    const fs::path file = how.dense.parent_path() / "bench-factors.gguf";
    for (const double share : how.shares) compare(how, file, share);
    fs::remove(file);
    fs::remove(cut);
}
