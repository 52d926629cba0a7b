// What `landauer runs` prints, as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/runs_verify.h"
#include "store/store.h"

namespace landauer {

// Control characters made visible as "?": labels and names may come from anywhere.
[[nodiscard]] std::string printable(std::string_view text);

// One line a run, oldest first, under a header; long names are cut.
[[nodiscard]] std::string list_words(const std::vector<RunSummary>& runs);
// Everything about one run that is not a sample: facts, sessions, trials.
[[nodiscard]] std::string show_words(const RunData& data);
[[nodiscard]] std::string verify_words(std::int64_t run_id, const Verification& verification);
[[nodiscard]] std::string merge_words(const Store::MergeReport& report);

}  // namespace landauer
