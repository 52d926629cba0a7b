// `landauer score --text`: what a model makes of a text, alone or against its base, kept in the store.
#pragma once

#include <landauer/error.h>

#include "cli/score_options.h"

namespace landauer {

[[nodiscard]] Result<void> score_text_by_words(const ScoreWords& words);

}  // namespace landauer
