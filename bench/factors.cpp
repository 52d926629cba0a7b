// What a model of factors runs at, against the dense one that it stands for, in one run and in turns.
//   bench_factors DENSE.gguf TYPE SHARE.. [--rounds N] [--threads N] [--prompt N] [--answer N]
// Each SHARE of a matrix's bytes (0.4) gives a file with random factors of TYPE beside DENSE, which should be of that
// type too (landauer synth). Wanted: decode at 0.9 of the ratio of bytes at least, prefill at 0.9 of that of products.
#include <fmt/format.h>
#include <landauer/load_model.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "gguf/factor_format.h"
#include "gguf/header.h"
#include "gguf/weights.h"
#include "gguf/writer.h"
#include "llama.h"

namespace {

using namespace landauer;
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

[[noreturn]] void give_up(const std::string& sentence) {
    fmt::print(stderr, "{}\n", sentence);
    std::exit(1);
}

template <class T>
T must(Result<T> result) {
    if (!result) give_up(result.error().sentence);
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) give_up(result.error().sentence);
}

// rank (rows + cols - rank) of rows x cols values, a multiple of 256 where that leaves one, else of 32.
std::size_t rank_at(double share, std::size_t rows, std::size_t cols) {
    const double sum = static_cast<double>(rows + cols);
    const double rank = (sum - std::sqrt(sum * sum - 4.0 * share * static_cast<double>(rows * cols))) / 2.0;
    const auto whole = static_cast<std::size_t>(rank);
    return whole >= 512 ? whole / 256 * 256 : std::max<std::size_t>(32, whole / 32 * 32);
}

std::vector<std::byte> noise(const std::string& type, std::size_t rows, std::size_t cols, std::mt19937& random) {
    std::normal_distribution<float> draw(0.0F, 0.5F / std::sqrt(static_cast<float>(cols)));
    std::vector<float> row(cols);
    for (float& value : row) value = draw(random);
    std::vector<std::byte> one(row_bytes(type, cols));
    if (one.empty()) give_up("Rows of " + std::to_string(cols) + " values do not fit " + type + ".");
    must(encode_rows(type, row, cols, std::vector<float>(cols, 1.0F), one));
    std::vector<std::byte> all;
    all.reserve(rows * one.size());
    for (std::size_t i = 0; i < rows; ++i) all.insert(all.end(), one.begin(), one.end());
    return all;
}

struct Cost {
    double bytes = 0.0;     // read for a token
    double products = 0.0;  // multiply-adds of a token
};

bool is_factorised(const GgufTensor& tensor) { return tensor.name.starts_with("blk.") && tensor.shape.size() == 2; }

struct Written {
    Cost dense;
    Cost small;
};

Written write_factors(const WeightFile& source, const std::string& type, double share, const fs::path& out) {
    auto header = must(GgufHeader::with_metadata_of(source.summary().path));
    Written cost;
    std::uint32_t n_matrices = 0;
    for (const GgufTensor& tensor : source.summary().tensors) {
        const bool is_embedding = tensor.name == "token_embd.weight" && source.find("output.weight") != nullptr;
        const double products = is_embedding || tensor.shape.size() < 2 ? 0.0 : static_cast<double>(tensor.elements);
        const double bytes = is_embedding ? 0.0 : static_cast<double>(tensor.bytes);
        cost.dense.bytes += bytes;
        cost.dense.products += products;
        if (!is_factorised(tensor)) {
            must(header.add_tensor({tensor.name, tensor.type, tensor.shape}));
            cost.small.bytes += bytes;
            cost.small.products += products;
            continue;
        }
        const auto cols = static_cast<std::size_t>(tensor.shape[0]);
        const auto rows = static_cast<std::size_t>(tensor.shape[1]);
        const std::size_t rank = rank_at(share, rows, cols);
        const auto n = static_cast<std::int64_t>(rank);
        const FactorNames names = factor_names(tensor.name);
        must(header.add_tensor({names.r, type, {tensor.shape[0], n}}));
        must(header.add_tensor({names.t, type, {n, tensor.shape[1] - n}}));
        must(header.add_tensor({names.pivots, "i32", {n}}));
        cost.small.products += static_cast<double>(rank * (rows + cols - rank));
        cost.small.bytes += static_cast<double>(rank * row_bytes(type, cols) + (rows - rank) * row_bytes(type, rank));
        ++n_matrices;
    }
    must(header.set(kFactorsKey, kFactorsVersion));
    must(header.set(kFactorsCountKey, n_matrices));
    auto writer = must(GgufWriter::create(out, header, true));
    std::mt19937 random(1);
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (!is_factorised(tensor)) {
            std::vector<std::byte> bytes(tensor.bytes);
            const auto cols = static_cast<std::uint64_t>(tensor.shape.front());
            must(source.read_rows(tensor.name, 0, tensor.elements / cols, bytes));
            must(writer.write(tensor.name, bytes));
            continue;
        }
        const auto cols = static_cast<std::size_t>(tensor.shape[0]);
        const auto rows = static_cast<std::size_t>(tensor.shape[1]);
        const std::size_t rank = rank_at(share, rows, cols);
        const FactorNames names = factor_names(tensor.name);
        std::vector<std::int32_t> order(rows);
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random);
        must(writer.write(names.r, noise(type, rank, cols, random)));
        must(writer.write(names.t, noise(type, rows - rank, rank, random)));
        must(writer.write(names.pivots, std::as_bytes(std::span(order).first(rank))));
    }
    must(writer.finish());
    return cost;
}

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
