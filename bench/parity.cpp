// Is landauer's engine as fast as llama.cpp's own benchmark loop, and what does sampling
// cost? Three arms, interleaved repetition by repetition in one process on one loaded
// model: (a) llama-bench's loop, (b) landauer with its sampler at 5 Hz, (c) landauer
// without. Prints a Markdown table of median ratios with 95 % bootstrap intervals.

#include <fmt/format.h>
#include <landauer/meter.h>
#include <landauer/sampler.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "analysis/stats.h"
#include "engine/engine.h"
#include "engine/llama/borrow.h"
#include "parity_reference.h"

namespace landauer {
namespace {

struct Options {
    std::string model;
    int repetitions = 30;
    int n_threads = 1;
    std::int32_t n_prompt = 512;
    std::int32_t n_gen = 64;
    double rate_hz = 5.0;
};

enum Arm : std::size_t { kReference, kSampled, kBare, kArms };

// Every arm follows every other equally often (a Williams design for three arms).
constexpr std::array<std::array<Arm, kArms>, 6> kOrders = {{{kReference, kSampled, kBare},
                                                            {kSampled, kBare, kReference},
                                                            {kBare, kReference, kSampled},
                                                            {kBare, kSampled, kReference},
                                                            {kReference, kBare, kSampled},
                                                            {kSampled, kReference, kBare}}};

struct Ratio {
    double median = 1.0;
    double low = 1.0;
    double high = 1.0;
};

// Of speeds, so that above 1 means that the first arm is faster.
Ratio speed_ratio(const std::vector<double>& seconds, const std::vector<double>& base_seconds) {
    constexpr int kReplicates = 5000;
    std::vector<double> logs;
    for (std::size_t i = 0; i < seconds.size(); ++i) logs.push_back(std::log(base_seconds[i] / seconds[i]));
    std::mt19937_64 random(1);
    std::vector<double> replicates;
    std::vector<double> drawn(logs.size());
    for (int r = 0; r < kReplicates; ++r) {
        for (double& value : drawn) value = logs[static_cast<std::size_t>(random() % logs.size())];
        replicates.push_back(median(drawn));
    }
    return {std::exp(median(logs)), std::exp(quantile(replicates, 0.025)), std::exp(quantile(replicates, 0.975))};
}

std::string verdict(const Ratio& ratio) {
    if (ratio.low >= 0.99 && ratio.high <= 1.01) return "within 0.99-1.01";
    if (ratio.low > 1.0 || ratio.high < 1.0) return "differs";
    return fmt::format("could resolve {:.1f} %", 50.0 * (ratio.high - ratio.low));
}

std::vector<std::unique_ptr<Meter>> meters_here() {
    std::vector<std::unique_ptr<Meter>> meters;
    for (auto& probe : probe_meters()) {
        if (probe.meter) meters.push_back(std::move(*probe.meter));
    }
    return meters;
}

class Bench {
   public:
    explicit Bench(const Options& options) : options_(options) {
        hooks_.abort = [this] { return stop_.load(std::memory_order_relaxed); };
        hooks_.phase = [this](PhaseKind, bool, std::int64_t t_ns) { last_mark_ns_ = t_ns; };
    }

    // Rows of one test; an error's sentence otherwise.
    Result<std::string> rows(std::int32_t n_prompt, std::int32_t n_gen) {
        request_.is_grid = true;
        request_.n_prompt = n_prompt;
        request_.n_gen = n_gen;
        if (auto loaded = load(); !loaded) return tl::unexpected(loaded.error());
        Reference reference(borrow_model(*engine_), {n_prompt, n_gen, 2048, 512, options_.n_threads});
        if (!reference.is_ready()) return fail(ErrorKind::Failed, "The reference loop could not start.", "Use -t 1.");
        std::array<std::vector<double>, kArms> seconds;
        const int n_warm_up = 1;
        for (int i = -n_warm_up; i < options_.repetitions; ++i) {
            for (const Arm arm : kOrders.at(static_cast<std::size_t>(i + 6) % kOrders.size())) {
                const auto took = repetition(arm, reference, static_cast<std::uint32_t>(i + n_warm_up));
                if (!took) return tl::unexpected(took.error());
                if (i >= 0) seconds.at(arm).push_back(*took);
            }
        }
        return table(n_prompt > 0 ? fmt::format("pp{}", n_prompt) : fmt::format("tg{}", n_gen),
                     static_cast<double>(n_prompt + n_gen), seconds);
    }

