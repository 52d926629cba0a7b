// Seconds of a model's passes as the sum of its matrices, from the cost table, beside the engine's own.
#include "compress/kernel_costs.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/engine.h"

using namespace landauer;

int main(int argc, char** argv) {
    const std::filesystem::path model = argv[1];
    const int n_threads = argc > 2 ? std::atoi(argv[2]) : 2;
    const auto file = WeightFile::open(model);
    const auto shape = stock_shape(*file, parameter_price());
    KernelSettings settings;
    settings.n_threads = n_threads;
    const auto table = measure_costs(cost_lines(*shape), head_shape(*file, *shape), settings, {}, {});
    if (!table) {
        fmt::print("{}\n", table.error().sentence);
        return 1;
    }
    for (const auto& line : table->lines)
        for (const auto& point : line.points)
            fmt::print(
                "{} {} fixed {} width {}: decode {:.2f} us ({:.2f} GB/s-ish weights/ns) prefill {:.2f} us ({:.1f} "
                "GMAC/s)\n",
                line.type, line.by_rows ? "rows" : "cols", line.fixed, point.width, point.seconds.decode * 1e6,
                1e-9 * double(line.fixed * point.width) / point.seconds.decode, point.seconds.prefill * 1e6,
                512e-9 * double(line.fixed * point.width) / point.seconds.prefill);
    double decode = 0, prefill = 0;
    for (const auto& layer : shape->layers)
        for (const auto* ms : {&layer.ffn, &layer.attention})
            for (const auto& m : *ms) {
                auto s = table->seconds(m.type, m.rows, m.cols);
                decode += s.decode;
                prefill += s.prefill;
            }
    fmt::print("blocks decode {:.3f} ms prefill {:.2f} ms head {:.3f} ms\n", decode * 1e3, prefill * 1e3,
               table->head_seconds * 1e3);
    auto engine = make_engine(model);
    EngineSettings es;
    es.model = model;
    es.n_threads = n_threads;
    es.n_ctx = 2048;
    auto loaded = (*engine)->load(es, {});
    if (!loaded) {
        fmt::print("{}\n", loaded.error().sentence);
        return 1;
    }
    for (int r = 0; r < 4; ++r)
        for (auto [p, d, g] : {std::tuple{512, 0, 0}, {512, 512, 0}, {0, 0, 32}, {0, 1024, 32}}) {
            TrialRequest q;
            q.is_grid = true;
            q.n_prompt = p;
            q.n_depth = d;
            q.n_gen = g;
            auto t = (*engine)->run(q, {});
            if (!t) {
                fmt::print("{}\n", t.error().sentence);
                return 1;
            }
            for (auto& ph : t->phases)
                fmt::print("p{} d{} g{}: {:.3f} ms a {}\n", p, d, g,
                           1e-6 * double(ph.end_ns - ph.begin_ns) / (g ? g : 1), g ? "token" : "pass");
        }
}
