// The English names of what a model holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/scene/model.h"

namespace landauer::scene {

[[nodiscard]] std::string_view name(Body body);
[[nodiscard]] std::string_view name(Heading heading);
[[nodiscard]] std::string_view name(Ride ride);
[[nodiscard]] std::string_view name(SignKind kind);
[[nodiscard]] std::string with_words(const Person& person);     // "a red balloon"
[[nodiscard]] std::string text_of(const Sign& sign);            // without its arrows
[[nodiscard]] std::string clock_words(const Lighting& light);   // "17:20"
[[nodiscard]] std::string_view article(std::string_view noun);  // "a" or "an"
[[nodiscard]] std::string in_title_case(std::string_view capitals);
[[nodiscard]] std::string joined(const std::vector<std::string>& phrases);  // "a, b and c"

}  // namespace landauer::scene
