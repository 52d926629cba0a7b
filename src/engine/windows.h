// Windows of tokens to learn a model's statistics from: a text's, or what the model writes by itself.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace landauer {

using TokenWindow = std::vector<Token>;

// The text cut into windows of n_tokens each, begun as the vocabulary begins a text; what is left over goes. At most
// n_windows, spread evenly over the text (-1: all). A text shorter than one window gives one shorter window.
// Invalid: no language model; a text of a few tokens.
[[nodiscard]] Result<std::vector<TokenWindow>> text_windows(const std::filesystem::path& model, const std::string& text,
                                                            std::int32_t n_windows, std::int32_t n_tokens);

struct SelfTextSettings {
    std::int32_t n_windows = 16;
    std::int32_t n_tokens = 512;
    std::int32_t n_threads = 1;
    std::uint64_t seed = 0;
};

// Sampled from the model at temperature 1 from the beginning token on; where a text ends, another begins. The same for
// the same seed, thread count and machine. Invalid: no language model. Interrupted: `abort`. Failed: logits that are
// not numbers.
[[nodiscard]] Result<std::vector<TokenWindow>> self_windows(const std::filesystem::path& model,
                                                            const SelfTextSettings& settings,
                                                            const std::function<bool()>& abort,
                                                            const std::function<void(double fraction)>& progress);

// Invalid, naming the first difference: the two models do not read and write the same tokens.
[[nodiscard]] Result<void> check_same_vocabulary(const std::filesystem::path& base, const std::filesystem::path& other);

}  // namespace landauer
