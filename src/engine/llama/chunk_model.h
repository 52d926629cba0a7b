// A language model that reads a text chunk by chunk and hands out the logits of each chunk's second half.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/llama/handles.h"

namespace landauer {

// How a text is cut: llama-perplexity's rules.
struct ChunkPlan {
    std::int32_t n_ctx = 512;    // tokens a chunk
    std::int32_t n_chunks = 0;   // in the text
    std::int32_t n_together = 1; // chunks a batch, each a sequence of its own
    std::int32_t n_batch = 512;  // tokens a call; less than n_ctx: a chunk takes several
    [[nodiscard]] std::int32_t first() const { return n_ctx / 2; }           // of a chunk whose logits are wanted
    [[nodiscard]] std::int32_t n_scored() const { return n_ctx - 1 - first(); }  // the last predicts the next chunk
};

class ChunkModel {
   public:
    [[nodiscard]] static Result<ChunkModel> load(const std::filesystem::path& file, const ChunkPlan& plan,
                                                 std::int32_t n_threads, const EngineHooks& hooks);

    // Reads the chunks from `chunk` on, as many as go together. Interrupted; Failed.
    [[nodiscard]] Result<void> read(std::span<const Token> tokens, std::int32_t chunk, const EngineHooks& hooks);

    // Of the scored tokens of the nth chunk of those just read: rows of n_vocab.
    [[nodiscard]] std::span<const float> logits(std::int32_t nth) const;

    [[nodiscard]] const std::filesystem::path& file() const { return file_; }
    [[nodiscard]] std::size_t n_vocab() const;

   private:
    Result<void> read_part(std::span<const Token> tokens, std::int32_t chunk, std::int32_t from, std::int32_t to,
                           const EngineHooks& hooks);

    std::filesystem::path file_;
    ChunkPlan plan_;
    ModelPtr model_;
    Context context_;             // after the model: it must go first
    std::vector<float> gathered_;  // logits of a chunk that took several calls
};

}  // namespace landauer
