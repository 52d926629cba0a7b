// ggml's tensor types by their names.
#pragma once

#include <optional>
#include <string_view>

#include "ggml.h"

namespace landauer {

[[nodiscard]] std::optional<ggml_type> tensor_type(std::string_view name);

}  // namespace landauer
