// A projector's header with typed questions, over what the gguf room has read.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gguf/summary.h"

namespace landauer {

class Header {
   public:
    // Keeps a reference.
    explicit Header(const GgufSummary& summary);

    [[nodiscard]] const GgufSummary& summary() const { return *summary_; }
    // Empty: absent.
    [[nodiscard]] std::string text(std::string_view key) const;
    // Of a u32 or i32 key; `otherwise`: absent.
    [[nodiscard]] std::int32_t number(std::string_view key, std::int32_t otherwise = 0) const;
    [[nodiscard]] bool has(std::string_view key) const;
    // Null: absent.
    [[nodiscard]] const GgufTensor* tensor(std::string_view name) const;

    // Invalid unless the key has the type that llama.cpp reads ("u32"), which aborts on any other; for lists
    // of floats "arr". An absent key is fine when it is optional.
    [[nodiscard]] Result<void> check_key(std::string_view key, std::string_view type, bool is_optional) const;
    // Invalid, naming the tensor.
    [[nodiscard]] Result<void> check_tensor(std::string_view name) const;
    // Invalid: what is wrong, with the remedy that all damaged projectors share.
    [[nodiscard]] tl::unexpected<Error> unfit(const std::string& what) const;

   private:
    const GgufSummary* summary_;
    std::unordered_map<std::string_view, const GgufTensor*> tensors_;
};

// A dimension, fastest first; 1 beyond the last.
[[nodiscard]] std::int64_t dimension(const GgufTensor& tensor, std::size_t axis);

}  // namespace landauer
