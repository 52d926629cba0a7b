#include "score/default_references.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "score/run_prompts.h"
#include "score/scene_references.h"

namespace landauer {
namespace {

// The seed of "traffic scene 7".
std::optional<std::uint32_t> scene_seed(const RunRecord& run) {
    constexpr std::string_view kScene = "traffic scene ";
    const auto image = run.settings.find("image");
    if (image == run.settings.end() || run.settings.contains("image_sha256") || !image->second.starts_with(kScene)) {
        return std::nullopt;
    }
    const std::string_view text = std::string_view(image->second).substr(kScene.size());
    std::uint32_t seed = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seed);
    return problem == std::errc{} && end == text.data() + text.size() ? std::optional(seed) : std::nullopt;
}

bool is_of_the_ladder(const Prompt& prompt) {
    const std::vector<Prompt>& ladder = builtin_ladder();
    return std::any_of(ladder.begin(), ladder.end(),
                       [&](const Prompt& own) { return own.id == prompt.id && own.full_text() == prompt.full_text(); });
}

}  // namespace

Result<References> default_references(const RunRecord& run) {
    const auto prompts = prompts_of(run);
    if (!prompts) {
        return tl::unexpected(prompts.error());
    }
    if (prompts->empty()) {
        return fail(ErrorKind::Invalid, fmt::format("Run {} asks nothing, so it has no answers to score.", run.id),
                    "Score runs of prompts or pictures; the grid protocol runs synthetic tokens.");
    }
    const auto seed = scene_seed(run);
    if (seed && prompts->size() == 1 && prompts->front().full_text() == kSceneQuestion) {
        return references_from(scene_references(*seed, prompts->front().id));
    }
    if (!run.settings.contains("image") && std::all_of(prompts->begin(), prompts->end(), is_of_the_ladder)) {
        return builtin_references();
    }
    return fail(ErrorKind::Absent,
                fmt::format("There are no built-in reference answers for what run {} asked.", run.id),
                "Name a file of them with --references FILE, or make one: landauer score --make-references.");
}

}  // namespace landauer
