#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace landauer {
namespace {

// FNV-1a, 64 bits: the hash names a plan, it protects nothing.
std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return hash;
}

// Fisher-Yates with its own arithmetic, so that a seed gives one order with every compiler.
void shuffle(std::vector<TrialSpec>& trials, std::mt19937_64& random) {
    for (std::size_t i = trials.size(); i > 1; --i) {
        std::swap(trials[i - 1], trials[random() % i]);
    }
}

// Every prompt, picture or grid test once, for the first model.
std::vector<TrialSpec> one_repetition(const PlanRequest& request, int repetition) {
    std::vector<TrialSpec> trials;
    const auto add = [&](std::string id, int prompt, int grid, int image) {
        std::string key = fmt::format("{}/r{}", id, repetition);
        trials.push_back({std::move(key), std::move(id), 0, prompt, grid, image, repetition});
    };
    for (std::size_t i = 0; i < request.images.size(); ++i) {
        add(image_name(request.images[i]), 0, -1, static_cast<int>(i));
    }
    for (std::size_t i = 0; request.images.empty() && i < request.prompts.size(); ++i) {
        add(request.prompts[i].id, static_cast<int>(i), -1, -1);
    }
    for (std::size_t i = 0; i < request.grid.size(); ++i) {
        add(request.grid[i].name(), -1, static_cast<int>(i), -1);
    }
    return trials;
}

std::string hash_of(const PlanRequest& request) {
    nlohmann::ordered_json identity = {
        {"protocol", request.protocol},       {"models", request.models}, {"prompts", to_jsonl(request.prompts)},
        {"repetitions", request.repetitions}, {"n_gen", request.n_gen},   {"seed", request.seed},
        {"settings", request.settings}};
    for (const GridTest& test : request.grid) {
        identity["grid"].push_back({test.n_prompt, test.n_gen, test.n_depth});
    }
    for (const ImageSize size : request.images) {
        identity["images"].push_back({size.width, size.height});
    }
    return fmt::format("{:016x}", fnv1a(identity.dump()));
}

Result<void> check_images(const PlanRequest& request) {
    if (request.images.empty()) {
        return {};
    }
    if (request.prompts.size() != 1 || !request.grid.empty()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("An image ladder asks one question of every picture, not {}.", request.prompts.size()),
                    "Give the question with --question, or a --prompts file of one line.");
    }
    std::set<std::string> seen;
    for (const ImageSize size : request.images) {
        if (size.width < 1 || size.height < 1) {
            return fail(ErrorKind::Invalid, fmt::format("An image of {} has no pixels.", image_name(size)),
                        "Give sizes of at least 1x1.");
        }
        if (!seen.insert(image_name(size)).second) {
            return fail(ErrorKind::Invalid, fmt::format("The size {} is there twice.", image_name(size)),
                        "Give each size once; -r repeats them all.");
        }
    }
    return {};
}

Result<void> check(const PlanRequest& request) {
    if (request.models.empty()) {
        return fail(ErrorKind::Invalid, "No model was given.", "Name one with -m MODEL.gguf.");
    }
    if (request.repetitions < 1) {
        return fail(ErrorKind::Invalid, fmt::format("{} repetitions measure nothing.", request.repetitions),
                    "Give -r 1 or more.");
    }
    if (request.pieces < 1) {
        return fail(ErrorKind::Invalid, fmt::format("A repetition cannot be cut into {} pieces.", request.pieces),
                    "Give 1 or more.");
    }
    if (request.prompts.empty() && request.grid.empty()) {
        return fail(ErrorKind::Invalid, "There is nothing to run.",
                    "Give prompts, or for --protocol grid at least one of -p, -n and -pg.");
    }
    if (auto images = check_images(request); !images) {
        return images;
    }
    for (const GridTest& test : request.grid) {
        if (test.n_prompt + test.n_gen == 0) {
            return fail(ErrorKind::Invalid, "A test of no prompt and no generated tokens runs nothing.",
                        "Give -p or -n a number above 0.");
        }
    }
    if (!request.prompts.empty() && request.n_gen < 0) {
        return fail(ErrorKind::Invalid, fmt::format("{} tokens cannot be generated.", request.n_gen),
                    "Give -n 0 or more.");
    }
    return {};
}

}  // namespace

std::string image_name(ImageSize size) { return fmt::format("{}x{}", size.width, size.height); }

Result<Plan> make_plan(const PlanRequest& request) {
    if (auto checked = check(request); !checked) {
        return tl::unexpected(checked.error());
    }
    Plan plan{request, {}, hash_of(request)};
    std::mt19937_64 random(request.seed);
    const int n_models = static_cast<int>(request.models.size());
    std::size_t turn = 0;
    for (int repetition = 0; repetition < request.repetitions; ++repetition) {
        std::vector<TrialSpec> trials = one_repetition(request, repetition);
        shuffle(trials, random);
        const std::size_t pieces = std::min(static_cast<std::size_t>(request.pieces), trials.size());
        for (std::size_t piece = 0; piece < pieces; ++piece, ++turn) {
            const std::size_t first = piece * trials.size() / pieces;
            const std::size_t last = (piece + 1) * trials.size() / pieces;
            for (int i = 0; i < n_models; ++i) {
                // There and back again (ABBA), so that a drift of the machine falls on all models alike.
                const int model = turn % 2 == 0 ? i : n_models - 1 - i;
                for (std::size_t k = first; k < last; ++k) {
                    plan.trials.push_back(trials[k]);
                    plan.trials.back().model = model;
                }
            }
        }
    }
    return plan;
}

const TrialSpec& cheapest_trial(const Plan& plan) {
    const auto pixels = [&](const TrialSpec& spec) {
        return spec.image < 0 ? 0 : plan.request.images[static_cast<std::size_t>(spec.image)].pixels();
    };
    return *std::min_element(plan.trials.begin(), plan.trials.end(),
                             [&](const TrialSpec& a, const TrialSpec& b) { return pixels(a) < pixels(b); });
}

}  // namespace landauer
