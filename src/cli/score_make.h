// `landauer score --make-references`: by a model here or behind an endpoint, each answer kept at once.
#pragma once

#include <landauer/error.h>

#include "cli/score_options.h"

namespace landauer {

[[nodiscard]] Result<void> make_references_by_words(const ScoreWords& words);

}  // namespace landauer
