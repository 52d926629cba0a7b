// Which sentence embedder scores answers.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <memory>
#include <string>

#include "cli/model_argument.h"
#include "engine/embedder.h"

namespace landauer {

struct FoundEmbedder {
    std::unique_ptr<Embedder> embedder;  // null: there is none here
    std::string sha256;
};

// The file in LANDAUER_EMBEDDER, else all-MiniLM-L6-v2 in the cache of tools/models.sh; empty: neither.
[[nodiscard]] std::filesystem::path default_embedder(const Getenv& getenv);

// `named`, or the default one. Where there is none it says so on stderr, with how to get one.
[[nodiscard]] Result<FoundEmbedder> find_embedder(const std::filesystem::path& named, int n_threads);

}  // namespace landauer
