// Reference answers by prompt: what answers are held against.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

struct Reference {
    std::string prompt_id;
    std::string answer;
    std::string source;                           // who answered: a model's name, "person", "scene description"
    std::string created_utc;                      // may be empty
    std::map<std::string, std::string> settings;  // temperature, n_gen, endpoint's host, model_sha256, ...
    friend bool operator==(const Reference&, const Reference&) = default;
};

struct References {
    std::vector<Reference> all;  // several a prompt are allowed
    std::string sha256;          // over ids and answers, whatever the order of lines
    [[nodiscard]] std::vector<const Reference*> of(std::string_view prompt_id) const;
    [[nodiscard]] std::string words() const;  // "19 answers by Llama-3.1-8B, 2026-11-20"
};

// JSONL, one answer a line. Invalid, naming the line: not JSON, no id, no answer, the very same answer twice.
[[nodiscard]] Result<References> read_references(const std::filesystem::path& file);
[[nodiscard]] Result<References> parse_references(std::string_view jsonl, std::string_view source);
[[nodiscard]] References references_from(std::vector<Reference> all);  // fills in the hash
[[nodiscard]] std::string to_jsonl(const std::vector<Reference>& references);

// Ours, for the built-in ladder P1-P19.
[[nodiscard]] Result<References> builtin_references();

}  // namespace landauer
