// An embedder without a model: one dimension a word, so that the cosine is that of word counts.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/embedder.h"
#include "score/answers.h"

namespace landauer::test {

class FakeEmbedder final : public Embedder {
   public:
    [[nodiscard]] const EmbedderFacts& facts() const override { return facts_; }

    [[nodiscard]] Result<std::vector<Embedding>> embed(std::span<const std::string> texts,
                                                       const std::function<bool()>& abort) override {
        if (abort && abort()) {
            return fail(ErrorKind::Interrupted, "Interrupted.", "");
        }
        std::vector<Embedding> out;
        for (const std::string& text : texts) {
            asked.push_back(text);
            Embedding embedding{std::vector<float>(kWidth, 0.0F), text.find("cut") != std::string::npos ? 2 : 0};
            for (const std::string& word : answer_words(text)) {
                embedding.values.at(place_of(word)) += 1.0F;
            }
            out.push_back(embedding);
        }
        return out;
    }

    std::vector<std::string> asked;  // every text, in order

   private:
    static constexpr std::size_t kWidth = 64;
    std::size_t place_of(const std::string& word) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if (words_[i] == word) {
                return i;
            }
        }
        words_.push_back(word);
        return words_.size() - 1;
    }

    EmbedderFacts facts_{"fake words", "mean", kWidth, 512};
    std::vector<std::string> words_;
};

}  // namespace landauer::test
