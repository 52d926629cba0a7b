// Weights of one type in one of ggml's buffers, for matrices of many shapes to lie on in turns.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <memory>
#include <string>

#include "engine/llama/handles.h"
#include "ggml-backend.h"

namespace landauer {

using BufferPtr = std::unique_ptr<ggml_backend_buffer, FreeWith<ggml_backend_buffer_free>>;
using TensorsPtr = std::unique_ptr<ggml_context, FreeWith<ggml_free>>;

[[nodiscard]] TensorsPtr make_tensors(std::size_t n);

// The buffer type that libllama's loader picks for a matrix of this shape on the CPU.
[[nodiscard]] ggml_backend_buffer_type_t weight_buffer(ggml_type type, std::int64_t rows, std::int64_t cols,
                                                       bool repack);

// Every matrix on it is a run of whole blocks: what their numbers are does not matter to the time, that they are no
// denormal ones does.
class WeightPool {
   public:
    // At least `bytes`, filled with noise in rows of `cols`. Failed: no memory.
    static Result<WeightPool> create(ggml_type type, ggml_backend_buffer_type_t buffer, std::int64_t cols,
                                     std::uint64_t bytes);

    // Bytes from one matrix to the next.
    [[nodiscard]] std::uint64_t stride(const ggml_tensor* tensor) const;
    [[nodiscard]] std::uint64_t bytes() const { return ggml_backend_buffer_get_size(buffer_.get()); }
    // Puts the tensor on the pool, `offset` bytes (of whole strides) from its beginning.
    [[nodiscard]] bool place(ggml_tensor* tensor, std::uint64_t offset) const;

   private:
    TensorsPtr tensors_;
    BufferPtr buffer_;
};

}  // namespace landauer
