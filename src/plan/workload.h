// What a service is asked in a day: how long prompts and answers are, and how often.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

struct Workload {
    std::vector<TokenCounts> requests;  // each size once, with how often it came
    int n_skipped = 0;                  // lines of a log that tell no token counts
    std::string kind;                   // "histogram", "log"
    [[nodiscard]] double n_requests() const;
};

// A histogram: CSV whose header names n_prompt, n_gen and perhaps count. Or a log: JSON, an object a line, with the
// counts as OpenAI-style servers give them ("usage": prompt_tokens, completion_tokens), or llama-server ("timings":
// prompt_n, predicted_n), at any depth. Invalid, naming the line: neither of them; no counts at all; counts below 0.
[[nodiscard]] Result<Workload> read_workload(const std::filesystem::path& file);
[[nodiscard]] Result<Workload> parse_workload(std::string_view text, std::string_view source);

}  // namespace landauer
