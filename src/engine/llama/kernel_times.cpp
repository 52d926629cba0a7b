#include "engine/kernel_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "core/clock.h"
#include "engine/llama/load.h"
#include "engine/llama/weight_pool.h"
#include "gguf/types.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

constexpr std::size_t kMostNodes = 512;  // products in one graph
constexpr double kGraphMacs = 4e8;       // multiply-adds of a graph, where they and not the memory take the time
constexpr std::int64_t kFewTokens = 8;   // the memory takes the time
constexpr int kFewTokensVisits = 4;      // a round, of shapes of a few tokens
constexpr std::size_t kStretches = 16;   // of a pool: a visit goes through one, the next visit through the next

using PoolKey = std::pair<ggml_type, ggml_backend_buffer_type_t>;

Result<void> check_shape(const KernelShape& shape) {
    const auto type = tensor_type(shape.type);
    if (!type) {
        return fail(ErrorKind::Invalid, fmt::format("ggml has no type \"{}\".", shape.type),
                    "Use f16, q8_0, q4_K or the like.");
    }
    if (shape.rows < 1 || shape.cols < 1 || shape.n_tokens < 1) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("A product of {} x {} with {} tokens cannot be timed.", shape.rows, shape.cols, shape.n_tokens),
            "Name shapes of at least one row, column and token.");
    }
    if (row_bytes(shape.type, static_cast<std::uint64_t>(shape.cols)) == 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Rows of {} values do not fit the blocks of {}.", shape.cols, shape.type),
                    fmt::format("Use rows of a multiple of {} values.", ggml_blck_size(*type)));
    }
    return {};
}

// What goes in and comes out: one place each for all products, as a model's scratch memory is.
struct Scratch {
    BufferPtr buffer;
    std::uint64_t out_at = 0;  // bytes from the beginning
};

Result<Scratch> make_scratch(std::span<const KernelShape> shapes) {
    constexpr std::uint64_t kPage = 4096;
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    for (const KernelShape& shape : shapes) {
        in = std::max(in, static_cast<std::uint64_t>(shape.cols * shape.n_tokens) * sizeof(float));
        out = std::max(out, static_cast<std::uint64_t>(shape.rows * shape.n_tokens) * sizeof(float));
    }
    Scratch scratch;
    scratch.out_at = (in / kPage + 1) * kPage;
    scratch.buffer.reset(ggml_backend_buft_alloc_buffer(ggml_backend_cpu_buffer_type(), scratch.out_at + out));
    if (!scratch.buffer) {
        return fail(ErrorKind::Failed, "There is no memory for the products to time.",
                    "Free some memory and try again.");
    }
    auto* values = static_cast<float*>(ggml_backend_buffer_get_base(scratch.buffer.get()));
    for (std::uint64_t i = 0; i < in / sizeof(float); ++i) values[i] = std::sin(static_cast<float>(i % 8191));
    return scratch;
}

// One product over and over on a stretch of a pool, each time with other weights.
class Products {
   public:
    static Result<Products> create(const KernelShape& shape, ggml_type type, const WeightPool& pool,
                                   std::size_t stretch, const Scratch& scratch, ggml_threadpool* threads,
                                   int n_threads);
    // Seconds of one product; nothing when ggml failed.
    [[nodiscard]] std::optional<double> run(std::vector<std::uint8_t>& work);

   private:
    TensorsPtr tensors_;
    ggml_cgraph* graph_ = nullptr;
    ggml_cplan plan_{};
    std::size_t n_ = 0;
};

std::size_t nodes_of(const KernelShape& shape, std::uint64_t stretch_bytes, std::uint64_t stride) {
    const double macs =
        static_cast<double>(shape.rows) * static_cast<double>(shape.cols) * static_cast<double>(shape.n_tokens);
    const double most = shape.n_tokens <= kFewTokens ? static_cast<double>(stretch_bytes) / static_cast<double>(stride)
                                                     : kGraphMacs / macs;
    return std::clamp<std::size_t>(static_cast<std::size_t>(most), 1, kMostNodes);
}

