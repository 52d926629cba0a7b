// What `landauer score` was asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace landauer {

struct ScoreWords {
    std::filesystem::path store = "landauer.db";
    std::vector<std::string> runs;
    std::filesystem::path references;
    std::filesystem::path embedder;
    std::string rule = "best";
    std::string format = "table";
    std::filesystem::path out;
    bool per_prompt = false;
    std::int32_t n_threads = 0;  // 0: all that can be kept busy

    // Making references.
    bool make_references = false;
    std::filesystem::path model;  // of references, and of a text's score
    std::filesystem::path prompts;
    std::string endpoint;
    std::string endpoint_model;
    std::string key_env;
    std::string price;  // "IN,OUT" for a million tokens
    std::int32_t n_gen = 256;
    double timeout_s = 300.0;

    // Scoring a text.
    std::filesystem::path text;
    std::filesystem::path base;
    std::int32_t n_ctx = 512;
    std::int32_t n_chunks = -1;
};

}  // namespace landauer
