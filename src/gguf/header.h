// What stands before a GGUF file's weights: metadata and the list of tensors, built up in memory.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gguf/value.h"

namespace landauer {

// A tensor before its data is there.
struct GgufTensorSpec {
    std::string name;                 // at most 63 bytes, unique in its file
    std::string type;                 // ggml's name: "q4_K", "f32"
    std::vector<std::int64_t> shape;  // fastest dimension first, one to four, each at least 1
};

// Where a tensor's data will lie.
struct GgufPlace {
    std::string name;
    std::uint64_t offset = 0;  // bytes from the beginning of the file
    std::uint64_t bytes = 0;
};

class GgufHeader {
   public:
    GgufHeader();
    ~GgufHeader();
    GgufHeader(GgufHeader&& other) noexcept;
    GgufHeader& operator=(GgufHeader&& other) noexcept;
    GgufHeader(const GgufHeader&) = delete;
    GgufHeader& operator=(const GgufHeader&) = delete;

    // All metadata of another file but its alignment, none of its tensors. Errors as inspect_gguf().
    [[nodiscard]] static Result<GgufHeader> with_metadata_of(const std::filesystem::path& file);

    // Adds or replaces. Invalid: an empty or overlong key, a text with a NUL byte, a
    // general.alignment other than 32.
    [[nodiscard]] Result<void> set(const std::string& key, const GgufValue& value);
    void remove(const std::string& key);
    [[nodiscard]] std::optional<GgufValue> get(const std::string& key) const;

    // Tensors lie in the file in the order in which they are added. Invalid: a name that is empty,
    // too long or taken, an unknown type, a shape that does not fit the type's blocks.
    [[nodiscard]] Result<void> add_tensor(const GgufTensorSpec& spec);

    [[nodiscard]] std::uint64_t header_bytes() const;  // up to the first tensor's data
    [[nodiscard]] std::uint64_t file_bytes() const;
    [[nodiscard]] std::vector<GgufPlace> places() const;
    [[nodiscard]] std::string bytes() const;  // the header itself, header_bytes() long

   private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace landauer
