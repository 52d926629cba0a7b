#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gguf/memory.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

// The shape of SmolLM2-135M, whose sizes llama.cpp 0.5 logs as 180 MiB of cache at 8192
// tokens, and 98.25 MiB of scratch with flash attention, 166.38 MiB without.
GgufSummary smol() {
    GgufSummary summary;
    summary.path = "smol.gguf";
    summary.n_layer = 30;
    summary.n_embd = 576;
    summary.n_ff = 1536;
    summary.n_head = 9;
    summary.n_head_kv = 3;
    summary.head_dim_k = 64;
    summary.head_dim_v = 64;
    summary.n_vocab = 49152;
    summary.context_length = 8192;
    summary.tensor_bytes = 96'574'464;
    return summary;
}

constexpr double kMib = 1024.0 * 1024.0;

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / kMib; }

TEST(Memory, CacheIsExact) {
    EXPECT_EQ(mib(estimate_memory(smol(), {.n_ctx = 8192}).kv), 180.0);
    EXPECT_EQ(mib(estimate_memory(smol(), {.n_ctx = 512}).kv), 11.25);
    EXPECT_EQ(mib(estimate_memory(smol(), {.n_ctx = 257}).kv), 11.25) << "rounded up to 512";
}

TEST(Memory, CacheFollowsItsTypes) {
    MemoryPlan plan{.n_ctx = 8192, .type_k = "q8_0", .type_v = "q8_0"};
    EXPECT_NEAR(mib(estimate_memory(smol(), plan).kv), 180.0 * 34.0 / 64.0, 1e-9);
    plan.type_v = "f32";
    EXPECT_NEAR(mib(estimate_memory(smol(), plan).kv), 90.0 * 34.0 / 64.0 + 180.0, 1e-9);
}

TEST(Memory, ScratchIsAnUpperEstimate) {
    const double with_flash = mib(estimate_memory(smol(), {.n_ctx = 8192}).compute);
    EXPECT_GE(with_flash, 98.25);
    EXPECT_LE(with_flash, 160.0);
    const double without = mib(estimate_memory(smol(), {.n_ctx = 8192, .flash_attn = false}).compute);
    EXPECT_GE(without, 166.38);
    EXPECT_LE(without, 230.0);
}

TEST(Memory, RepackCopiesMappedMatricesOnly) {
    GgufSummary summary = smol();
    summary.tensors = {{.name = "token_embd.weight", .type = "q4_K", .shape = {256, 10}, .bytes = 1000},
                       {.name = "blk.0.ffn_up.weight", .type = "q4_K", .shape = {256, 10}, .bytes = 100},
                       {.name = "blk.0.ffn_norm.weight", .type = "f32", .shape = {256}, .bytes = 10},
                       {.name = "blk.0.ffn_gate.weight", .type = "f16", .shape = {256, 10}, .bytes = 1}};
    EXPECT_EQ(estimate_memory(summary, {}).repack_copy, 100U);
    EXPECT_EQ(estimate_memory(summary, {.repack = false}).repack_copy, 0U);
    EXPECT_EQ(estimate_memory(summary, {.mmap = false}).repack_copy, 0U);
}

TEST(Memory, SlidingWindowsAreNotOverestimated) {
    GgufSummary summary = smol();
    summary.sliding_window = 1024;
    EXPECT_LT(mib(estimate_memory(summary, {.n_ctx = 8192}).kv), 30.0);
    EXPECT_EQ(mib(estimate_memory(summary, {.n_ctx = 512}).kv), 11.25) << "the window does not bite";
}

TEST(Memory, RefusesWithNumbersAndRemedy) {
    const auto need = estimate_memory(smol(), {.n_ctx = 8192}).least();
    EXPECT_TRUE(check_memory(smol(), {.n_ctx = 8192}, need));
    const auto refused = check_memory(smol(), {.n_ctx = 8192}, need - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Failed);
    EXPECT_THAT(refused.error().sentence, HasSubstr("context of 8192 tokens 0.18"));
    EXPECT_THAT(refused.error().remedy, HasSubstr("smaller context"));
    const auto hopeless = check_memory(smol(), {.n_ctx = 8192}, 1);
    ASSERT_FALSE(hopeless);
    EXPECT_THAT(hopeless.error().remedy, HasSubstr("smaller model"));
}

}  // namespace
}  // namespace landauer