Result<Products> Products::create(const KernelShape& shape, ggml_type type, const WeightPool& pool, std::size_t stretch,
                                  const Scratch& scratch, ggml_threadpool* threads, int n_threads) {
    Products products;
    const TensorsPtr probe = make_tensors(1);
    const std::uint64_t stride = pool.stride(ggml_new_tensor_2d(probe.get(), type, shape.cols, shape.rows));
    const std::size_t n = nodes_of(shape, pool.bytes() / kStretches, stride);
    products.tensors_ = TensorsPtr(ggml_init(
        {(2 * n + 1) * ggml_tensor_overhead() + ggml_graph_overhead_custom(2 * n + 1, false), nullptr, true}));
    auto* tensors = products.tensors_.get();
    products.graph_ = ggml_new_graph_custom(tensors, 2 * n + 1, false);
    auto* base = static_cast<std::byte*>(ggml_backend_buffer_get_base(scratch.buffer.get()));
    auto* in = ggml_new_tensor_2d(tensors, GGML_TYPE_F32, shape.cols, shape.n_tokens);
    bool placed = ggml_backend_tensor_alloc(scratch.buffer.get(), in, base) == GGML_STATUS_SUCCESS;
    std::uint64_t at = pool.bytes() / kStretches * stretch / stride * stride;
    for (; placed && products.n_ < n; ++products.n_) {
        if (at + stride > pool.bytes()) at = 0;
        auto* weights = ggml_new_tensor_2d(tensors, type, shape.cols, shape.rows);
        auto* out = ggml_mul_mat(tensors, weights, in);
        placed = pool.place(weights, at) &&
                 ggml_backend_tensor_alloc(scratch.buffer.get(), out, base + scratch.out_at) == GGML_STATUS_SUCCESS;
        ggml_build_forward_expand(products.graph_, out);
        at += stride;
    }
    if (!placed) {
        return fail(ErrorKind::Failed, fmt::format("ggml does not lay {} weights out here.", shape.type),
                    "Time another type.");
    }
    products.plan_ = ggml_graph_plan(products.graph_, n_threads, threads);
    return products;
}

std::optional<double> Products::run(std::vector<std::uint8_t>& work) {
    if (work.size() < plan_.work_size) work.resize(plan_.work_size);
    plan_.work_data = work.data();
    const std::int64_t begin_ns = system_clock().now_ns();
    if (ggml_graph_compute(graph_, &plan_) != GGML_STATUS_SUCCESS) return std::nullopt;
    return static_cast<double>(system_clock().now_ns() - begin_ns) * 1e-9 / static_cast<double>(n_);
}

// All that is timed, side by side.
struct Bench {
    ThreadPoolPtr threads;
    std::map<PoolKey, WeightPool> pools;
    Scratch scratch;
    std::vector<std::vector<Products>> products;  // by shape, a stretch of its pool each
    std::vector<std::string> buffers;
    std::size_t stretch = 0;         // that came last
    std::vector<std::uint8_t> work;  // ggml's own scratch
};

Result<void> make_pools(std::span<const KernelShape> shapes, const KernelSettings& settings, Bench& bench) {
    struct Need {
        std::int64_t cols = 0;
        std::uint64_t bytes = 0;
    };
    std::map<PoolKey, Need> needs;
    for (const KernelShape& shape : shapes) {
        const ggml_type type = tensor_type(shape.type).value_or(GGML_TYPE_F32);
        auto* buffer = weight_buffer(type, shape.rows, shape.cols, settings.repack);
        bench.buffers.emplace_back(ggml_backend_buft_name(buffer));
        Need& need = needs[{type, buffer}];
        if (need.cols == 0) need.cols = shape.cols;
        const TensorsPtr tensors = make_tensors(1);
        const auto* tensor = ggml_new_tensor_2d(tensors.get(), type, shape.cols, shape.rows);
        need.bytes = std::max({need.bytes, settings.rotate_bytes,
                               static_cast<std::uint64_t>(ggml_backend_buft_get_alloc_size(buffer, tensor))});
    }
    for (const auto& [key, need] : needs) {
        auto pool = WeightPool::create(key.first, key.second, need.cols, need.bytes);
        if (!pool) return tl::unexpected(pool.error());
        bench.pools.emplace(key, std::move(*pool));
    }
    return {};
}

