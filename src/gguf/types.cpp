#include "gguf/types.h"

namespace landauer {

std::optional<ggml_type> tensor_type(std::string_view name) {
    for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
        const auto type = static_cast<ggml_type>(i);
        const char* known = ggml_type_name(type);
        if (known != nullptr && name == known && ggml_blck_size(type) > 0) return type;
    }
    return std::nullopt;
}

}  // namespace landauer
