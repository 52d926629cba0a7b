// What the cost table says of smaller models against what they take, both models in turns: BASE SMALL...
// Costs are kept in a folder of its own under the temporary ones. Threads: LANDAUER_BENCH_THREADS, default 2.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "compress/machine_costs.h"
#include "compress/model_cost.h"

namespace {

using namespace landauer;

int failed(const Error& error) {
    fmt::print(stderr, "{} {}\n", error.sentence, error.remedy);
    return 1;
}

void show_table(const MachineCosts& costs) {
    fmt::print(
        "| type | side | of | width | decode us | prefill ms | prefill GMAC/s |\n|---|---|---|---|---|---|---|\n");
    for (const CostLine& line : costs.table.lines) {
        for (const CostPoint& point : line.points) {
            const double macs = static_cast<double>(line.fixed * point.width) * static_cast<double>(kPrefillTokens);
            fmt::print("| {} | {} | {} | {} | {:.1f} | {:.2f} | {:.1f} |\n", line.type,
                       line.by_rows ? "rows" : "columns", line.fixed, point.width, point.seconds.decode * 1e6,
                       point.seconds.prefill * 1e3, macs / point.seconds.prefill * 1e-9);
        }
    }
    fmt::print("\nhead {:.2f} ms, spread of the times {:.1f} %\n", costs.table.head_seconds * 1e3,
               costs.table.spread * 100.0);
}

void show_parts(const ModelCost& model, const ModelPasses& passes) {
    const PassSeconds matrices = model.base().matrices;
    fmt::print(
        "base: decode {:.2f} ms ({:.2f} in the blocks' matrices), {:.2f} after {} tokens; prefill of {} tokens {:.0f} "
        "ms ({:.0f} in matrices), {:.0f} after {}\n\n",
        passes.decode * 1e3, matrices.decode * 1e3, passes.decode_deep * 1e3, passes.depth, kPrefillTokens,
        passes.prefill * 1e3, matrices.prefill * 1e3, passes.prefill_deep * 1e3, passes.depth);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return failed({ErrorKind::Invalid, "No model is named.", "bench_kernel_costs BASE SMALL..."});
    const std::filesystem::path base = argv[1];
    const char* const threads = std::getenv("LANDAUER_BENCH_THREADS");
    const auto file = WeightFile::open(base);
    if (!file) return failed(file.error());
    const auto shape = stock_shape(*file, parameter_price());
    if (!shape) return failed(shape.error());
    CostsSettings settings;
    settings.model = base;
    settings.folder = std::filesystem::temp_directory_path() / "landauer-bench-costs";
    settings.n_threads = threads == nullptr ? 2 : std::atoi(threads);
    std::string note;
    const auto costs = machine_costs(settings, {}, {}, note);
    if (!costs) return failed(costs.error());
    show_table(*costs);
    const ModelCost model(costs->table, *shape, costs->passes);
    show_parts(model, costs->passes);
    const PromptMix mix;
    PassSettings passes;
    passes.n_threads = settings.n_threads;
    passes.n_rounds = 9;
    const auto speedups = [&](const BlockSums& blocks) {
        return std::pair{
            model.prefill_seconds(model.base(), mix.n_in) / model.prefill_seconds(blocks, mix.n_in),
            model.decode_seconds(model.base(), mix.answer_depth()) / model.decode_seconds(blocks, mix.answer_depth())};
    };
    fmt::print("| model | prefill predicted | measured | decode predicted | measured |\n|---|---|---|---|---|\n");
    for (int i = 2; i < argc; ++i) {
        const auto small = WeightFile::open(argv[i]);
        if (!small) return failed(small.error());
        const auto small_shape = stock_shape(*small, parameter_price());
        if (!small_shape) return failed(small_shape.error());
        const auto [prefill, decode] = speedups(block_sums(*small_shape, model.table()));
        const auto measured = compare_passes(base, argv[i], mix.n_in, std::lround(mix.answer_depth()), passes, {}, {});
        if (!measured) return failed(measured.error());
        const auto words = [](const KernelTime& r) {
            return fmt::format("{:.2f} [{:.2f}, {:.2f}]", r.seconds, r.low, r.high);
        };
        fmt::print("| {} | {:.2f} | {} | {:.2f} | {} |\n", std::filesystem::path(argv[i]).filename().string(), prefill,
                   words(measured->prefill.ratio), decode, words(measured->decode.ratio));
    }
    return 0;
}