Result<Bench> make_bench(std::span<const KernelShape> shapes, const KernelSettings& settings) {
    Bench bench;
    auto params = ggml_threadpool_params_default(settings.n_threads);
    bench.threads.reset(ggml_threadpool_new(&params));
    if (!bench.threads) {
        return fail(ErrorKind::Failed, fmt::format("{} threads could not be started.", settings.n_threads),
                    "Ask for fewer threads (-t).");
    }
    if (auto made = make_pools(shapes, settings, bench); !made) return tl::unexpected(made.error());
    auto scratch = make_scratch(shapes);
    if (!scratch) return tl::unexpected(scratch.error());
    bench.scratch = std::move(*scratch);
    for (const KernelShape& shape : shapes) {
        const ggml_type type = tensor_type(shape.type).value_or(GGML_TYPE_F32);
        const auto& pool = bench.pools.at({type, weight_buffer(type, shape.rows, shape.cols, settings.repack)});
        bench.products.emplace_back();
        for (std::size_t stretch = 0; stretch < kStretches; ++stretch) {
            auto products =
                Products::create(shape, type, pool, stretch, bench.scratch, bench.threads.get(), settings.n_threads);
            if (!products) return tl::unexpected(products.error());
            bench.products.back().push_back(std::move(*products));
        }
    }
    return bench;
}

// Seconds of one product of the shape, by a stretch that was read longest ago.
Result<double> visit(Bench& bench, std::size_t shape, const std::string& type) {
    bench.stretch = (bench.stretch + 1) % kStretches;
    if (const auto one = bench.products[shape][bench.stretch].run(bench.work); one) return *one;
    return fail(ErrorKind::Failed, fmt::format("ggml could not multiply by {} weights.", type), "Time another type.");
}

// The value of that rank from below and its interval's ranks, by the normal approximation of the binomial.
KernelTime quantile_time(std::vector<double> seconds, double share) {
    if (seconds.empty()) return {};
    std::sort(seconds.begin(), seconds.end());
    const auto last = static_cast<double>(seconds.size() - 1);
    const auto at = [&](double rank) {
        const double held = std::clamp(rank, 0.0, last);
        const auto below = static_cast<std::size_t>(held);
        const std::size_t above = std::min(below + 1, seconds.size() - 1);
        return seconds[below] + (seconds[above] - seconds[below]) * (held - std::floor(held));
    };
    const double rank = share * last;
    const double spread = 1.96 * std::sqrt(share * (1.0 - share) * static_cast<double>(seconds.size()));
    KernelTime time;
    time.seconds = at(rank);
    time.low = at(std::floor(rank - spread));
    time.high = at(std::ceil(rank + spread));
    return time;
}

}  // namespace

Result<std::vector<KernelTime>> kernel_times(std::span<const KernelShape> shapes, const KernelSettings& settings,
                                             const std::function<bool()>& abort,
                                             const std::function<void(double)>& progress) {
    start_backend();
    for (const KernelShape& shape : shapes) {
        if (auto good = check_shape(shape); !good) return tl::unexpected(good.error());
    }
    auto bench = make_bench(shapes, settings);
    if (!bench) return tl::unexpected(bench.error());
    std::vector<std::vector<double>> seconds(shapes.size());
    const std::int64_t begin_ns = system_clock().now_ns();
    for (int round = -1; round < settings.n_rounds; ++round) {  // the first only warms up
        const double spent = static_cast<double>(system_clock().now_ns() - begin_ns) * 1e-9;
        if (round >= settings.least_rounds && spent > settings.most_seconds) break;
        for (std::size_t i = 0; i < shapes.size(); ++i) {
            if (abort && abort()) return fail(ErrorKind::Interrupted, "Timing the products was interrupted.", "");
            for (int k = 0; k < (shapes[i].n_tokens <= kFewTokens ? kFewTokensVisits : 1); ++k) {
                const auto one = visit(*bench, i, shapes[i].type);
                if (!one) return tl::unexpected(one.error());
                if (round >= 0) seconds[i].push_back(*one);
            }
        }
        if (progress) progress(static_cast<double>(round + 2) / static_cast<double>(settings.n_rounds + 1));
    }
    if (progress) progress(1.0);
    std::vector<KernelTime> times;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        times.push_back(quiet_time(std::move(seconds[i])));
        times.back().buffer = bench->buffers[i];
    }
    return times;
}

KernelTime quiet_time(std::vector<double> seconds) { return quantile_time(std::move(seconds), 0.25); }

KernelTime median_time(std::vector<double> seconds) { return quantile_time(std::move(seconds), 0.5); }

}  // namespace landauer
