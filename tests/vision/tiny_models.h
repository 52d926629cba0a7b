// Projectors and language models of a few kilobytes, complete enough for libmtmd to count tokens with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vision/families.h"

namespace landauer::testing {

inline constexpr std::int64_t kTinyWidth = 16;   // of the encoder
inline constexpr std::int64_t kTinyOutput = 32;  // of the projector

// What goes into a projector's file. Start from tiny_projector() and spoil what the test is about.
struct TinyProjector {
    std::map<std::string, std::uint32_t> numbers;
    std::map<std::string, std::int32_t> signed_numbers;
    std::map<std::string, float> floats;
    std::map<std::string, std::string> texts;
    std::map<std::string, std::vector<std::int32_t>> lists;
    std::map<std::string, std::vector<std::int64_t>> tensors;  // shapes, fastest dimension first; f32
    bool has_vision = true;

    void write(const std::filesystem::path& file) const;
};

// A projector of the family with just the keys and tensors that its row asks for; patch and image sizes as the
// family's published models have them.
[[nodiscard]] TinyProjector tiny_projector(const Family& family);

// One a row of the family tables, and the variants that the header's keys make of them.
struct Variant {
    std::string name;
    TinyProjector projector;
    // Some preprocessors fill pixels in all the same: fewer and smaller images for those.
    int n_sizes = 520;
    std::int32_t longest_side = 16000;
};
[[nodiscard]] std::vector<Variant> tiny_variants();

// A language model's vocabulary: every byte, and all markers that libmtmd writes as one token each.
// "qwen2vl" has positions in two dimensions, which some projectors count on, "llama" in one.
// Marks of rows and columns for grids of up to `n_slices`.
void write_tiny_vocabulary(const std::filesystem::path& file, const std::string& architecture, int n_slices = 0);

}  // namespace landauer::testing
