#include "compress/grams.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compress/parallel.h"
#include "tensor/products.h"

namespace landauer {
namespace {

constexpr std::size_t kRowsOfTask = 256;

struct Task {
    const GramInput* input = nullptr;
    std::size_t first = 0;
    std::size_t rows = 0;
    [[nodiscard]] std::size_t work() const { return rows * (first + rows); }
};

}  // namespace

void add_grams(std::size_t n_threads, std::span<const GramInput> inputs) {
    std::vector<Task> tasks;
    for (const GramInput& input : inputs) {
        for (std::size_t first = 0; first < input.sum->rows(); first += kRowsOfTask) {
            tasks.push_back({&input, first, std::min(kRowsOfTask, input.sum->rows() - first)});
        }
    }
    std::ranges::sort(tasks, [](const Task& a, const Task& b) { return a.work() > b.work(); });
    in_parallel(n_threads, tasks.size(), [&tasks](std::size_t i) {
        const Task& task = tasks[i];
        for (const MatrixF* window : task.input->windows) {
            add_gram_rows(*window, task.first, task.rows, *task.input->sum);
        }
    });
}

Result<void> write_moment(GgufWriter& writer, const std::string& tensor, const MatrixD& sum, std::size_t n_tokens) {
    std::vector<float> row(sum.rows());
    for (std::size_t i = 0; i < sum.rows(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) row[j] = static_cast<float>(sum(i, j) / static_cast<double>(n_tokens));
        const auto packed = std::span(row).first(i + 1);
        if (!std::ranges::all_of(packed, [](float value) { return std::isfinite(value); })) {
            return fail(ErrorKind::Invalid, fmt::format("The activations behind {} are not numbers.", tensor),
                        "The model is damaged, or its activations overflow: check it with another program.");
        }
        if (auto good = writer.write(tensor, std::as_bytes(packed)); !good) return good;
    }
    return {};
}

}  // namespace landauer
