// A GGUF file opened with care: the first half of inspect_gguf().
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "gguf.h"
#include "gguf/close_file.h"

namespace landauer {

struct FreeGguf {
    void operator()(gguf_context* context) const { gguf_free(context); }
};
using GgufPtr = std::unique_ptr<gguf_context, FreeGguf>;

struct OpenedGguf {
    GgufPtr header;
    std::uint64_t file_bytes = 0;
};

// Errors as inspect_gguf(), but for tensors beyond the file's end.
[[nodiscard]] Result<OpenedGguf> open_gguf(const std::filesystem::path& path);

}  // namespace landauer
