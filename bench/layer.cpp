// What compressing a large model takes, from one of its layers in full: a model of that shape with a single layer and
// with two is compressed without a verdict, stage by stage; the difference is what each further layer costs.
//   bench_layer SHAPE [TYPE [WINDOWS [TOKENS [THREADS]]]]      e.g. bench_layer llama-3.1-8b Q4_K_M 24 512 2
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "compress/collect.h"
#include "compress/pipeline.h"
#include "compress/stock_write.h"
#include "gguf/synth/synth.h"
#include "tensor/products.h"

namespace {

using namespace landauer;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Sizes {
    std::string type = "Q4_K_M";
    std::size_t n_windows = 24;
    std::size_t n_tokens = 512;
    std::int32_t n_threads = 2;
};

// Seconds by stage, in their order.
struct Stages {
    std::vector<std::string> names;
    std::map<std::string, double> seconds;
    std::string now;
    Clock::time_point since = Clock::now();

    void enter(const std::string& stage) {
        if (stage == now) return;
        leave();
        now = stage;
        since = Clock::now();
        names.push_back(stage);
    }
    void leave() {
        if (!now.empty()) {
            const double passed = std::chrono::duration<double>(Clock::now() - since).count();
            seconds[now] += passed;
            fmt::print(stderr, "{:12} {:7.1f} s\n", now, passed);
        }
        now.clear();
    }
};

std::vector<std::vector<std::int32_t>> random_windows(const Sizes& sizes) {
    std::mt19937 random(1);
    std::vector<std::vector<std::int32_t>> windows(sizes.n_windows);
    for (auto& window : windows) {
        for (std::size_t i = 0; i < sizes.n_tokens; ++i) {
            window.push_back(static_cast<std::int32_t>(random() % 30000));
        }
    }
    return windows;
}

Result<Stages> compress(const std::string& name, SynthShape shape, std::int64_t n_layer, const Sizes& sizes,
                        const fs::path& folder) {
    shape.language.n_layer = n_layer;
    SynthRequest request;
    request.type = sizes.type;
    const auto plan = plan_synth(shape, request);
    if (!plan) return tl::unexpected(plan.error());
    const fs::path model = folder / "model.gguf";
    if (auto made = write_synth(*plan, plan->model, model, true, {}); !made) return tl::unexpected(made.error());
    fmt::print(stderr, "{} of {} layers, {} windows of {} tokens\n", n_layer, name, sizes.n_windows, sizes.n_tokens);

    Stages stages;
    CollectSettings collect;
    collect.n_threads = sizes.n_threads;
    collect.n_gradient_windows = static_cast<std::int64_t>(sizes.n_windows / 2);
    collect.all_gradients = false;  // as compress collects them for stock shapes
    const fs::path statistics = folder / "statistics.gguf";
    const auto collected = collect_statistics(model, random_windows(sizes), collect, statistics, {},
                                              [&](const CollectProgress& progress) { stages.enter(progress.stage); });
    if (!collected) return tl::unexpected(collected.error());
    stages.enter("sensitivity");
    const auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    Profile profile;
    auto stock = stock_shape(*file, parameter_price());
    if (!stock) return tl::unexpected(stock.error());
    profile.shape = std::move(*stock);
    const auto opened = StatisticsFile::open(statistics);
    if (!opened) return tl::unexpected(opened.error());
    set_product_threads(sizes.n_threads);
    auto curves = stock_curves(*file, profile.shape, *opened, {}, {});
    if (!curves) return tl::unexpected(curves.error());
    profile.curves = std::move(*curves);
    auto units = stock_units(profile.shape, profile.curves, {}, {.layers = false});
    if (!units) return tl::unexpected(units.error());
    profile.units = std::move(*units);
    const auto choice = choose_stock(profile, 0.2);
    if (!choice) return tl::unexpected(choice.error());
    stages.enter("writing");
    const auto written = write_stock(*file, profile.shape, choice->keep, *opened, {}, folder / "small.gguf", {}, {});
    if (!written) return tl::unexpected(written.error());
    stages.leave();
    return stages;
}

Result<void> measure(const std::string& name, const Sizes& sizes) {
    const auto shape = find_shape(name);
    if (!shape) return tl::unexpected(shape.error());
    const fs::path folder = fs::temp_directory_path() / "landauer-bench-layer";
    fs::create_directories(folder);
    const auto one = compress(name, *shape, 1, sizes, folder);
    if (!one) return tl::unexpected(one.error());
    const auto two = compress(name, *shape, 2, sizes, folder);
    if (!two) return tl::unexpected(two.error());
    fs::remove_all(folder);
    const auto n_layer = static_cast<double>(shape->language.n_layer);
    fmt::print("{:12} {:>9} {:>9} {:>12}\n", "stage", "1 layer", "2 layers", fmt::format("{:.0f} layers", n_layer));
    double all = 0.0;
    for (const std::string& stage : one->names) {
        const double first = one->seconds.at(stage);
        const double second = two->seconds.contains(stage) ? two->seconds.at(stage) : first;
        const double whole = first + (n_layer - 1.0) * std::max(0.0, second - first);
        all += whole;
        fmt::print("{:12} {:7.1f} s {:7.1f} s {:10.0f} s\n", stage, first, second, whole);
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        "all {:.1f} minutes for {} tokens on {} threads, without what the model writes by itself; {:.1f} GiB "
        "resident at most\n",
        all / 60.0, sizes.n_windows * sizes.n_tokens, sizes.n_threads,
        static_cast<double>(usage.ru_maxrss) / 1048576.0);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.empty()) {
        fmt::print("bench_layer SHAPE [TYPE [WINDOWS [TOKENS [THREADS]]]]\n");
        return 2;
    }
    Sizes sizes;
    if (args.size() > 1) sizes.type = args[1];
    if (args.size() > 2) sizes.n_windows = std::stoul(args[2]);
    if (args.size() > 3) sizes.n_tokens = std::stoul(args[3]);
    if (args.size() > 4) sizes.n_threads = std::stoi(args[4]);
    if (const auto done = measure(args[0], sizes); !done) {
        fmt::print("{} {}\n", done.error().sentence, done.error().remedy);
        return 1;
    }
    return 0;
}
