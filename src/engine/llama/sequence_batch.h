// Tokens of several sequences in one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "llama.h"

namespace landauer {

class SequenceBatch {
   public:
    void add(Token token, llama_pos position, llama_seq_id sequence, bool logits) {
        tokens_.push_back(token);
        positions_.push_back(position);
        sequences_.push_back(sequence);
        wanted_.push_back(logits ? 1 : 0);
        n_wanted_ += logits ? 1 : 0;
    }
    [[nodiscard]] std::size_t n_wanted() const { return n_wanted_; }
    llama_batch view() {
        counts_.assign(tokens_.size(), 1);
        pointers_.clear();
        for (llama_seq_id& sequence : sequences_) pointers_.push_back(&sequence);
        llama_batch batch{};
        batch.n_tokens = static_cast<std::int32_t>(tokens_.size());
        batch.token = tokens_.data();
        batch.pos = positions_.data();
        batch.n_seq_id = counts_.data();
        batch.seq_id = pointers_.data();
        batch.logits = wanted_.data();
        return batch;
    }

   private:
    std::vector<Token> tokens_;
    std::vector<llama_pos> positions_;
    std::vector<std::int32_t> counts_;
    std::vector<llama_seq_id> sequences_;
    std::vector<llama_seq_id*> pointers_;
    std::vector<std::int8_t> wanted_;
    std::size_t n_wanted_ = 0;
};

}  // namespace landauer
