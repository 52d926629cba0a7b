// What a model holds, in words.
#pragma once

#include <string>

#include "image/scene/model.h"

namespace landauer::scene {

[[nodiscard]] std::string as_json(const Model& model);
[[nodiscard]] std::string as_sentences(const Model& model);

}  // namespace landauer::scene
