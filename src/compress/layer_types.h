// What a matrix is stored in where its layer is asked to take one type.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace landauer {

// A part ("ffn_down") of layer `layer` of `n_layers`, its rows so long, where the layer takes `type` (ggml's name):
// that type, one of more bits where it does much harm, or one of smaller blocks where rows do not fit its own.
[[nodiscard]] std::string type_in_layer(const std::string& type, std::string_view part, std::size_t layer,
                                        std::size_t n_layers, std::size_t columns);

// What rows of that length are stored in instead of a type whose blocks do not fit them: the type itself where they do,
// or where nothing else is known.
[[nodiscard]] std::string type_for_rows(const std::string& type, std::size_t columns);

}  // namespace landauer
