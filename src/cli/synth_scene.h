// `landauer synth traffic-scene`: the picture, and the truth of what it shows.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace landauer {

inline constexpr const char* kSceneNoun = "traffic-scene";

struct SceneWords {
    std::filesystem::path out;    // .png, or .jpg
    std::filesystem::path truth;  // JSON of what is in it; empty: not written
    std::string size = "1600x900";
    std::uint32_t seed = 1;
    bool force = false;
};

// Invalid: no file, a file that is there and is not to be replaced, another ending, a size that is none.
[[nodiscard]] Result<void> synth_scene(const SceneWords& words);

}  // namespace landauer
