// What a GGUF file says about itself, read from its header alone: no weights are loaded.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace landauer {

struct GgufTensor {
    std::string name;
    std::string type;                 // ggml's name: "q4_K", "f32"
    std::vector<std::int64_t> shape;  // fastest dimension first, trailing ones dropped
    std::uint64_t offset = 0;         // bytes from the beginning of its file
    std::uint64_t bytes = 0;
    std::uint64_t elements = 0;
    int part = 0;  // which file of a split model holds it
};

// Numbers that a file does not state are 0.
struct GgufSummary {
    std::filesystem::path path;
    std::uint32_t version = 0;
    std::string architecture;  // "llama"
    std::string name;          // general.name, else the file's stem
    std::string file_type;     // the type that holds most bytes: "q4_1"
    std::uint64_t n_tensors = 0;
    std::uint64_t tensor_bytes = 0;
    std::uint64_t file_bytes = 0;  // of all parts
    std::uint64_t n_params = 0;
    std::int64_t context_length = 0;  // what the model was trained for
    std::int64_t n_layer = 0;
    std::int64_t n_embd = 0;
    std::int64_t n_ff = 0;       // widest layer
    std::int64_t n_head = 0;     // most of any layer
    std::int64_t n_head_kv = 0;  // most of any layer
    std::int64_t head_dim_k = 0;
    std::int64_t head_dim_v = 0;
    std::int64_t sliding_window = 0;
    std::int64_t n_vocab = 0;
    bool has_chat_template = false;
    bool synthetic = false;                       // random weights: costs are true to the shape, answers are noise
    int n_parts = 1;                              // files that a split model consists of
    std::map<std::string, std::string> metadata;  // scalars as text, long ones shortened; lists as "[n type]"
    std::map<std::string, std::string> types;     // of the values, ggml's names: "u32", "str", "arr"
    std::map<std::string, std::vector<std::int64_t>> lists;  // of integers, those of at most 1024
    std::vector<GgufTensor> tensors;
};

// Reads the header (of every part of a split model) and holds it against the file.
// Invalid, with what was found and where: a missing or empty file, a folder, something
// else than GGUF (which), a header damaged at a byte, a file cut short (by how much), a
// part of a split model that is not the first or whose fellows are missing.
// Denied: the file may not be read. Never allocates more than a few times the header's size.
[[nodiscard]] Result<GgufSummary> inspect_gguf(const std::filesystem::path& file);

}  // namespace landauer