   private:
    Result<void> load() {
        EngineSettings settings;
        settings.model = options_.model;
        settings.n_ctx = request_.n_prompt + request_.n_gen;
        settings.n_threads = options_.n_threads;
        auto loaded = engine_->load(settings, {});
        if (!loaded) return tl::unexpected(loaded.error());
        return {};
    }

    Result<double> repetition(Arm arm, Reference& reference, std::uint32_t seed) {
        if (arm == kReference) {
            const std::int64_t took = reference.repetition(seed);
            if (took == 0) return fail(ErrorKind::Failed, "The reference loop failed.", "Use -v.");
            return static_cast<double>(took) * 1e-9;
        }
        std::unique_ptr<Sampler> sampler;
        if (arm == kSampled) {
            auto started = Sampler::start(meters_here(), {options_.rate_hz, 30.0});
            if (!started) return tl::unexpected(started.error());
            sampler = std::move(*started);
        }
        request_.seed = seed;
        const auto result = engine_->run(request_, hooks_);
        if (!result) return tl::unexpected(result.error());
        const PhaseRecord& phase = result->phases.front();
        return static_cast<double>(phase.end_ns - phase.begin_ns) * 1e-9;
    }

    static std::string table(const std::string& test, double n_tokens,
                             const std::array<std::vector<double>, kArms>& seconds) {
        const auto row = [&](const std::string& name, Arm arm, Arm base) {
            const Ratio ratio = speed_ratio(seconds.at(arm), seconds.at(base));
            return fmt::format("| {} | {} | {:.1f} | {:.1f} | {:.4f} | {:.4f} to {:.4f} | {} |\n", test, name,
                               n_tokens / median(seconds.at(arm)), n_tokens / median(seconds.at(base)), ratio.median,
                               ratio.low, ratio.high, verdict(ratio));
        };
        return row("landauer / llama-bench loop", kBare, kReference) +
               row("landauer sampled / llama-bench loop", kSampled, kReference) +
               row("landauer sampled / landauer", kSampled, kBare);
    }

    Options options_;
    std::unique_ptr<Engine> engine_ = make_llama_engine();
    TrialRequest request_;
    EngineHooks hooks_;
    std::atomic<bool> stop_ = false;
    std::int64_t last_mark_ns_ = 0;
};

int run(const Options& options) {
    Bench bench(options);
    fmt::print("{} repetitions of each arm, {} thread(s), sampler at {} Hz with every meter found; {}\n\n",
               options.repetitions, options.n_threads, options.rate_hz, options.model);
    fmt::print("| test | ratio | t/s | base t/s | median ratio | 95 % interval | verdict |\n");
    fmt::print("|---|---|--:|--:|--:|---|---|\n");
    for (const auto& [n_prompt, n_gen] : {std::pair{options.n_prompt, 0}, std::pair{0, options.n_gen}}) {
        const auto rows = bench.rows(n_prompt, n_gen);
        if (!rows) {
            fmt::print(stderr, "{}\n{}\n", rows.error().sentence, rows.error().remedy);
            return exit_code(rows.error().kind);
        }
        fmt::print("{}", *rows);
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace
}  // namespace landauer

int main(int argc, char** argv) {
    landauer::Options options;
    CLI::App app("landauer's engine against llama-bench's own loop");
    app.add_option("-m,--model", options.model, "model file")->required();
    app.add_option("-r,--repetitions", options.repetitions, "repetitions of each arm")->check(CLI::Range(6, 10000));
    app.add_option("-t,--threads", options.n_threads, "threads");
    app.add_option("-p,--prompt", options.n_prompt, "prompt tokens")->check(CLI::Range(1, 100000));
    app.add_option("-n,--gen", options.n_gen, "generated tokens")->check(CLI::Range(1, 100000));
    app.add_option("--rate", options.rate_hz, "samples a second")->check(CLI::Range(1.0, 50.0));
    CLI11_PARSE(app, argc, argv);
    return landauer::run(options);
}
