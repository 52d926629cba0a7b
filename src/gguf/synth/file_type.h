// The mixtures of tensor types that llama-quantize writes, by its own names and rules.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

struct FileType {
    std::string name;         // "Q4_K_M"
    std::uint32_t id = 0;     // general.file_type
    std::string tensor_type;  // ggml's name of the type most tensors get
};

// Invalid, with the names there are.
[[nodiscard]] Result<FileType> find_file_type(std::string_view name);
[[nodiscard]] std::vector<std::string> file_type_names();

// The model around a tensor, as far as its type depends on it.
struct MixContext {
    std::int64_t n_layer = 0;
    std::int64_t n_gqa = 1;  // query heads for each key head
    bool tied = false;
};

// ggml's name of the type that a weight with rows of n_columns gets, without an importance matrix.
// `layer` is -1 outside the layers. Norms and biases stay f32.
[[nodiscard]] std::string mixed_type(const FileType& file_type, const MixContext& context, std::string_view tensor,
                                     std::int64_t layer, std::int64_t n_columns);

}  // namespace landauer
