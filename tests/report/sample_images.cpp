#include "sample_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace landauer::test {
namespace {

constexpr std::int64_t kTextTokens = 20;
constexpr std::int64_t kAnswer = 16;

// A fixed wobble in [-1, 1] in place of noise; whole numbers, so that no library's sine matters.
double wobble(int i) { return ((i * 37 + 11) % 101 - 50) / 50.0; }
double rounded(double value) { return std::round(value * 1e6) / 1e6; }

ImageSize size_of(int i) {
    const std::int32_t step = 6 * (i + 2);  // sides grow evenly: dense at the small end in pixels
    return {16 * step / 2, 9 * step / 2};
}

std::int64_t tokens_of(ImageSize size, int clamp) {
    const auto whole = static_cast<std::int64_t>(std::llround(static_cast<double>(size.pixels()) / kPixelsPerToken));
    return clamp == 0 ? whole : std::min<std::int64_t>(whole, clamp);
}

std::map<std::string, double> figures_of(const ImageRunOptions& o, const ImageRecord& image, int i) {
    const auto n = static_cast<double>(image.n_tokens);
    const double noise = 1.0 + 0.008 * wobble(i);
    std::map<std::string, double> f;
    f["preprocess_s"] = 2e-8 * static_cast<double>(ImageSize{image.width, image.height}.pixels()) * noise;
    f["encode_s"] = (0.05 + 0.0029 * n) * noise;
    f["image_prefill_s"] = (0.02 + 0.0011 * n) * noise;
    f["prefill_s"] = 0.04 * noise;
    f["decode_s"] = 0.24 * noise;
    f["seconds"] = (kImageFixed + kImagePerToken * n) * noise;
    f["cpu_s"] = 1.9 * f["seconds"] * (1.0 + 0.004 * wobble(i + 7));
    f["rss_peak_bytes"] = 2.5e9 + 1e5 * n;
    f["encode_ts"] = n / f["encode_s"];
    if (o.energy) {
        f["net_energy_j"] = 21.0 * f["seconds"];
    }
    std::for_each(f.begin(), f.end(), [](auto& figure) { figure.second = rounded(figure.second); });
    return f;
}

RunRecord a_run(const ImageRunOptions& o) {
    RunRecord run;
    run.id = o.id;
    run.model.path = "/models/" + o.text + ".gguf";
    run.model.sha256 = "42d0";
    run.model.name = o.text;
    run.model.type = "qwen2vl 2B Q4_K";
    if (o.is_synthetic) {
        run.model.metadata["landauer.synthetic"] = "true";
    }
    run.protocol = "quick";
    run.created_utc = "2026-03-01T12:00:00Z";
    run.settings = {
        {"n_threads", "2"}, {"image", o.image}, {"mmproj", o.text + "-mmproj.gguf"}, {"projector", "qwen2vl_merger"}};
    if (o.clamp > 0) {
        run.settings["image_max_tokens"] = std::to_string(o.clamp);
        run.settings["predicted_knee_px"] = std::to_string(std::llround(o.clamp * kPixelsPerToken));
        run.settings["predicted_knee_tokens"] = std::to_string(o.clamp);
    }
    run.command = "landauer bench -m '" + o.text + ".gguf' --mmproj mmproj.gguf";
    return run;
}

TrialRecord a_trial(const ImageRunOptions& o, int i, int r) {
    const ImageSize size = size_of(i);
    const std::int64_t tokens = tokens_of(size, o.clamp);
    const int number = r * o.sizes + i;
    TrialRecord trial;
    trial.id = number + 1;
    trial.run_id = o.id;
    trial.prompt_id = fmt::format("{}x{}", size.width, size.height);
    trial.key = fmt::format("{}/r{}", trial.prompt_id, r);
    trial.repetition = r;
    trial.n_prompt = tokens + kTextTokens;
    trial.n_gen = kAnswer;
    trial.image = {size.width,
                   size.height,
                   tokens,
                   4 * tokens,
                   static_cast<std::int64_t>(static_cast<double>(tokens) * kPixelsPerToken),
                   1};
    trial.figures = figures_of(o, trial.image, number);
    trial.begin_ns = 1'000'000'000LL * (1 + 10 * number);
    trial.end_ns = trial.begin_ns + std::llround(1e9 * trial.figures.at("seconds"));
    return trial;
}

}  // namespace

ImageRuns image_runs(const std::vector<ImageRunOptions>& options) {
    ImageRuns out;
    for (const ImageRunOptions& o : options) {
        auto data = std::make_unique<RunData>();
        data->run = a_run(o);
        for (int r = 0; r < o.repetitions; ++r) {
            for (int i = 0; i < o.sizes; ++i) {
                data->trials.push_back(a_trial(o, i, r));
            }
        }
        auto analysis = analyse_run(*data, {.bootstrap = 400});
        if (!analysis) {
            throw std::runtime_error(analysis.error().sentence);
        }
        out.data.push_back(std::move(data));
        out.analyses.push_back(std::move(*analysis));
    }
    return out;
}

ImageRuns clamped_runs(const ImageRunOptions& common) {
    std::vector<ImageRunOptions> options;
    for (const int clamp : {256, 128, 64}) {
        options.push_back(common);
        options.back().id = common.id + static_cast<std::int64_t>(options.size()) - 1;
        options.back().clamp = clamp;
    }
    return image_runs(options);
}

}  // namespace landauer::test
