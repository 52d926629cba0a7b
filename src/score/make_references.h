// Asks a source every question once and keeps each answer as soon as it is there.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "score/answer_source.h"

namespace landauer {

struct MakeReport {
    int n_made = 0;
    int n_found = 0;                   // answered by this source before
    std::vector<std::string> cut_off;  // prompts whose answer met the token limit, now or before
    std::int64_t n_prompt = 0;         // tokens, of what was asked now
    std::int64_t n_gen = 0;
};

// Called before each question: how many are answered of how many, and which is next.
using MakeProgress = std::function<void(int done, int total, const std::string& prompt_id)>;

// Appends to `out`; what it holds of this source is not asked again, and a line cut by a kill is taken off first.
// `report` holds what was done also when it ended early. Invalid: a file that holds no references, or this source's
// answer to another question of the same id. Failed: it cannot be written. Else what the source says.
[[nodiscard]] Result<void> make_references(std::span<const Prompt> prompts, AnswerSource& source,
                                           const std::filesystem::path& out, const std::function<bool()>& abort,
                                           const MakeProgress& progress, MakeReport& report);

}  // namespace landauer
