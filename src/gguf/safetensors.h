// Weights in the safetensors format: where each tensor lies in its file, and its bytes.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/close_file.h"

namespace landauer {

struct SafeTensor {
    std::string name;
    std::string type;                 // the format's own name: "BF16"
    std::vector<std::int64_t> shape;  // slowest dimension first, as the format has it; empty: one value
    std::uint64_t offset = 0;         // bytes from the beginning of the data
    std::uint64_t bytes = 0;
};

// The tensors of a header, in the order of their data, which they fill without gap or overlap. The error is what is
// wrong with it, to follow "its header ".
[[nodiscard]] tl::expected<std::vector<SafeTensor>, std::string> read_safetensors_header(std::string_view text,
                                                                                         std::uint64_t data_bytes);

// Bits of a value by the format's name; 0: no such type.
[[nodiscard]] std::uint64_t safetensors_bits(std::string_view type);

class SafetensorsFile {
   public:
    // Invalid: missing, something else, cut short, or with a header that contradicts itself or the file.
    [[nodiscard]] static Result<SafetensorsFile> open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] const std::vector<SafeTensor>& tensors() const { return tensors_; }

    // Bytes [first, first + into.size()) of a tensor; by one thread at a time. Failed: the file cannot be read.
    [[nodiscard]] Result<void> read(const SafeTensor& tensor, std::uint64_t first, std::span<std::byte> into) const;

   private:
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::uint64_t data_begin_ = 0;
    std::vector<SafeTensor> tensors_;
};

}  // namespace landauer
