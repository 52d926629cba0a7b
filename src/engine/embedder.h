// Sentence embeddings by any embedding GGUF that libllama runs.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace landauer {

struct EmbedderSettings {
    std::filesystem::path model;
    std::int32_t n_threads = 1;
    std::string pooling;  // "", "mean", "cls", "last": empty: the model's own
};

struct EmbedderFacts {
    std::string name;
    std::string pooling;
    std::int32_t n_embd = 0;
    std::int32_t n_ctx = 0;  // tokens a text may have
};

struct Embedding {
    std::vector<float> values;     // n_embd, length 1; all 0 for a text without tokens
    // Sentences from the end that the context did not hold. A first sentence that alone is too long is cut at its
    // tokens, and counted as well.
    int n_sentences_left_out = 0;
};

// A text gives the same embedding, bit for bit, whatever the threads and whatever texts come with it: each is computed
// alone by one thread, the threads take texts in turns.
class Embedder {
   public:
    Embedder() = default;
    Embedder(const Embedder&) = delete;
    Embedder& operator=(const Embedder&) = delete;
    Embedder(Embedder&&) = delete;
    Embedder& operator=(Embedder&&) = delete;
    virtual ~Embedder() = default;

    [[nodiscard]] virtual const EmbedderFacts& facts() const = 0;
    // `abort` is polled between batches: Interrupted. In the order of `texts`.
    [[nodiscard]] virtual Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                                               const std::function<bool()>& abort) = 0;
};

// Invalid: no GGUF, or a model that is no embedder (no pooling in its metadata and none asked for).
[[nodiscard]] Result<std::unique_ptr<Embedder>> open_embedder(const EmbedderSettings& settings);

// Of two embeddings of one length, in [-1, 1]; 0 when either is all 0.
[[nodiscard]] double cosine(std::span<const float> a, std::span<const float> b);

}  // namespace landauer
