#include "cli/verdict_options.h"

#include <fmt/format.h>

#include "cli/compare.h"
#include "plan/plan.h"
#include "platform/available_memory.h"

namespace landauer {
namespace {

constexpr int kQuickPrompts = 5;
constexpr int kQuickAttempts = 2;
constexpr double kQuickCooldown_s = 1.0;
constexpr double kQuickDelay_s = 0.2;
constexpr double kQuickIdle_s = 3.0;
constexpr std::size_t kQuickTextBytes = 24000;  // some 6000 tokens

bool is_full(const VerdictFlags& flags) { return flags.ladder == "full"; }

int quick_prompts(const VerdictFlags& flags) {
    return flags.ladder == "quick" ? kQuickPrompts : std::stoi(flags.ladder);
}

// Intervals come from pairs of trials: of few prompts each is run twice.
int quick_repetitions(const VerdictFlags& flags) { return quick_prompts(flags) < kQuickPrompts ? 2 : 1; }

}  // namespace

void add_verdict_options(CLI::App& command, const std::string& against, VerdictFlags& flags) {
    command
        .add_option("--verdict", flags.ladder,
                    fmt::format("How the result is held against {}: quick (five prompts of the ladder), full (all of "
                                "them), or how many",
                                against))
        ->check(CLI::IsMember({"quick", "full"}) | CLI::Range(1, static_cast<int>(builtin_ladder().size())))
        ->capture_default_str();
    command.add_flag("--no-verdict", flags.none, "Do not hold it against them");
    command
        .add_option("--contention-limit", flags.contention_percent,
                    "Other programs' CPU use, in % of one core, from which a trial of the verdict is spoiled")
        ->capture_default_str();
    command.add_option("--verdict-text", flags.text,
                       "Text for the verdict's perplexity; not one that the result was made with");
}

CompareFlags verdict_compare(const VerdictFlags& flags, const std::vector<std::filesystem::path>& models) {
    release_free_memory();  // of the making, which is no part of what the models take
    CompareFlags out;
    for (const auto& model : models) out.inputs.push_back(model.string());
    out.text = flags.text;
    out.bench.contention_percent = flags.contention_percent;
    out.bench.least_turns = kCompareTurns;
    if (is_full(flags)) return out;
    out.bench.ladder = quick_prompts(flags);
    out.bench.repetitions = quick_repetitions(flags);
    out.bench.max_attempts = kQuickAttempts;
    out.bench.cooldown_s = kQuickCooldown_s;
    out.bench.delay_s = kQuickDelay_s;
    out.bench.idle_s = kQuickIdle_s;
    out.bench.idle_cap_s = kQuickIdle_s;
    out.most_text_bytes = kQuickTextBytes;
    return out;
}

std::string verdict_words(const VerdictFlags& flags) {
    return is_full(flags)
               ? std::string("The verdict ran the whole ladder of prompts.")
               : fmt::format("The verdict ran {} of the ladder's prompts{}{}; --verdict full runs all of them.",
                             quick_prompts(flags), quick_repetitions(flags) > 1 ? ", twice each" : "",
                             flags.text.empty() ? "" : " and scored the text's beginning");
}

}  // namespace landauer
