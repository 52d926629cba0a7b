// The differentiable decoder's forward pass, and a step of healing, beside libllama's prefill of the same model in F32,
// in turns in one run.
//   bench_decoder MODEL [WINDOWS [TOKENS [THREADS]]]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "compress/heal/student.h"
#include "compress/parallel.h"
#include "engine/engine.h"
#include "engine/quantise.h"
#include "grad/head.h"
#include "tensor/products.h"

namespace {

using namespace landauer;
using Clock = std::chrono::steady_clock;

constexpr int kTurns = 5;

struct Sizes {
    std::size_t n_windows = 4;
    std::size_t n_tokens = 512;
    std::size_t n_threads = 2;
};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

// All windows through all blocks, weights read layer by layer; tokens a second.
Result<double> own_speed(const std::filesystem::path& model, const Sizes& sizes) {
    const auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    const auto shape = decoder_shape(*file);
    if (!shape) return tl::unexpected(shape.error());
    std::vector<std::int32_t> tokens(sizes.n_tokens);
    for (std::size_t t = 0; t < tokens.size(); ++t) tokens[t] = static_cast<std::int32_t>(100 + t);
    const auto stream = read_embeddings(*file, *shape, tokens);
    if (!stream) return tl::unexpected(stream.error());
    std::vector<MatrixF> streams(sizes.n_windows, *stream);
    std::vector<BlockTape> tapes(sizes.n_windows);
    const auto start = Clock::now();
    for (std::size_t layer = 0; layer < shape->n_layer; ++layer) {
        const auto weights = read_block(*file, *shape, layer);
        if (!weights) return tl::unexpected(weights.error());
        in_parallel(sizes.n_threads, sizes.n_windows,
                    [&](std::size_t w) { block_forward(*shape, *weights, layer, streams[w], tapes[w], streams[w]); });
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return static_cast<double>(sizes.n_windows * sizes.n_tokens) / seconds;
}

constexpr std::size_t kLessonTokens = 256;

// What a step is made of: two windows, their own model as their teacher.
struct Step {
    Student student;
    Teacher teacher;
    std::vector<TokenWindow> windows;
};

Result<Step> step_of(const std::filesystem::path& model, std::size_t n_threads) {
    const auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    std::vector<TokenWindow> windows(2, TokenWindow(kLessonTokens));
    for (std::size_t t = 0; t < kLessonTokens; ++t) windows[0][t] = windows[1][t] = static_cast<Token>(100 + t);
    auto teacher = teach(*file, windows, {}, {}, n_threads, {}, {});
    if (!teacher) return tl::unexpected(teacher.error());
    StudentSettings settings;
    settings.n_threads = n_threads;
    auto student = Student::open(model, settings);
    if (!student) return tl::unexpected(student.error());
    return Step{std::move(*student), std::move(*teacher), std::move(windows)};
}

// Forward, divergence over the vocabulary, backward to every block's scale.
Result<double> heal_speed(const Step& step) {
    Lesson lesson;
    for (std::size_t w = 0; w < step.windows.size(); ++w) {
        lesson.windows.push_back(&step.windows[w]);
        lesson.streams.push_back(&step.teacher.streams[w]);
    }
    Gradients gradients;
    const auto start = Clock::now();
    const auto loss = step.student.loss(step.teacher, lesson, &gradients);
    if (!loss) return tl::unexpected(loss.error());
    return static_cast<double>(lesson.n_tokens()) / std::chrono::duration<double>(Clock::now() - start).count();
}

Result<double> llama_speed(Engine& engine, const Sizes& sizes) {
    TrialRequest request;
    request.is_grid = true;
    request.n_prompt = static_cast<std::int32_t>(sizes.n_tokens);
    const auto done = engine.run(request, {});
    if (!done) return tl::unexpected(done.error());
    for (const PhaseRecord& phase : done->phases) {
        if (phase.kind != PhaseKind::prefill) continue;
        return 1e9 * static_cast<double>(phase.n_tokens) / static_cast<double>(phase.end_ns - phase.begin_ns);
    }
    return 0.0;
}

Result<void> measure(const std::filesystem::path& model, const Sizes& sizes) {
    const auto plain = std::filesystem::temp_directory_path() / "bench_decoder.f32.gguf";
    if (auto good = quantise(model, "F32", plain, static_cast<std::int32_t>(sizes.n_threads)); !good) return good;
    const auto engine = make_llama_engine();
    EngineSettings settings;
    settings.model = plain;
    settings.n_ctx = static_cast<std::int32_t>(sizes.n_tokens);
    settings.n_threads = static_cast<std::int32_t>(sizes.n_threads);
    if (const auto loaded = engine->load(settings, {}); !loaded) return tl::unexpected(loaded.error());
    set_product_threads(1);
    const auto step = step_of(model, sizes.n_threads);
    if (!step) return tl::unexpected(step.error());
    std::vector<double> healing;
    std::vector<double> own;
    std::vector<double> llama;
    for (int turn = 0; turn < kTurns; ++turn) {
        const auto one = own_speed(plain, sizes);
        const auto other = llama_speed(*engine, sizes);
        if (!one) return tl::unexpected(one.error());
        if (!other) return tl::unexpected(other.error());
        const auto healed = heal_speed(*step);
        if (!healed) return tl::unexpected(healed.error());
        healing.push_back(*healed);
        own.push_back(*one);
        llama.push_back(*other);
    }
    std::filesystem::remove(plain);
    fmt::print("own forward pass   {:7.0f} tokens/s ({} windows of {}, {} threads, no head; median of {})\n",
               median(own), sizes.n_windows, sizes.n_tokens, sizes.n_threads, kTurns);
    fmt::print("libllama's prefill {:7.0f} tokens/s (F32, one window, head for its last position)\n", median(llama));
    fmt::print(
        "a step of healing  {:7.0f} tokens/s (two windows of {}, scales of every block and head included): {:.1f} of "
        "libllama's forward passes\n",
        median(healing), kLessonTokens, median(llama) / median(healing));
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.empty()) {
        fmt::print("bench_decoder MODEL [WINDOWS [TOKENS [THREADS]]]\n");
        return 2;
    }
    const auto number = [&args](std::size_t i, std::size_t other) {
        return args.size() > i ? std::stoul(args[i]) : other;
    };
    if (const auto done = measure(args[0], {number(1, 4), number(2, 512), number(3, 2)}); !done) {
        fmt::print("{} {}\n", done.error().sentence, done.error().remedy);
        return 1;
    }
    return 0;
}
