// The windows of tokens that a model's statistics are collected over: the user's text, the model's own, or both in
// turns.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/windows.h"

namespace landauer {

struct CalibrationSettings {
    std::string text;             // empty: self-generated windows alone
    bool self = true;             // false: the text alone
    std::int32_t n_windows = 16;  // of both together; half and half where both are there
    std::int32_t n_tokens = 512;  // a window
    std::int32_t n_threads = 1;
    std::uint64_t seed = 0;
};

struct Calibration {
    std::vector<TokenWindow> windows;  // text and self-generated ones in turns
    std::int64_t n_text_tokens = 0;
    std::int64_t n_self_tokens = 0;
    std::string sha256;                // of settings, model and text: the same windows come out of the same
    std::vector<std::string> caveats;  // a text too short for its share, no text at all
};

// `model_sha256` is the file's. Kept in `cache` and taken from there when nothing that matters has changed.
// Invalid: a text that is not text (a NUL byte), one of white space, neither text nor self-generation; Interrupted.
[[nodiscard]] Result<Calibration> calibration_windows(const std::filesystem::path& model,
                                                      const std::string& model_sha256,
                                                      const CalibrationSettings& settings,
                                                      const std::filesystem::path& cache,
                                                      const std::function<bool()>& abort,
                                                      const std::function<void(double)>& progress);

}  // namespace landauer
