#include "run/preflight.h"

#include <fmt/format.h>

#include <algorithm>

namespace landauer {
namespace {

// llama.cpp rounds contexts up to this; asking for it keeps the reported size the real one.
constexpr std::int64_t kContextStep = 256;

// The text of an image's prompt is tokenised in pieces round it, which may take a few tokens more than as a whole.
constexpr std::int64_t kPieceSlack = 8;

std::int64_t round_up(std::int64_t n) { return (n + kContextStep - 1) / kContextStep * kContextStep; }

Result<TrialNeed> need_of_prompt(Engine& vocabulary, const Plan& plan, int prompt, bool chat_template) {
    TrialSpec spec;
    spec.prompt = prompt;
    TrialRequest request = make_request(plan, spec);
    request.chat_template = chat_template;
    auto tokens = vocabulary.tokenize(request);
    if (!tokens) {
        return tl::unexpected(tokens.error());
    }
    return TrialNeed{static_cast<std::int64_t>(tokens->size()), request.n_gen, 0, 0};
}

std::string trial_name(const Plan& plan, std::size_t index) {
    if (!plan.request.images.empty()) {
        return "The image of " + image_name(plan.request.images[index]);
    }
    return plan.request.prompts.empty() ? plan.request.grid[index].name() : "Prompt " + plan.request.prompts[index].id;
}

Result<void> check_context(const Plan& plan, const std::vector<TrialNeed>& needs, EngineSettings& settings) {
    const auto largest = std::max_element(needs.begin(), needs.end(),
                                          [](const TrialNeed& a, const TrialNeed& b) { return a.total() < b.total(); });
    if (settings.n_ctx == 0) {
        settings.n_ctx = static_cast<std::int32_t>(round_up(largest->total()));
        return {};
    }
    if (largest->total() > settings.n_ctx) {
        const auto index = static_cast<std::size_t>(largest - needs.begin());
        return fail(
            ErrorKind::Invalid,
            fmt::format(
                "{} needs {} tokens ({} in the cache, {} of prompt, {} to generate), more than the context of {}.",
                trial_name(plan, index), largest->total(), largest->n_depth, largest->n_prompt + largest->n_image,
                largest->n_gen, settings.n_ctx),
            fmt::format("Leave -c out, or give -c {} or more.", round_up(largest->total())));
    }
    return {};
}

}  // namespace

TrialRequest make_request(const Plan& plan, const TrialSpec& spec) {
    TrialRequest request;
    if (spec.prompt >= 0) {
        request.text = plan.request.prompts[static_cast<std::size_t>(spec.prompt)].full_text();
        request.n_gen = plan.request.n_gen;
    } else {
        const GridTest& test = plan.request.grid[static_cast<std::size_t>(spec.grid)];
        request.is_grid = true;
        request.n_prompt = test.n_prompt;
        request.n_gen = test.n_gen;
        request.n_depth = test.n_depth;
        request.seed = plan.request.seed;
    }
    return request;
}

Result<std::vector<TrialNeed>> check_fit(const Plan& plan, EngineSettings& settings, bool chat_template) {
    std::vector<TrialNeed> needs;
    needs.reserve(plan.request.grid.size() + plan.request.prompts.size());
    for (const GridTest& test : plan.request.grid) {
        needs.push_back({test.n_prompt, test.n_gen, test.n_depth, 0});
    }
    if (!plan.request.prompts.empty()) {
        auto vocabulary = open_vocabulary(settings.model);
        if (!vocabulary) {
            return tl::unexpected(vocabulary.error());
        }
        for (std::size_t i = 0; i < plan.request.prompts.size(); ++i) {
            auto need = need_of_prompt(**vocabulary, plan, static_cast<int>(i), chat_template);
            if (!need) {
                return tl::unexpected(need.error());
            }
            needs.push_back(*need);
        }
    }
    if (!plan.request.images.empty()) {
        auto costs = image_costs(settings, plan.request.images);
        if (!costs) {
            return tl::unexpected(costs.error());
        }
        const TrialNeed question = needs.front();
        needs.clear();
        for (const ImageCost& cost : *costs) {
            needs.push_back({question.n_prompt + cost.n_marker_tokens + kPieceSlack, question.n_gen, 0, cost.n_tokens});
        }
    }
    if (auto fits = check_context(plan, needs, settings); !fits) {
        return tl::unexpected(fits.error());
    }
    return needs;
}

}  // namespace landauer
