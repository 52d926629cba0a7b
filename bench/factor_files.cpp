#include "factor_files.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>
#include <span>
#include <vector>

#include "compress/factor_form.h"
#include "gguf/factor_format.h"
#include "gguf/header.h"
#include "gguf/writer.h"

namespace landauer::bench {
namespace {

namespace fs = std::filesystem;

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

bool is_factorised(const GgufTensor& tensor) { return tensor.name.starts_with("blk.") && tensor.shape.size() == 2; }

void copy(const WeightFile& source, const GgufTensor& tensor, GgufWriter& writer) {
    std::vector<std::byte> bytes(tensor.bytes);
    const auto cols = static_cast<std::uint64_t>(tensor.shape.front());
    must(source.read_rows(tensor.name, 0, tensor.elements / cols, bytes));
    must(writer.write(tensor.name, bytes));
}

bool is_among(const GgufTensor& tensor, std::size_t n_layers) {
    std::size_t layer = 0;
    return std::sscanf(tensor.name.c_str(), "blk.%zu.", &layer) != 1 || layer < n_layers;
}

GgufHeader header_of(const WeightFile& source, std::size_t n_layers) {
    auto header = must(GgufHeader::with_metadata_of(source.summary().path));
    must(header.set(source.summary().architecture + ".block_count", static_cast<std::uint32_t>(n_layers)));
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (is_among(tensor, n_layers)) must(header.add_tensor({tensor.name, tensor.type, tensor.shape}));
    }
    return header;
}

}  // namespace

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
            copy(source, tensor, writer);
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

std::size_t write_first_layers(const WeightFile& source, std::uint64_t bytes, const fs::path& out) {
    auto n_layers = static_cast<std::size_t>(source.summary().n_layer);
    while (n_layers > 0 && header_of(source, n_layers).file_bytes() > bytes) --n_layers;
    if (n_layers == 0) return 0;
    auto writer = must(GgufWriter::create(out, header_of(source, n_layers), true));
    for (const GgufTensor& tensor : source.summary().tensors) {
        if (is_among(tensor, n_layers)) copy(source, tensor, writer);
    }
    must(writer.finish());
    return n_layers;
}

}  // namespace landauer::bench
