// Damaged headers must end in a sentence: never in a crash, nor in gigabytes.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstring>
#include <random>

#include "gguf/memory.h"
#include "gguf/summary.h"
#include "gguf_testing.h"

namespace landauer {
namespace {

using testing::content_of;
using testing::TempFolder;
using testing::write_small_model;

class Damage : public ::testing::Test {
   protected:
    void SetUp() override {
        write_small_model(folder_ / "whole.gguf");
        const auto summary = inspect_gguf(folder_ / "whole.gguf");
        ASSERT_TRUE(summary);
        content_ = content_of(folder_ / "whole.gguf");
        header_bytes_ = summary->tensors.front().offset;
        file_ = folder_.write("damaged.gguf", content_);
    }

    // Inspects and uses what came out; what matters is that it returns.
    void inspect(const std::string& content) {
        // In place: file systems flush a file that is truncated and written again.
        std::fstream(file_, std::ios::binary | std::ios::in | std::ios::out) << content;
        const auto summary = inspect_gguf(file_);
        if (summary) {
            const MemoryPlan plan{.n_ctx = 4096};
            (void)check_memory(*summary, plan, 1);
            ++survivors_;
        } else {
            EXPECT_FALSE(summary.error().sentence.empty());
            EXPECT_FALSE(summary.error().remedy.empty());
            ++refusals_;
        }
    }

    TempFolder folder_;
    std::filesystem::path file_;
    std::string content_;
    std::size_t header_bytes_ = 0;
    int survivors_ = 0;
    int refusals_ = 0;
};

TEST_F(Damage, EveryBitOfTheHeaderFlipped) {
    for (std::size_t at = 0; at < header_bytes_; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string damaged = content_;
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
            inspect(damaged);
        }
    }
    EXPECT_GT(refusals_, 500);
    EXPECT_GT(survivors_, 500) << "a flipped letter in a text is no damage that can be seen";
}

// The stock reader takes such a key, and copying it would abort.
TEST_F(Damage, KeysWithoutANameAreRefused) {
    std::string damaged = content_;
    const std::string key = "test.large";
    damaged.replace(damaged.find(key), key.size(), std::string(key.size(), '\0'));
    std::ofstream(file_, std::ios::binary) << damaged;
    const auto summary = inspect_gguf(file_);
    ASSERT_FALSE(summary);
    EXPECT_EQ(summary.error().kind, ErrorKind::Invalid);
    EXPECT_NE(summary.error().sentence.find("a key has no name"), std::string::npos) << summary.error().sentence;
}

TEST_F(Damage, ManyBytesReplaced) {
    for (std::uint32_t seed = 0; seed < 600; ++seed) {
        std::mt19937_64 random(seed);
        std::string damaged = content_;
        const std::size_t n = 1 + random() % 12;
        for (std::size_t i = 0; i < n; ++i) damaged[random() % header_bytes_] = static_cast<char>(random());
        inspect(damaged);
    }
    EXPECT_GT(refusals_, 200);
}

TEST_F(Damage, HugeLengthsWrittenEverywhere) {
    const std::uint64_t lengths[] = {UINT64_MAX, INT64_MAX, 1ULL << 30U, 0};
    for (std::size_t at = 4; at + 8 <= header_bytes_; ++at) {
        for (const std::uint64_t length : lengths) {
            std::string damaged = content_;
            std::memcpy(damaged.data() + at, &length, sizeof(length));
            inspect(damaged);
        }
    }
    EXPECT_GT(refusals_, 1000);
}

// A list's length that a large file could just hold must not be believed before it was walked.
TEST_F(Damage, LengthsInALargeFileCostNoMemory) {
    const auto file = folder_ / "large.gguf";
    std::string damaged = content_;
    const auto key = damaged.find("tokenizer.ggml.tokens");
    const std::uint64_t strings = 1ULL << 26U;
    std::memcpy(damaged.data() + key + std::strlen("tokenizer.ggml.tokens") + 8, &strings, sizeof(strings));
    std::ofstream(file, std::ios::binary) << damaged;
    std::filesystem::resize_file(file, 1ULL << 34U);  // sparse
    rusage before{};
    rusage after{};
    getrusage(RUSAGE_SELF, &before);
    const auto summary = inspect_gguf(file);
    getrusage(RUSAGE_SELF, &after);
    EXPECT_FALSE(summary);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024) << "KiB";
}

}  // namespace
}  // namespace landauer
