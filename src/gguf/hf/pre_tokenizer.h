// How a tokenizer.json cuts text before byte-pair merging, recognised by its own rules.
#pragma once

#include <landauer/error.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace landauer {

// llama.cpp's name (tokenizer.ggml.pre) for the rules of a byte-level tokenizer. Invalid: rules that match none of the
// known ones to the letter (says what they are and how to name one by hand).
[[nodiscard]] Result<std::string> recognise_pre_tokenizer(const nlohmann::json& tokenizer);

// Names that may be given by hand. Invalid: another one.
[[nodiscard]] Result<void> check_pre_tokenizer_name(const std::string& name);

}  // namespace landauer
