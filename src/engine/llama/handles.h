// Owners for what libllama hands out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ggml-cpu.h"
#include "llama.h"

namespace landauer {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using ModelPtr = std::unique_ptr<llama_model, FreeWith<llama_model_free>>;
using ContextPtr = std::unique_ptr<llama_context, FreeWith<llama_free>>;
using SamplerPtr = std::unique_ptr<llama_sampler, FreeWith<llama_sampler_free>>;
using ThreadPoolPtr = std::unique_ptr<ggml_threadpool, FreeWith<ggml_threadpool_free>>;

// A context with the threads that serve it; the pool must outlive the context.
struct Context {
    ThreadPoolPtr threads;
    ContextPtr llama;
    [[nodiscard]] explicit operator bool() const { return llama != nullptr; }
};

// The state of a grid test's depth, kept so that only the first repetition computes it.
struct DepthState {
    std::int32_t depth = 0;
    std::uint32_t seed = 0;
    std::vector<std::uint8_t> bytes;
};

}  // namespace landauer
