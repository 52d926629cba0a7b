// A model's weights one tensor at a time, as numbers: what compression reads.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gguf/summary.h"

namespace landauer {

class WeightFile {
   public:
    // A GGUF file of any types (split ones too). Errors as inspect_gguf().
    [[nodiscard]] static Result<WeightFile> open(const std::filesystem::path& file);

    WeightFile(WeightFile&& other) noexcept;
    WeightFile& operator=(WeightFile&& other) noexcept;
    WeightFile(const WeightFile&) = delete;
    WeightFile& operator=(const WeightFile&) = delete;
    ~WeightFile();

    [[nodiscard]] const GgufSummary& summary() const;
    [[nodiscard]] const GgufTensor* find(const std::string& tensor) const;  // nullptr: it has none

    // Values [first, first + into.size()) of the tensor, dequantised, fastest dimension first; `first` and the length
    // are whole rows of it. Invalid: no such tensor, a type that cannot be dequantised, a value that is not a number
    // (named with its place). Failed: the file cannot be read.
    [[nodiscard]] Result<void> read(const std::string& tensor, std::uint64_t first, std::span<float> into) const;
    [[nodiscard]] Result<std::vector<float>> read(const std::string& tensor) const;  // all of it

    // The same rows as they are stored. Errors as read(), but for the values.
    [[nodiscard]] Result<void> read_rows(const std::string& tensor, std::uint64_t first_row, std::uint64_t n_rows,
                                         std::span<std::byte> into) const;

   private:
    struct State;
    explicit WeightFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Bytes of one row of n values of a type by ggml's name; 0 when n does not fit its blocks.
[[nodiscard]] std::uint64_t row_bytes(const std::string& type, std::uint64_t n_values);

// `values` (rows of n_columns) encoded in a type by ggml's name, into.size() == rows x row_bytes(). `importance`:
// empty, or a weight for each column (an importance matrix). Invalid: a type that cannot be written, or needs the
// importance and has none.
[[nodiscard]] Result<void> encode_rows(const std::string& type, std::span<const float> values, std::uint64_t n_columns,
                                       std::span<const float> importance, std::span<std::byte> into);

// Those bytes as numbers. Bug: a type that cannot be decoded, or lengths that do not belong together.
[[nodiscard]] Result<void> decode_rows(const std::string& type, std::span<const std::byte> bytes,
                                       std::uint64_t n_columns, std::span<float> into);

}  // namespace landauer
