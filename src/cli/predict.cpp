#include <fmt/format.h>

#include "cli/command.h"
#include "cli/model_argument.h"
#include "cli/predict_view.h"
#include "cli/predict_workload.h"
#include "image/image.h"

namespace landauer {
namespace {

constexpr double kUsualAspect = 16.0 / 9.0;  // of sizes written as a height, "720p"

struct PredictOptions {
    PredictRequest request;
    std::vector<std::string> sizes;
    std::vector<std::string> images;  // files; only their headers are read
    std::string most_pixels;          // "1024x720"
    WorkloadRequest workload;
    std::string budget;
    std::string format = "table";
};

Result<void> read_sizes(const PredictOptions& options, PredictRequest& request) {
    for (const std::string& text : split_commas(options.sizes)) {
        const auto size = parse_resolutions(text, kUsualAspect);
        if (!size) return tl::unexpected(size.error());
        request.sizes.insert(request.sizes.end(), size->begin(), size->end());
    }
    for (const std::string& file : options.images) {
        const auto info = inspect_image(file);
        if (!info) return tl::unexpected(info.error());
        request.sizes.push_back(info->size);
    }
    if (request.mmproj.empty() == request.sizes.empty()) return {};
    return fail(ErrorKind::Invalid,
                request.mmproj.empty() ? "An image's size means nothing without a projector."
                                       : "There is a projector, but no image to predict.",
                "Give both: --mmproj FILE --image-size 1920x1080 (or --image FILE)");
}

// The clamp in the paper's words, as tokens of this projector.
Result<void> read_clamp(const PredictOptions& options, PredictRequest& request) {
    if (options.most_pixels.empty()) return {};
    if (request.limits.max_tokens != 0) {
        return fail(ErrorKind::Invalid, "--image-max-pixels and --image-max-tokens are two words for one clamp.",
                    "Give one of them.");
    }
    const auto most = parse_resolutions(options.most_pixels, kUsualAspect);
    if (!most) return tl::unexpected(most.error());
    const auto vision = read_vision_model(request.mmproj);
    if (!vision) return tl::unexpected(vision.error());
    const auto tokens = max_tokens_of(*vision, most->front());
    if (!tokens) return tl::unexpected(tokens.error());
    request.limits.max_tokens = *tokens;
    return {};
}

Result<void> predict_workload(const PredictOptions& options) {
    WorkloadRequest request = options.workload;
    if (!options.request.mmproj.empty() || !options.sizes.empty() || !options.images.empty()) {
        return fail(ErrorKind::Invalid, "A workload is of text; images are predicted by themselves.",
                    "Leave out --mmproj and the images, or the workload.");
    }
    request.model = options.request.model;
    request.cards = options.request.cards;
    request.n_gen = options.request.n_gen;
    request.store = options.request.store;
    if (!request.given()) {
        return fail(ErrorKind::Invalid, "A budget is held against a workload, and none was given.",
                    "Add --workload FILE, --prompts FILE or --prompt-file FILE.");
    }
    if (!options.budget.empty()) {
        auto budget = parse_budget(options.budget);
        if (!budget) return tl::unexpected(budget.error());
        request.budget = std::move(*budget);
    }
    const auto view = workload_view(request);
    if (!view) return tl::unexpected(view.error());
    if (options.format == "json") {
        print(workload_json(*view));
    } else {
        print(options.format == "md" ? workload_markdown(*view) : workload_text(*view));
    }
    return {};
}

Result<void> predict(const PredictOptions& options) {
    if (options.workload.given() || !options.budget.empty()) return predict_workload(options);
    PredictRequest request = options.request;
    if (auto read = read_sizes(options, request); !read) return read;
    if (request.mmproj.empty() && request.cards.empty()) {
        return fail(ErrorKind::Invalid, "There is nothing to predict from.",
                    "Give --mmproj FILE --image-size WxH for images, --cards DIR -p TOKENS -n TOKENS for text, or "
                    "both.");
    }
    if (auto read = read_clamp(options, request); !read) return read;
    const auto view = predict_view(request);
    if (!view) return tl::unexpected(view.error());
    if (options.format == "json") {
        print(predict_json(*view));
    } else {
        print(options.format == "md" ? predict_markdown(*view) : predict_text(*view));
    }
    return {};
}

void add_image_options(CLI::App& command, PredictOptions& options) {
    command.add_option("--mm,--mmproj", options.request.mmproj, "The vision projector; only its header is read");
    command.add_option("--image-size", options.sizes, "Sizes of images: 1920x1080,640x480, or heights like 720p");
    command.add_option("--image", options.images, "Image files; only their headers are read");
    command.add_option("--image-max-tokens", options.request.limits.max_tokens,
                       "Clamp an image to so many tokens, as llama.cpp does (default: the model's)");
    command.add_option("--image-max-pixels", options.most_pixels, "The same clamp as a size: 1024x720");
    command.add_option("--image-min-tokens", options.request.limits.min_tokens,
                       "Enlarge an image to so many tokens (default: the model's)");
    command.add_flag("--advise", options.request.advise,
                     "Compare more clamps, and mark the cheapest whose stored, scored answers are as good");
    command
        .add_option("--margin-accuracy", options.request.margin_accuracy,
                    "Points of accuracy that an advised clamp may lose")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
}

}  // namespace

void add_predict_command(CLI::App& app, CommandContext& context) {
    auto* const command =
        app.add_subcommand("predict", "Tokens, knee, seconds and joules of a workload, without running the model");
    auto options = std::make_shared<PredictOptions>();
    options->request.store = "landauer.db";
    add_image_options(*command, *options);
    command->add_option("-m,--model", options->request.model, "The language model, to hold the projector against");
    command->add_option("-p,--n-prompt", options->request.n_prompt, "Text tokens of the prompt")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("-n,--n-gen", options->request.n_gen, "Tokens of the answer")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--prompt-file", options->workload.prompt_file,
                        "A prompt as a text file; -m counts its tokens");
    command->add_option("--prompts", options->workload.prompts, "Prompts as JSONL, as bench takes them; likewise");
    command->add_option("--workload", options->workload.workload,
                        "CSV of n_prompt,n_gen,count, or an OpenAI-style server's log: what all of it costs");
    command->add_option("--budget", options->budget, "How many requests like these it pays for: 10Wh, 36kJ, 2h, 30s");
    command->add_option("--cards", options->request.cards, "Folder of law cards (landauer laws --cards DIR)");
    add_store_option(*command, options->request.store);
    command->add_option("-o,--output", options->format, "table, json or md")
        ->check(CLI::IsMember({"table", "json", "md"}))
        ->capture_default_str();
    command->footer(
        "Examples:\n"
        "  landauer predict --mmproj mmproj.gguf --image-size 1920x1080\n"
        "  landauer predict --mmproj mmproj.gguf --image photo.jpg\n"
        "  landauer predict --mmproj mmproj.gguf --image-size 480p,720p,1080p --image-max-pixels 1024x720\n"
        "  landauer predict -m model.gguf --cards cards -p 500 -n 200\n"
        "  landauer predict -m model.gguf --cards cards --prompt-file question.txt -n 200\n"
        "  landauer predict --cards cards --workload day.csv --budget 10Wh     every model of the cards");
    command->callback([options, &context] {
        if (auto done = predict(*options); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
