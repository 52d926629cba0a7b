// What a model of factors, or the dense one that it stands for, says after a few tokens.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/engine_testing.h"
#include "engine/llama/load.h"
#include "tiny_model.h"

namespace landauer::testing::factors {

inline TinyModel model_of(const std::string& architecture) {
    TinyModel model;
    model.architecture = architecture;
    model.n_embd = 64;
    model.head_dim = 16;
    model.n_ff = {96, 96};
    model.n_head_kv = {4, 4};
    model.biases = architecture.starts_with("qwen2");
    return model;
}

struct Asking {
    std::int32_t n_tokens = 40;
    std::int32_t batch = 512;
    llama_flash_attn_type flash = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    bool repack = true;
};

inline Result<ModelPtr> load(const std::filesystem::path& file, const Asking& how) {
    start_backend();
    auto params = llama_model_default_params();
    params.use_extra_bufts = how.repack;
    EngineSettings settings;
    settings.model = file;
    return load_model(settings, params, {});
}

// Of the last token, after all of them in batches.
inline std::vector<float> logits_of(llama_model* model, const Asking& how) {
    auto params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = 2;
    params.flash_attn_type = how.flash;
    const ContextPtr context(llama_init_from_model(model, params));
    EXPECT_TRUE(context);
    if (!context) return {};
    std::vector<llama_token> tokens;
    for (std::int32_t i = 0; i < how.n_tokens; ++i) tokens.push_back((i * 37 + 11) % 97);
    for (std::int32_t first = 0; first < how.n_tokens; first += how.batch) {
        const std::int32_t n = std::min(how.batch, how.n_tokens - first);
        EXPECT_EQ(llama_decode(context.get(), llama_batch_get_one(tokens.data() + first, n)), 0);
    }
    const float* logits = llama_get_logits_ith(context.get(), -1);
    return {logits, logits + llama_vocab_n_tokens(llama_model_get_vocab(model))};
}

inline double distance(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.size() != b.size() || a.empty()) return INFINITY;
    double square = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        square += std::pow(static_cast<double>(a[i] - b[i]), 2.0);
        size += std::pow(static_cast<double>(b[i]), 2.0);
    }
    return std::sqrt(square / size);
}

inline std::vector<float> answer(const std::filesystem::path& file, const Asking& how) {
    const auto model = load(file, how);
    EXPECT_TRUE(model) << model.error().sentence;
    return model ? logits_of(model->get(), how) : std::vector<float>{};
}

}  // namespace landauer::testing::factors
