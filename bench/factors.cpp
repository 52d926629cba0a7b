// What a model of factors runs at, against the dense one that it stands for, in one run and in turns.
//   bench_factors DENSE.gguf TYPE SHARE.. [--rounds N] [--threads N] [--prompt N] [--answer N]
//       [--layers N]
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

#include "compress/factor_encode.h"
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
    int rounds = 12;
    int threads = 2;
    int prompt = 128;
    int answer = 16;
    int layers = 0;  // only the first so many; 0: all
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

// Whether it is of a layer beyond the first n; 0: of none.
bool is_beyond(const GgufTensor& tensor, int n_layers) {
    return n_layers > 0 && tensor.name.starts_with("blk.") && std::atoi(tensor.name.c_str() + 4) >= n_layers;
}

GgufHeader cut_header(const WeightFile& source, int n_layers) {
    auto header = must(GgufHeader::with_metadata_of(source.summary().path));
    if (n_layers > 0) {
        must(header.set(source.summary().architecture + ".block_count", static_cast<std::uint32_t>(n_layers)));
    }
    return header;
}

void copy_tensor_to(const WeightFile& source, const GgufTensor& tensor, GgufWriter& writer) {
    std::vector<std::byte> bytes(tensor.bytes);
    must(source.read_rows(tensor.name, 0, tensor.elements / static_cast<std::uint64_t>(tensor.shape.front()), bytes));
    must(writer.write(tensor.name, bytes));
}

// The first layers of a model, so that wide ones fit in memory.
void write_cut(const WeightFile& source, int n_layers, const fs::path& out) {
    auto header = cut_header(source, n_layers);
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (!is_beyond(tensor, n_layers)) must(header.add_tensor({tensor.name, tensor.type, tensor.shape}));
    }
    auto writer = must(GgufWriter::create(out, header, true));
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (!is_beyond(tensor, n_layers)) copy_tensor_to(source, tensor, writer);
    }
    must(writer.finish());
}

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
        const FactorForm form = factor_form(rank, cols, type);
        must(header.add_tensor({names.r, form.r_type, {tensor.shape[0], n}}));
        must(header.add_tensor({names.t, form.t_type, {n, tensor.shape[1] - n}}));
        must(header.add_tensor({names.pivots, "i32", {n}}));
        cost.small.products += static_cast<double>(rank * (rows + cols - rank));
        cost.small.bytes += static_cast<double>(rank * row_bytes(form.r_type, cols));
        cost.small.bytes += static_cast<double>((rows - rank) * row_bytes(form.t_type, rank));
        ++n_matrices;
    }
    must(header.set(kFactorsKey, kFactorsVersion));
    must(header.set(kFactorsCountKey, n_matrices));
    auto writer = must(GgufWriter::create(out, header, true));
    std::mt19937 random(1);
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (!is_factorised(tensor)) {
            copy_tensor_to(source, tensor, writer);
            continue;
        }
        const auto cols = static_cast<std::size_t>(tensor.shape[0]);
        const auto rows = static_cast<std::size_t>(tensor.shape[1]);
        const std::size_t rank = rank_at(share, rows, cols);
        const FactorNames names = factor_names(tensor.name);
        std::vector<std::int32_t> order(rows);
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), random);
        const FactorForm form = factor_form(rank, cols, type);
        must(writer.write(names.r, noise(form.r_type, rank, cols, random)));
        must(writer.write(names.t, noise(form.t_type, rows - rank, rank, random)));
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
        } else if (word == "--layers") {
            how.layers = number();
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
    if (how.layers > 0) {
        write_cut(must(WeightFile::open(how.dense)), how.layers, cut);
        how.dense = cut;
    }
    const fs::path file = how.dense.parent_path() / "bench-factors.gguf";
    for (const double share : how.shares) compare(how, file, share);
    fs::remove(file);
    fs::remove(cut);
}
