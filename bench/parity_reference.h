// llama-bench's measuring loop, written anew on llama.h with the same mechanics: what
// landauer's engine is held against.
#pragma once

#include <cstdint>
#include <memory>

#include "llama.h"

namespace landauer {

struct ReferenceTest {
    std::int32_t n_prompt = 0;
    std::int32_t n_gen = 0;
    std::int32_t n_batch = 2048;
    std::int32_t n_ubatch = 512;
    std::int32_t n_threads = 1;
};

class Reference {
   public:
    // A context and a thread pool of its own on a model that others may use too.
    Reference(llama_model* model, const ReferenceTest& test);
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;
    Reference(Reference&&) = delete;
    Reference& operator=(Reference&&) = delete;
    ~Reference();

    [[nodiscard]] bool is_ready() const;
    // One repetition, nanoseconds on the monotonic clock; 0: llama.cpp failed.
    [[nodiscard]] std::int64_t repetition(std::uint32_t seed);

   private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace landauer
