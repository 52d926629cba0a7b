// Reference answers about the traffic scene, written from the truth of what was drawn: no model is asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "score/references.h"

namespace landauer {

// What image runs ask where the user asked nothing else.
inline constexpr const char* kSceneQuestion =
    "Describe this traffic scene: which vehicles, people, signs and signals are there, and what is happening?";

// One answer in a sentence or two, one in a paragraph, and one that tells everything.
[[nodiscard]] std::vector<Reference> scene_references(std::uint32_t seed, const std::string& prompt_id);

}  // namespace landauer
