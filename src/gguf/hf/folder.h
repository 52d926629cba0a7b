// A folder as Hugging Face's libraries save models: config.json and the weights in one or several safetensors files.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gguf/safetensors.h"

namespace landauer {

// Whether a folder has a config.json and safetensors files.
[[nodiscard]] bool is_hf_folder(const std::filesystem::path& folder);

class HfWeights {
   public:
    // All headers are read. Invalid: no safetensors files, one that the index names is missing, a tensor that is in two
    // files or not where the index says; and as SafetensorsFile::open().
    [[nodiscard]] static Result<HfWeights> open(const std::filesystem::path& folder);

    [[nodiscard]] const SafeTensor* find(const std::string& name) const;  // nullptr: there is none
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] const std::vector<SafetensorsFile>& files() const { return files_; }

    // As SafetensorsFile::read(). Bug: no such tensor.
    [[nodiscard]] Result<void> read(const std::string& name, std::uint64_t first, std::span<std::byte> into) const;

   private:
    struct Place {
        std::size_t file = 0;
        std::size_t tensor = 0;
    };
    std::vector<SafetensorsFile> files_;
    std::map<std::string, Place> places_;
};

}  // namespace landauer
